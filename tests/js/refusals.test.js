// Refusals are told apart by eye, ear and hand: each kind alone is enough to know what to do with the paper.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { start, step } from "../../aidtrack/static/js/counter/machine.js";
import { kindOf } from "../../aidtrack/static/js/counter/refusals.js";
import { SIGNALS } from "../../aidtrack/static/js/counter/signals.js";
import { verdictOf } from "../../aidtrack/static/js/counter/view.js";
import { vectors } from "./vectors.js";

const { kinds } = vectors("refusals");
const REFUSALS = Object.values(kinds);
const SEEN = [...REFUSALS, "red", "due", "done", "undone", "lost"];
const HEARD = [...REFUSALS, "red", "card", "done", "undone", "lost"];
const file = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const once = (values) => assert.deepEqual(values.filter((one, place) => values.indexOf(one) !== place), []);
/** By ear: low, middle or high, short or long. Nobody tells 520 Hz from 540 Hz in a hall. */
const heard = ({ tones }) => tones.filter(([hertz]) => hertz).map(([hertz, ms]) => (hertz < 250 ? "L" : hertz < 600 ? "M" : "H") + (ms < 100 ? "s" : ms < 230 ? "m" : "l")).join(" ");
/** By hand: only how long each pulse is. */
const felt = ({ shake }) => shake.filter((_, place) => place % 2 === 0).map((ms) => (ms < 100 ? "s" : ms < 200 ? "m" : "l")).join("");

test("every refusal has a kind, and every kind is another one", () => {
  for (const [code, kind] of Object.entries(kinds)) assert.equal(kindOf(code, "red"), kind);
  once(REFUSALS);
  assert.deepEqual([kindOf("not_enough_stock", "red"), kindOf("of_tomorrow", "amber"), kindOf("constructor")], ["red", "amber", "red"]);
});

test("the stage and the signal follow the code", () => {
  for (const [code, kind] of Object.entries(kinds)) {
    const [looking] = step(start(), { type: "code", code: "A", source: "camera" });
    const [state, effects] = step(looking, { type: "answered", ticket: looking.ticket, cardId: "1", body: { code, tone: "red", title: "T", text: "t" } });
    assert.equal(verdictOf(state, {}).tone, kind);
    assert.deepEqual(effects, [{ do: "signal", name: kind }]);
  }
});

test("no two sound alike and no two shake alike", () => {
  once(HEARD.map((name) => heard(SIGNALS[name])));
  once(HEARD.map((name) => felt(SIGNALS[name])));
  for (const name of HEARD) assert.ok(SIGNALS[name].tones.reduce((sum, [, ms]) => sum + ms, 0) <= 700, `${name} is over before the next scan`);
});

test("no two have the same sign", () => {
  const markup = file("templates/scanner/_icons.html");
  once(SEEN.map((name) => new RegExp(`<symbol id="icon-${name}"[^>]*>(.*)</symbol>`).exec(markup)?.[1] ?? "none"));
});

const sheet = file("aidtrack/static/counter.css");
function colours(tone) {
  const found = new RegExp(`\\.stage\\[data-tone="${tone}"\\] \\{ --tone: (#\\w+); --tone-ground: (#\\w+); --tone-text: (#\\w+); \\}`).exec(sheet);
  assert.ok(found, tone);
  return { edge: found[1], ground: found[2], text: found[3] };
}
const linear = (hex) => {
  const whole = hex.length === 4 ? hex.slice(1).replace(/./g, "$&$&") : hex.slice(1);
  return [0, 2, 4].map((at) => Number.parseInt(whole.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
};
const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a, b) => {
  const [low, high] = [light(linear(a)), light(linear(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const times = (matrix, colour) => matrix.map((row) => row.reduce((sum, part, place) => sum + part * colour[place], 0));
/** What is left of a colour without red or green cones (Machado, Oliveira and Fernandes 2009, full strength). */
const EYES = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
};
function lab(hex, eye) {
  const [x, y, z] = times([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], times(EYES[eye], linear(hex)).map((c) => Math.min(1, Math.max(0, c))));
  const f = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [fx, fy, fz] = [f(x / 0.9505), f(y), f(z / 1.089)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}
const apart = (a, b, eye) => Math.hypot(...lab(a, eye).map((part, place) => part - lab(b, eye)[place]));

test("the words are read in the sun, and the edge is seen on a white and a black page", () => {
  for (const tone of SEEN) {
    const { edge, ground, text } = colours(tone);
    assert.ok(contrast(ground, text) >= 7, `${tone}: ${contrast(ground, text).toFixed(1)}`);
    assert.ok(contrast(edge, "#ffffff") >= 4.5, `${tone}'s edge: ${contrast(edge, "#ffffff").toFixed(1)}`);
  }
});

test("no two refusals have a ground that is taken for another's, nor for that of a good voucher, by any eyes", () => {
  const grounds = [...REFUSALS, "due", "done", "lost"];
  for (const eye of Object.keys(EYES)) {
    for (const [place, one] of grounds.entries()) {
      for (const other of grounds.slice(place + 1)) {
        const distance = apart(colours(one).ground, colours(other).ground, eye);
        assert.ok(distance > 14, `${one} and ${other}, ${eye}: ${distance.toFixed(1)}`);
      }
    }
  }
});

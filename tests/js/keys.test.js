import assert from "node:assert/strict";
import { test } from "node:test";
import { characterOf, createWedge, PAUSE_MS, SETTLE_MS } from "../../aidtrack/static/js/counter/keys.js";
import { stored } from "../../aidtrack/static/js/counter/codes.js";
import { vectors } from "./vectors.js";

const CODE = vectors("voucher_codes").good[0].code;
const UKRAINIAN = Object.fromEntries([..."QWERTYUIOPASDFGHJKLZXCVBNM"].map((key, n) => [key, "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬ"[n]]));

/** The stroke a scanner sends for a character. */
function stroke(character, { ukrainian = false } = {}) {
  if (/[A-Z]/.test(character)) {
    return { code: `Key${character}`, key: ukrainian ? UKRAINIAN[character] : character, shiftKey: true };
  }
  if (/\d/.test(character)) return { code: `Digit${character}`, key: character, shiftKey: false };
  if (character === ":") return { code: "Semicolon", key: ukrainian ? "Ж" : ":", shiftKey: true };
  if (character === "-") return { code: "Minus", key: "-", shiftKey: false };
  throw new Error(character);
}
const ENTER = { code: "Enter", key: "Enter" };

/** Types a text at a pace; gives what the wedge answered to the final Enter and when that was. */
function type(wedge, text, { at = 0, pace = 3, inField = false, ukrainian = false, end = ENTER } = {}) {
  for (const character of text) {
    wedge.push(stroke(character, { ukrainian }), at, inField);
    at += pace;
  }
  return { ...wedge.push(end, at, inField), at };
}

test("a code is read from key positions, whatever the layout", () => {
  assert.equal(type(createWedge(), CODE).code, CODE);
  assert.equal(type(createWedge(), CODE, { ukrainian: true }).code, CODE);
});

test("a short code with a hyphen is read", () => {
  assert.equal(type(createWedge(), "7K2MQ-9XT4B").code, "7K2MQ-9XT4B");
});

test("the Enter of a scan presses nothing", () => {
  assert.equal(type(createWedge(), CODE).swallow, true);
});

test("a pause begins a new code", () => {
  const wedge = createWedge();
  type(wedge, CODE.slice(0, 80), { end: { code: "ShiftLeft", key: "Shift" } });
  assert.equal(type(wedge, CODE, { at: 80 * 3 + PAUSE_MS + 1 }).code, CODE);
});

test("the Enter of a scan that broke off presses nothing and is no code", () => {
  const wedge = createWedge();
  wedge.push(stroke("A"), 0, false);
  wedge.push(stroke("B"), 3, false);
  assert.deepEqual(wedge.push(ENTER, 10, false), { swallow: true, burst: 0 });
  assert.equal(wedge.push(ENTER, 3 + SETTLE_MS, false).swallow, false);
});

test("a person's Enter is left alone", () => {
  assert.equal(createWedge().push(ENTER, 10_000, false).swallow, false);
});

test("slow typing outside of fields is no scan", () => {
  assert.equal(type(createWedge(), "ABCDEFGHIJ", { pace: PAUSE_MS + 20 }).code, undefined);
});

test("typing in a field is left to the field, a voucher code is taken out of it", () => {
  assert.deepEqual(type(createWedge(), "7K2MQ9XT4B", { inField: true }).code, undefined);
  const scan = type(createWedge(), CODE, { inField: true, ukrainian: true });
  assert.deepEqual([scan.code, scan.burst], [CODE, CODE.length]);
});

test("a scanner that ends with Tab is understood, a person's Tab moves on", () => {
  const tab = { code: "Tab", key: "Tab" };
  assert.equal(type(createWedge(), CODE, { end: tab }).code, CODE);
  assert.deepEqual(type(createWedge(), "ABCDEFGH", { end: tab }).swallow, false);
});

test("a scanner without any end is understood after the pause", () => {
  const wedge = createWedge();
  type(wedge, CODE, { end: { code: "ShiftLeft", key: "Shift" } });
  const last = (CODE.length - 1) * 3;
  assert.equal(wedge.idle(last + 10), undefined);
  assert.equal(wedge.idle(last + PAUSE_MS), CODE);
  assert.equal(wedge.idle(last + PAUSE_MS), undefined);
});

test("shortcuts and text being composed are no characters", () => {
  for (const held of ["ctrlKey", "altKey", "metaKey", "isComposing"]) {
    assert.equal(characterOf({ code: "KeyA", key: "a", [held]: true }), "");
  }
});

test("keys without a position give their letter, others nothing", () => {
  assert.equal(characterOf({ code: "", key: "ф" }), "Ф");
  assert.equal(characterOf({ code: "", key: "Process" }), "");
  assert.equal(characterOf({ code: "F5", key: "F5" }), "");
  assert.equal(characterOf({ code: "Numpad7", key: "7" }), "7");
});

test("three thousand characters of something else do no harm", () => {
  const text = "ABCDEFGH12".repeat(600);
  const { code } = type(createWedge(), text);
  assert.equal(code.length, 4000);
});

test("every code of the shared vectors arrives whole", () => {
  for (const { code } of vectors("voucher_codes").good) {
    assert.equal(type(createWedge(), stored(code), { ukrainian: true }).code, code);
  }
});

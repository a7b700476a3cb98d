import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { outcomeOf } from "../../aidtrack/static/js/counter/calls.js";
import { newId } from "../../aidtrack/static/js/counter/ids.js";
import { SIGNALS, signal, wakeAudio } from "../../aidtrack/static/js/counter/signals.js";
import { AWAY_MS, createSightings } from "../../aidtrack/static/js/counter/sightings.js";
import { verdictOf } from "../../aidtrack/static/js/counter/view.js";
import { start } from "../../aidtrack/static/js/counter/machine.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under another name

const reply = (status, body) => ({
  status, ok: status < 300, json: async () => (typeof body === "string" ? JSON.parse(body) : body),
});

test("what a reply means", async () => {
  const cases = [
    [200, { tone: "green" }, "answer"], [201, { tone: "done" }, "answer"], [409, { code: "x" }, "refused"],
    [401, {}, "signedOut"], [400, { code: "form_not_verified" }, "outdated"], [500, {}, "lost"], [503, {}, "lost"],
    [200, "<h1>Wi-Fi</h1>", "lost"], [404, "<html>", "lost"], [200, null, "lost"], [200, "5", "lost"],
  ];
  for (const [status, body, kind] of cases) assert.equal((await outcomeOf(reply(status, body))).kind, kind);
});

test("ids are random UUIDs, with and without the browser's own maker", (t) => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newId(), form);
  const maker = Object.getOwnPropertyDescriptor(crypto, "randomUUID");
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  t.after(() => (maker ? Object.defineProperty(crypto, "randomUUID", maker) : delete crypto.randomUUID));
  const made = new Set(Array.from({ length: 100 }, newId));
  for (const id of made) assert.match(id, form);
  assert.equal(made.size, 100);
});

test("a voucher before the camera is reported once, and again after it was away", () => {
  const sightings = createSightings();
  assert.equal(sightings.see("A", 0), true);
  for (let at = 100; at < 10_000; at += 100) assert.equal(sightings.see("A", at), false);
  assert.equal(sightings.see("B", 10_000), true);
  assert.equal(sightings.see("A", 10_100), true);
  assert.equal(sightings.see("A", 10_100 + AWAY_MS), true);
  sightings.know("C", 20_000);
  assert.equal(sightings.see("C", 20_100), false);
});

test("every outcome sounds and shakes in its own way", () => {
  const played = Object.values(SIGNALS).map(({ tones, shake }) => JSON.stringify([tones, shake]));
  assert.equal(new Set(played).size, played.length);
  const shaken = Object.values(SIGNALS).map(({ shake }) => shake.join());
  assert.equal(new Set(shaken).size, shaken.length);
});

test("only a receipt looks done: no other phase has its tone", () => {
  const words = new Proxy({}, { get: (_, name) => String(name) });
  const phases = ["ready", "looking", "card", "giving", "unsure", "refused", "scanLost", "undoing", "undoUnsure", "undone", "signedOut", "outdated"];
  for (const phase of phases) {
    const answer = { tone: "green", title: "", text: "" };
    assert.notEqual(verdictOf({ ...start(), phase, answer }, words).tone, "done");
  }
  assert.equal(verdictOf({ ...start(), phase: "done" }, words).tone, "done");
});

test("each outcome is really played and shaken as its table says", (t) => {
  /** @type {any[][]} */
  let played = [];
  /** @type {number[][]} */
  const shaken = [];
  const connect = (/** @type {any} */ next) => next;
  class AudioContext {
    state = "suspended";
    currentTime = 5;
    destination = {};
    async resume() {
      this.state = "running";
    }
    createGain() {
      const level = (/** @type {number} */ to) => (this.loudest = Math.max(this.loudest ?? 0, to));
      return { gain: { setValueAtTime: level, exponentialRampToValueAtTime: level }, connect };
    }
    createOscillator() {
      const voice = {
        type: "", frequency: { value: 0 }, connect, start: (/** @type {number} */ at) => (voice.from = at), from: 0,
        stop: (/** @type {number} */ at) => played.push([voice.type, voice.frequency.value, Math.round((voice.from - this.currentTime) * 1000), Math.round((at - voice.from) * 1000), this.loudest]),
      };
      return voice;
    }
  }
  const activation = { hasBeenActive: true };
  const navigator = { userActivation: activation, vibrate: (/** @type {number[]} */ rhythm) => shaken.push(rhythm) };
  for (const [name, value] of Object.entries({ AudioContext, navigator })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
  }
  wakeAudio(); // by a press: it runs from now on
  for (const [name, { tones, shape, shake }] of Object.entries(SIGNALS)) {
    played = [];
    shaken.length = 0;
    signal(name);
    let at = 10; // ms after now
    const wanted = [];
    for (const [hertz, ms] of tones) {
      if (hertz > 0) wanted.push([shape, hertz, at, ms, 0.4]);
      at += ms;
    }
    assert.deepEqual(played, wanted, name);
    assert.deepEqual(shaken, [shake], name);
  }
  activation.hasBeenActive = false; // before the first touch a browser refuses both, and complains
  shaken.length = 0;
  signal("done");
  assert.deepEqual(shaken, []);
});

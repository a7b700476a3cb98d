// What only some browsers can: the home screen, storage that stays, their own reader of codes, the torch.

import assert from "node:assert/strict";
import test from "node:test";

import { createCamera } from "../../aidtrack/static/js/counter/camera.js";
import { askToKeep, installing, isKept } from "../../aidtrack/static/js/field/page/keeping.js";
import { watchPage } from "../../aidtrack/static/js/field/page/updates.js";

/** @param {import("node:test").TestContext} t @param {Record<string, any>} parts of the browser, until the test ends */
function browser(t, parts) {
  for (const [name, value] of Object.entries(parts)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
}
const turn = () => new Promise((next) => setTimeout(next));

test("the browser's offer to install is held back and made when somebody wants it, once", async (t) => {
  const page = new EventTarget();
  browser(t, { addEventListener: page.addEventListener.bind(page) });
  const seen = [];
  const homeScreen = installing((possible) => seen.push(possible));
  let prompts = 0;
  const offer = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: async () => (prompts += 1) });
  page.dispatchEvent(offer);
  assert.ok(offer.defaultPrevented);
  assert.deepEqual([prompts, seen], [0, [true]]);
  await homeScreen.install();
  await homeScreen.install();
  assert.deepEqual([prompts, seen.at(-1)], [1, false]);
  page.dispatchEvent(offer);
  page.dispatchEvent(new Event("appinstalled"));
  await homeScreen.install();
  assert.equal(prompts, 1, "it is there already");
});

test("storage that stays is asked for only where it is not given yet", async (t) => {
  let asked = 0;
  const storage = { given: false, persisted: async () => storage.given, persist: async () => ((asked += 1), (storage.given = true)) };
  browser(t, { navigator: { storage } });
  assert.equal(await isKept(), false);
  assert.deepEqual([await askToKeep(), await askToKeep(), asked, await isKept()], [true, true, 1, true]);
  storage.persisted = async () => { throw new TypeError("private"); };
  assert.deepEqual([await askToKeep(), await isKept()], [false, false]);
  browser(t, { navigator: {} });
  assert.equal(await askToKeep(), false);
});

test("sending later is asked of the browsers that can, by the worker's own tag", async (t) => {
  const tags = [];
  const registration = Object.assign(new EventTarget(), { active: {}, sync: { register: async (tag) => tags.push(tag) } });
  const container = Object.assign(new EventTarget(), { ready: Promise.resolve(), controller: {}, register: async () => registration });
  browser(t, { navigator: { serviceWorker: container }, document: { readyState: "complete" }, addEventListener: () => {}, setInterval: () => 0 });
  const states = [];
  const keeper = watchPage({ worker: "/sw.js", scope: "/field/", newer: () => {}, kept: (state) => states.push(state), free: () => true });
  await turn();
  await keeper.background();
  assert.deepEqual(tags, ["aidtrack-field-sync"]);
  registration.sync.register = async () => { throw new DOMException("denied", "NotAllowedError"); };
  await keeper.background();
  delete registration.sync;
  await keeper.background();
  assert.equal(states.at(-1), "kept");
  browser(t, { navigator: {} });
  await watchPage({ worker: "/sw.js", scope: "/field/", newer: () => {}, kept: (state) => states.push(state), free: () => true }).background();
  assert.equal(states.at(-1), "never");
});

/** A phone's camera: its light, and what lies before it. */
function lens({ torch = true, fails = false } = {}) {
  const track = Object.assign(new EventTarget(), {
    light: false, stopped: false,
    getCapabilities: () => ({ torch }), getSettings: () => ({ deviceId: "back" }),
    stop: () => (track.stopped = true),
    applyConstraints: async ({ advanced: [wanted] }) => {
      if (fails) throw new DOMException("busy", "NotReadableError");
      track.light = wanted.torch;
    },
  });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  return { track, mediaDevices: { getUserMedia: async () => stream, enumerateDevices: async () => [] } };
}
const video = () => ({ readyState: 4, srcObject: null, play: async () => {} });
/** The browser's own reader. */
class Eyes {
  static seen = [];
  static formats = ["qr_code", "ean_13"];
  static getSupportedFormats = async () => Eyes.formats;
  constructor(how) {
    Eyes.how = how;
  }
  detect = async () => {
    const text = Eyes.seen.shift();
    if (text === "blurred") throw new DOMException("frame", "InvalidStateError");
    return text ? [{ rawValue: text }] : [];
  };
}

test("the browser's own reader is used where it reads QR codes; a frame it cannot read costs nothing", async (t) => {
  const { mediaDevices } = lens();
  browser(t, { window: { BarcodeDetector: Eyes }, navigator: { mediaDevices }, document: { createElement: () => assert.fail("the vendored reader was loaded") } });
  Eyes.seen = ["blurred", "AID1:A", undefined];
  const found = [];
  await new Promise((done) => {
    const camera = createCamera({ video: video(), script: "/reader.js", wasm: "/reader.wasm", changed: () => {}, found: (text) => { found.push(text); camera.stop(); done(); } });
    camera.start();
  });
  assert.deepEqual([found, Eyes.how], [["AID1:A"], { formats: ["qr_code"] }]);
});

test("the torch is offered where the camera has one, and goes out with the camera", async (t) => {
  const { track, mediaDevices } = lens();
  browser(t, { window: { BarcodeDetector: Eyes }, navigator: { mediaDevices } });
  let drawn = 0;
  const camera = createCamera({ video: video(), script: "", wasm: "", found: () => {}, changed: () => (drawn += 1) });
  assert.equal(camera.hasTorch, false);
  assert.equal(await camera.start(), "");
  assert.deepEqual([camera.hasTorch, camera.torchOn, camera.current], [true, false, "back"]);
  await camera.switchTorch();
  assert.deepEqual([camera.torchOn, track.light], [true, true]);
  await camera.switchTorch();
  assert.deepEqual([camera.torchOn, track.light], [false, false]);
  const before = drawn;
  await camera.switchTorch();
  camera.stop();
  assert.deepEqual([camera.torchOn, camera.on, track.stopped, drawn], [false, false, true, before + 2]);
});

test("a torch that does not obey is shown dark, and one that is missing is not offered", async (t) => {
  const stubborn = lens({ fails: true });
  browser(t, { window: { BarcodeDetector: Eyes }, navigator: { mediaDevices: stubborn.mediaDevices } });
  const camera = createCamera({ video: video(), script: "", wasm: "", found: () => {}, changed: () => {} });
  await camera.start();
  await camera.switchTorch();
  assert.equal(camera.torchOn, false);
  camera.stop();
  browser(t, { navigator: { mediaDevices: lens({ torch: false }).mediaDevices } });
  await camera.start();
  assert.equal(camera.hasTorch, false);
  camera.stop();
});

test("why no camera starts has a word each", async (t) => {
  const camera = createCamera({ video: video(), script: "", wasm: "", found: () => {}, changed: () => {} });
  browser(t, { navigator: {} });
  assert.equal(await camera.start(), "unsafe");
  for (const [name, why] of [["NotAllowedError", "refused"], ["SecurityError", "refused"], ["NotFoundError", "missing"], ["NotReadableError", "failed"]]) {
    browser(t, { navigator: { mediaDevices: { getUserMedia: async () => { throw new DOMException("", name); } } } });
    assert.equal(await camera.start(), why, name);
  }
});

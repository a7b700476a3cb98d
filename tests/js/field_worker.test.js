// The page's keeper as the browser runs it: its text with a fake of everything around it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { runInNewContext } from "node:vm";

const TEXT = readFileSync(new URL("../../aidtrack/static/js/field/page/worker.js", import.meta.url), "utf8");
const KEPT = { build: "b2", pages: { uk: "/field/uk", en: "/field/en" }, fallback: "uk", files: ["/static/app.js"] };

/** A worker with its caches, and `fire` for the browser's events. */
function worker({ sendInBackground, caches: before = {} } = {}) {
  /** @type {Map<string, Map<string, string>>} */
  const disk = new Map(Object.entries(before).map(([name, rows]) => [name, new Map(Object.entries(rows))]));
  const heard = new Map();
  const done = { skipped: 0, claimed: 0, fetched: [] };
  const addressOf = (request) => (typeof request === "string" ? request : request.url);
  const cacheOf = (name) => {
    if (!disk.has(name)) disk.set(name, new Map());
    const rows = disk.get(name);
    return {
      addAll: async (all) => all.forEach((one) => rows.set(addressOf(one), `kept ${addressOf(one)}`)),
      put: async (address, response) => void rows.set(address, await response.text()),
      match: async (address) => (rows.has(address) ? new Response(rows.get(address)) : undefined),
    };
  };
  const self = {
    location: { origin: "https://centre.test" }, sendInBackground,
    addEventListener: (name, hear) => heard.set(name, hear),
    skipWaiting: () => (done.skipped += 1),
    clients: { claim: async () => (done.claimed += 1) },
  };
  runInNewContext(TEXT, {
    self, KEPT, URL, Response, RegExp,
    Request: class { constructor(url, how) { Object.assign(this, { url, how }); } },
    caches: { open: async (name) => cacheOf(name), keys: async () => [...disk.keys()], delete: async (name) => disk.delete(name) },
    fetch: async (what) => (done.fetched.push(String(addressOf(what))), new Response("from the network")),
  });
  async function fire(name, event = {}) {
    const waits = [];
    let answer;
    heard.get(name)({ ...event, waitUntil: (work) => waits.push(work), respondWith: (work) => (answer = work) });
    await Promise.all(waits);
    return { waited: waits.length, text: answer && (await (await answer).text()) };
  }
  const ask = (path, more = {}) => fire("fetch", { request: { method: "GET", mode: "navigate", url: `https://centre.test${path}`, ...more } });
  return { fire, ask, disk, done };
}

test("it keeps the whole page and forgets the version before, but not the language nor another's", async () => {
  const { fire, disk, done } = worker({ caches: { "aidtrack-field-b1": {}, "aidtrack-choice": { "/field/language": "en" }, other: {} } });
  await fire("install");
  assert.deepEqual([...disk.get("aidtrack-field-b2").keys()], ["/field/uk", "/field/en", "/static/app.js"]);
  assert.equal(done.skipped, 0, "a new version waits until somebody takes it");
  await fire("activate");
  assert.deepEqual([...disk.keys()].sort(), ["aidtrack-choice", "aidtrack-field-b2", "other"]);
  await fire("message", { data: { type: "chat" } });
  assert.equal(done.skipped, 0);
  await fire("message", { data: { type: "take-over" } });
  assert.equal(done.skipped, 1);
});

test("it answers for the page and its files alone, in the language last looked at", async () => {
  const { fire, ask, done } = worker();
  await fire("install");
  assert.equal((await ask("/field/")).text, "kept /field/uk");
  assert.equal((await ask("/field/en")).text, "kept /field/en");
  assert.equal((await ask("/field/?from=home")).text, "kept /field/en");
  assert.equal((await ask("/static/app.js", { mode: "cors" })).text, "kept /static/app.js");
  for (const [path, more] of [["/sync/v1/pack", { mode: "cors" }], ["/reviews", {}], ["/field/uk", { method: "POST" }], ["/static/app.js", { mode: "cors", url: "https://else.test/static/app.js" }]]) {
    assert.equal((await ask(path, more)).text, undefined, path);
  }
  assert.deepEqual(done.fetched, []);
});

test("Background Sync sends with the page closed, and what is left keeps the browser trying", async () => {
  let sent = 0;
  const { fire } = worker({ sendInBackground: async () => { if (++sent === 2) throw new Error("left"); } });
  assert.equal((await fire("sync", { tag: "aidtrack-field-sync" })).waited, 1);
  await assert.rejects(fire("sync", { tag: "aidtrack-field-sync" }), /left/);
  await fire("sync", { tag: "another's" });
  assert.equal(sent, 2);
  assert.equal((await worker().fire("sync", { tag: "aidtrack-field-sync" })).waited, 0, "a browser whose workers know no modules");
});

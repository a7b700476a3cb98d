/**
 * `node story.mjs GIVEN ANSWER`: the phone's engine against a real server, over HTTP. GIVEN holds {url, invitation,
 * codes, typed, supervisor}; ANSWER gets what the phone saw, for tests/scanner/devices/test_engine.py.
 */

import { webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { toB64 } from "../../../aidtrack/static/js/field/bytes.js";
import { openEngine } from "../../../aidtrack/static/js/field/engine.js";
import { memoryStore, newDisk } from "../../../aidtrack/static/js/field/memory.js";

globalThis.crypto ??= webcrypto;

const [given, answer] = process.argv.slice(2);
const { url, invitation, codes, typed, supervisor } = JSON.parse(readFileSync(given, "utf8"));

/** What becomes of the next answers to events: dropped, cut, or as they are. */
const fates = [];
const calls = [];
const fetching = async (path, init) => {
  const { redirected, status, headers, ...rest } = await fetch(url + path, init).then(async (response) => ({
    redirected: response.redirected, status: response.status, headers: response.headers, bytes: await response.arrayBuffer(),
  }));
  calls.push([init.method, path.split("?")[0], status]);
  const fate = path === "/sync/v1/events" ? fates.shift() : undefined;
  if (fate === "drop") throw new TypeError("Failed to fetch");
  if (fate === "cut") return new Response(rest.bytes.slice(0, rest.bytes.byteLength / 2), { status, headers });
  return Object.defineProperty(new Response(status === 304 ? null : rest.bytes, { status, headers }), "redirected", { value: redirected });
};

const disk = newDisk();
const open = () => openEngine({ store: memoryStore(disk), app: "0.2.0", fetch: fetching, locks: { request: (_name, work) => work() } });
const seen = {};
const note = ({ code, card, lines }) => ({ code, name: card?.name ?? null, lines: lines.map(({ item, due, available, picks }) => [item, due, available, picks.length]) });
const give = async (engine, code, order = {}) => engine.handout({ id: crypto.randomUUID(), verdict: await engine.look(code, "camera"), ...order });
const stock = async (engine, item) => (await engine.plan([{ item, units: 10 ** 9 }]))[0].available;

let engine = await open();
await engine.enrol(invitation, "node");
seen.first = await engine.sync();
seen.stock_before = await stock(engine, "RICE");
seen.ready = note(await engine.look(codes[0], "camera"));
seen.typed = note(await engine.look(typed[1], "typed"));
const one = await give(engine, codes[0]);
await give(engine, codes[1], { units: { RICE: 100 }, reason: "refused_part" });
await engine.undo({ id: crypto.randomUUID(), of: one.id, reason: "wrong_family" });
seen.without_code = await engine.withoutVoucher({ ...supervisor, id: crypto.randomUUID(), code: "0000000000", family: "Сім’я", reason: "згорів", lines: [{ item: "RICE", units: 7 }] }).then(() => "ok", ({ code }) => code);
await engine.withoutVoucher({ ...supervisor, id: crypto.randomUUID(), family: "Сім’я", reason: "згорів", lines: [{ item: "RICE", units: 7 }] });
seen.stock_offline = await stock(engine, "RICE");

fates.push("drop", "cut");
seen.dropped = await engine.sync({ now: true });
seen.cut = await engine.sync({ now: true });
seen.sent = await engine.sync({ now: true });
seen.stock_online = await stock(engine, "RICE");

engine.close();
engine = await open();
seen.again = [note(await engine.look(codes[0], "camera")).code, note(await engine.look(codes[1], "camera")).code];
await give(engine, codes[0]);
seen.file = toB64((await engine.files())[0].bytes);
seen.last = await engine.sync({ now: true });
seen.same = await engine.sync({ now: true });
seen.own = await engine.own(9);
seen.status = await engine.status().then(({ device, pack, ...rest }) => ({ ...rest, place: device.place, head: pack.head, left: pack.leftMs }));
seen.calls = calls;
writeFileSync(answer, JSON.stringify(seen));

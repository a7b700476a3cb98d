import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromB64, hex, same, sha256, toB64, utf8 } from "../../aidtrack/static/js/field/bytes.js";
import { authorization } from "../../aidtrack/static/js/field/device.js";
import { sealed, stored } from "../../aidtrack/static/js/field/file.js";
import { familyOf, hasBit, packOf, readPack, stretched, tokenOf } from "../../aidtrack/static/js/field/pack.js";
import { HOUR, centreKey, makePack, voucher } from "./support/field.js";
import { FAULTS, give, world } from "./support/server.js";
import { vectors } from "./vectors.js";

const given = vectors("pack");
const small = fromB64(given.pack_small);
const unreadable = (error) => error.code === "pack_unreadable";

/** The whole pack: the small one with the two bit lists before its rows. */
async function wholePack() {
  const length = new DataView(small.buffer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(small.subarray(4, 4 + length)));
  const list = (places) => {
    const bits = new Uint8Array(32_768);
    for (const place of places) bits[place >> 3] |= 128 >> (place & 7);
    return bits;
  };
  const added = [];
  for (const name of ["void", "collected"]) {
    const bytes = list(given[name]);
    added.push({ name, bytes: bytes.length, hash: toB64(await sha256(bytes)), blob: bytes });
  }
  const text = utf8(JSON.stringify({ ...head, blobs: [...added.map(({ blob: _, ...entry }) => entry), ...head.blobs] }));
  const start = new Uint8Array(4);
  new DataView(start.buffer).setUint32(0, text.length);
  return concat(start, text, ...added.map(({ blob }) => blob), small.subarray(4 + length));
}

async function openedPack() {
  const { head, blobs } = await readPack(await wholePack());
  return packOf(head, blobs, Date.parse(head.issued_at), 1);
}

test("the pack of the vectors is the server's, byte by byte", async () => {
  const bytes = await wholePack();
  assert.equal(bytes.length, given.pack_bytes);
  assert.equal(hex(await sha256(bytes)), given.pack_sha256);
});

test("rows open with the voucher's id, and short codes give the voucher", async () => {
  const pack = await openedPack();
  for (const { voucher_id_hex: id, row, typed_code: typed, code } of given.vouchers) {
    const family = await familyOf(pack, Uint8Array.from(id.match(/../g), (pair) => parseInt(pair, 16)));
    assert.deepEqual(family, { name: row.n, persons: row.s, proxy: row.c });
    assert.equal(await tokenOf(pack, typed), code);
  }
  assert.equal(await familyOf(pack, new Uint8Array(16)), null);
  assert.equal(await tokenOf(pack, "0000000000"), null);
});

test("bits are read most significant first, and a place beyond the list is not set", async () => {
  const { blobs } = await openedPack();
  for (let place = 0; place < 300_000; place += 1) {
    if (hasBit(blobs.get("void"), place) !== given.void.includes(place)) assert.fail(String(place));
    if (hasBit(blobs.get("collected"), place) !== given.collected.includes(place)) assert.fail(String(place));
  }
  assert.equal(hasBit(blobs.get("void"), 2 ** 24 - 1), false);
});

test("a row that was changed opens nothing", async () => {
  const pack = await openedPack();
  const id = Uint8Array.from(given.vouchers[0].voucher_id_hex.match(/../g), (pair) => parseInt(pair, 16));
  const rows = pack.blobs.get("rows");
  const place = rows.length / 164;
  for (let at = 0; at < place; at += 1) rows[at * 164 + 100] ^= 1;
  assert.equal(await familyOf(pack, id), null);
});

test("a pack cut anywhere, or with a changed byte, is not taken", async () => {
  const centre = await centreKey();
  const { bytes } = await makePack({ centre, vouchers: [await voucher(centre)] });
  for (let cut = 0; cut < bytes.length; cut = cut < 40 ? cut + 1 : Math.ceil(cut * 1.3)) {
    await assert.rejects(readPack(bytes.slice(0, cut)), unreadable, String(cut));
  }
  await assert.rejects(readPack(concat(bytes, new Uint8Array(1))), unreadable);
  for (const at of [bytes.length - 1, bytes.length - 200, bytes.length - 1_500, 0, 2]) {
    const changed = bytes.slice();
    changed[at] ^= 1;
    await assert.rejects(readPack(changed), unreadable, String(at));
  }
  for (const other of [utf8("<!doctype html>"), new Uint8Array(), new Uint8Array(4)]) await assert.rejects(readPack(other), unreadable);
});

test("a pack of another version, or without what the phone needs, is not taken", async () => {
  const centre = await centreKey();
  await assert.rejects(readPack((await makePack({ centre, head: { v: 2 } })).bytes), { code: "newer_pack" });
  for (const head of [{ v: 0 }, { v: "1" }, { lots: null }, { good_for_s: undefined }, { site: { time_zone: "Nowhere/None" } }, { serial: 5 }, { round: {} }]) {
    await assert.rejects(readPack((await makePack({ centre, head })).bytes), unreadable, JSON.stringify(head));
  }
});

test("what the server left out because it is unchanged is the phone's own; another's is not taken for it", async () => {
  const centre = await centreKey();
  const vouchers = [await voucher(centre)];
  const first = await readPack((await makePack({ centre, vouchers })).bytes);
  const { head, bytes } = await makePack({ centre, vouchers, keep: ["void"], head: { serial: "P-2" } });
  const next = await readPack(bytes, first.blobs);
  assert.deepEqual(next.fresh, ["collected", "rows", "typed"]);
  assert.equal(next.head.serial, "P-2");
  assert.ok(same(next.blobs.get("void"), first.blobs.get("void")));
  await assert.rejects(readPack(bytes), unreadable);
  await assert.rejects(readPack(bytes, new Map([["void", new Uint8Array(head.blobs[0].bytes).fill(1)]])), unreadable);
});

test("what is signed of a request is what the server verifies", async () => {
  const verifying = await crypto.subtle.importKey("raw", fromB64(given.device_public_key), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", verifying);
  const d = toB64(Uint8Array.from(given.device_private_scalar_hex.match(/../g), (pair) => parseInt(pair, 16)));
  const privateKey = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y, d }, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const verified = (signature, text) => crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, verifying, fromB64(signature), utf8(text));
  for (const { method, path, body, milliseconds, random, signed_text: text, signature, authorization: written } of given.requests) {
    assert.ok(await verified(signature, text));
    const made = await authorization({ id: given.head.device, privateKey }, { method, path, body, ms: milliseconds, nonce: fromB64(random) });
    assert.equal(made.slice(0, made.lastIndexOf(".")), written.slice(0, written.lastIndexOf(".")));
    assert.ok(await verified(made.slice(made.lastIndexOf(".") + 1), text));
  }
  assert.ok(await verified(given.event.sig, `AID-EVT1\n${given.event.body}`));
  assert.equal(toB64(await sha256(utf8(given.event.body))), given.event.hash);
});

test("a supervisor's code gives the key of the vectors", async () => {
  const { code, key_hex: key, in_pack: how } = given.supervisor;
  assert.equal(hex(await stretched(code, how, 256)), key);
  assert.equal(toB64(await sha256(await stretched(code, how, 256))), how.hash);
});

/** Reads a file of unsent events with the centre's private key, as the server does. */
async function opened(file, jwk) {
  const own = await crypto.subtle.importKey("jwk", jwk, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const point = concat(Uint8Array.of(4), fromB64(jwk.x), fromB64(jwk.y));
  const ephemeral = file.slice(8, 73);
  const theirs = await crypto.subtle.importKey("raw", ephemeral, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: concat(ephemeral, point), info: utf8("aidtrack file v1") };
  const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  return unzipped(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: file.slice(73, 85) }, key, file.slice(85))));
}

async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

async function fileJwk() {
  const d = Uint8Array.from(given.file.file_private_scalar_hex.match(/../g), (pair) => parseInt(pair, 16));
  const point = fromB64(given.head.file_key);
  return { kty: "EC", crv: "P-256", d: toB64(d), x: toB64(point.slice(1, 33)), y: toB64(point.slice(33)) };
}

test("the file of unsent events opens with the centre's key alone, as the vectors' file does", async () => {
  const jwk = await fileJwk();
  assert.deepEqual(JSON.parse(await opened(fromB64(given.file.file), jwk)), given.file.content);
  const { device, events } = given.file.content;
  const file = await sealed(device, [...events, { ...events[0], hash: "stays here", lots: [] }], given.head.file_key);
  assert.deepEqual(JSON.parse(await opened(file, jwk)), { device, events: [events[0], events[0]] });
  assert.ok(!new TextDecoder("latin1").decode(file).includes(device));
});

test("a browser that cannot compress still writes gzip", async () => {
  for (const size of [0, 1, 65_535, 65_536, 200_000]) {
    const text = "ґ".repeat(size / 2);
    assert.equal(await unzipped(stored(utf8(text))), text);
  }
});

test("the newest pack follows the events; an unchanged one lives on from the server's word", async () => {
  const { engine, server, phone } = await world();
  assert.equal((await engine.sync()).pack, "same");
  phone.time.pass(70 * HOUR);
  assert.equal((await engine.sync()).pack, "same");
  assert.equal((await engine.status()).pack.leftMs, 72 * HOUR);
  assert.equal(server.calls.at(-1).headers["If-None-Match"], '"P-1"');
  const held = new Set((await engine.status()).pack.head.blobs.map(({ name, hash }) => `${name}.${hash}`));
  server.serial = 2;
  assert.equal((await engine.sync()).pack, "same", "not after each handout");
  phone.time.pass(120_000);
  assert.equal((await engine.sync()).pack, "new");
  assert.equal((await engine.status()).pack.serial, "P-2");
  const have = new URL(server.calls.at(-1).path, "https://x.example").searchParams.get("have").split(",");
  assert.deepEqual(have, [...held], "what is held is named, so that it need not come again");
});

test("a pack that is cut, another phone's or older leaves the one that is here", async () => {
  const { engine, server, phone, vouchers } = await world();
  server.serial = 2;
  const changed = (head) => async () => {
    const { bytes } = await makePack({ centre: server.centre, device: (await phone.store.activeDevice()).id, vouchers, head: { serial: "P-2", ...head } });
    return new Response(bytes, { status: 200 });
  };
  const cut = async (_call, answer) => new Response((await (await answer()).arrayBuffer()).slice(0, 500), { status: 200 });
  for (const faults of [[cut, cut], [FAULTS.html, FAULTS.html], [changed({ device: "another" })], [FAULTS[500]], [FAULTS.down]]) {
    server.faults = faults;
    const report = await engine.sync({ now: true });
    assert.equal(report.pack, "failed");
    assert.equal((await engine.status()).pack.serial, "P-1");
    assert.equal((await engine.look(vouchers[0].code, "camera")).code, "ready");
  }
  server.faults = [changed({ issued_at: "2026-11-20T00:00:00.000Z" })];
  assert.equal((await engine.sync({ now: true })).pack, "same");
  server.faults = [];
  assert.equal((await engine.sync({ now: true })).pack, "new");
});

test("a pack of tomorrow's kind leaves the one that is here, and what was handed out is sent all the same", async () => {
  const { engine, server, vouchers } = await world({ count: 2 });
  for (const voucher of vouchers) await give(engine, voucher);
  server.head = { v: 2 };
  server.serial = 2;
  const report = await engine.sync({ now: true });
  assert.deepEqual([report.sent, report.left, report.pack, report.trouble], [2, 0, "failed", "newer_pack"]);
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "already_collected");
});

/** What tests of the phone's engine are made of: keys, vouchers, packs, clocks. Everything synthetic. */

import { webcrypto } from "node:crypto";
import { concat, hex, sha256, toB64, toBase32, u32, utf8 } from "../../../aidtrack/static/js/field/bytes.js";

globalThis.crypto ??= webcrypto; // Node 18 has it under another name

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const TAG = 169672705;
export const ROUND_TAG = 1592590337;
export const DAY = "2026-11-21";
export const ISSUED = Date.parse("2026-11-21T06:30:00.000Z");
export const HOUR = 3_600_000;

/** A signing key of a centre. */
export async function centreKey(id = 1) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { id, privateKey: pair.privateKey, key: toB64(point), withdrawn: false };
}

const dayNumber = (day) => Math.round((Date.parse(`${day}T00:00:00Z`) - Date.UTC(2024, 0, 1)) / 86_400_000);

export function voucherBody({ key = 1, tag = TAG, round = ROUND_TAG, voucher, index = 7, profile = 1, first = "2026-11-20", last = "2026-11-27", version = 1 }) {
  const body = new Uint8Array(36);
  const view = new DataView(body.buffer);
  view.setUint8(0, version);
  view.setUint16(1, key);
  view.setUint32(3, tag);
  view.setUint32(7, round);
  body.set(voucher, 11);
  view.setUint8(27, index >> 16);
  view.setUint16(28, index & 0xffff);
  view.setUint16(30, profile);
  view.setInt16(32, dayNumber(first));
  view.setInt16(34, dayNumber(last));
  return body;
}

/** A signed voucher; its s is the smaller one unless `high`. */
export async function voucher(centre, claims = {}, { high = false } = {}) {
  const id = claims.voucher ?? crypto.getRandomValues(new Uint8Array(16));
  const body = voucherBody({ key: centre.id, ...claims, voucher: id });
  const signed = concat(utf8("aidtrack voucher v1\x00"), body);
  const raw = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, centre.privateKey, signed));
  const s = BigInt(`0x${hex(raw.subarray(32))}`);
  const low = s < ORDER - s ? s : ORDER - s;
  const wanted = (high ? ORDER - low : low).toString(16).padStart(64, "0");
  raw.set(Uint8Array.from(wanted.match(/../g), (pair) => parseInt(pair, 16)), 32);
  const bytes = concat(body, raw);
  return { code: `AID1:${toBase32(bytes)}`, bytes, id, index: claims.index ?? 7 };
}

async function record(derived, content) {
  const name = derived.slice(0, 8);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await crypto.subtle.importKey("raw", derived.slice(8), "AES-GCM", false, ["encrypt"]);
  return concat(name, iv, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: name }, key, content)));
}

const sorted = (records) => concat(...records.sort(Buffer.compare));

export async function rowOf(voucherId, family, round = ROUND_TAG) {
  const material = await crypto.subtle.importKey("raw", voucherId, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: u32(round), info: utf8("aidtrack pack row v1") };
  const derived = new Uint8Array(await crypto.subtle.deriveBits(how, material, 320));
  const content = new Uint8Array(128).fill(32);
  content.set(utf8(JSON.stringify(family)));
  return record(derived, content);
}

export async function typedRowOf(code, bytes, { salt, iterations }) {
  const material = await crypto.subtle.importKey("raw", utf8(code), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return record(new Uint8Array(await crypto.subtle.deriveBits(how, material, 320)), bytes);
}

/** A voucher's row serves every pack it is in. @type {WeakMap<object, Promise<Uint8Array>>} */
const rows = new WeakMap();

function rowOnce(voucher, n) {
  const { id, family } = voucher;
  if (!rows.has(voucher)) rows.set(voucher, rowOf(id, family ?? { n: `Родина ${n}`, s: n + 1, c: null }));
  return rows.get(voucher);
}

const RICE = { code: "RICE", name_uk: "Рис", name_en: "Rice", unit: "g", packs: [1000] };
const OIL = { code: "OIL", name_uk: "Олія", name_en: "Oil", unit: "ml", packs: [920] };
export const lot = (code, item, units, more = {}) => ({
  code, item, donor: "WFP", expires_on: null, received_on: "2026-10-01", earmarked: false, programme: "free", usable: true, units, ...more,
});

/**
 * A pack as the server sends it. `head` overrides the head's fields, `void` and `collected` list places.
 * @returns {Promise<{ head: any, bytes: Uint8Array }>}
 */
export async function makePack({ centre, device = "device-1", vouchers = [], head = {}, void: withdrawn = [], collected = [], typed = [], keep = [] }) {
  const salt = utf8("salt of sixteen.");
  const iterations = 10;
  const bits = (places) => {
    const list = new Uint8Array(1024); // a real one has 32 kB, which every reading would copy
    for (const place of places) list[place >> 3] |= 128 >> (place & 7);
    return list;
  };
  const familyRows = await Promise.all(vouchers.filter(({ family }) => family !== null).map(rowOnce));
  const typedRows = await Promise.all(typed.map(({ code, bytes }) => typedRowOf(code, bytes, { salt, iterations })));
  const blobs = { void: bits(withdrawn), collected: bits(collected), rows: sorted(familyRows), typed: sorted(typedRows) };
  const entries = await Promise.all(Object.entries(blobs).map(async ([name, blob]) => ({
    name, bytes: blob.length, hash: toB64(await sha256(blob)), ...(keep.includes(name) ? { kept: true } : {}),
  })));
  const whole = {
    v: 1, serial: "P-1", device, issued_at: new Date(ISSUED).toISOString(), good_for_s: 259_200, deployment: TAG,
    site: { code: "DN", time_zone: "Europe/Kyiv" }, place: { id: 2, code: "VAN-1", name_uk: "Бус 1", name_en: "Van 1" },
    round: { id: 3, code: "R-1", tag: ROUND_TAG, first_day: "2026-11-20", last_day: "2026-11-27", programme_uk: "Набори", programme_en: "Parcels", needs_signature: false },
    keys: [{ id: centre.id, key: centre.key, withdrawn: centre.withdrawn }],
    profiles: [{ number: 1, lines: [{ item: "RICE", units: 5000 }, { item: "OIL", units: 920 }] }, { number: 2, lines: [{ item: "RICE", units: 2000 }] }],
    items: [RICE, OIL], lots: [lot("L-1", "RICE", 400_000), lot("L-2", "OIL", 92_000)],
    typed: { salt: toB64(salt), iterations, missing: 0 }, file_key: centre.fileKey ?? centre.key, supervisors: [], undo_s: 600, ...head, blobs: entries,
  };
  const text = utf8(JSON.stringify(whole));
  const sent = entries.filter(({ kept }) => !kept).map(({ name }) => blobs[name]);
  return { head: whole, bytes: concat(u32(text.length), text, ...sent) };
}

/** Clocks of a phone that a test turns: `pass` lets time go by, `set` moves the wall clock alone, `restart` is a new page. */
export function phoneTime(start = ISSUED + HOUR) {
  const time = { wall: start, mono: 1_000 };
  return {
    wall: () => time.wall,
    mono: () => time.mono,
    pass(ms) {
      time.wall += ms;
      time.mono += ms;
    },
    sleep: (ms) => (time.wall += ms),
    set: (ms) => (time.wall = ms),
    shift: (ms) => (time.wall += ms),
    restart(offMs = 0) {
      time.wall += offMs;
      time.mono = 50;
    },
  };
}

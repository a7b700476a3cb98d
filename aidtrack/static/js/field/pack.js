// @ts-check
/** The pack of a round: what a phone knows without a network. Rows open only with the voucher in hand. */

import { fromB64, sha256, text, toB64, u32, utf8 } from "./bytes.js";
import { localDay } from "./day.js";
import { Refusal } from "./refusal.js";
import { CODE_BYTES, codeOf, keyring } from "./voucher.js";

const VERSION = 1;
const ROW_BYTES = 164;
const TYPED_BYTES = 136;
const NAME_BYTES = 8;
const NONCE_BYTES = 12;
const ROW_INFO = utf8("aidtrack pack row v1");

/**
 * @typedef {object} Head the pack's first part, see docs/sync.md
 * @property {number} v
 * @property {string} serial
 * @property {string} device
 * @property {string} issued_at
 * @property {number} good_for_s
 * @property {number} deployment
 * @property {{ code: string, time_zone: string }} site
 * @property {{ id: number, code: string, name_uk: string, name_en: string }} place
 * @property {{ id: number, code: string, tag: number, first_day: string, last_day: string, programme_uk: string,
 *   programme_en: string, needs_signature: boolean }} round
 * @property {{ id: number, key: string, withdrawn: boolean }[]} keys
 * @property {{ number: number, lines: { item: string, units: number }[] }[]} profiles
 * @property {{ code: string, name_uk: string, name_en: string, unit: string, packs: number[] }[]} items
 * @property {import("./stock.js").Lot[]} lots
 * @property {{ salt: string, iterations: number, missing?: number }} typed missing: vouchers without a typed row yet
 * @property {string} file_key
 * @property {{ id: number, name: string, salt: string, iterations: number, hash: string }[]} supervisors
 * @property {number} undo_s
 * @property {{ name: string, bytes: number, hash: string, kept?: boolean }[]} blobs
 */
/** @typedef {Map<string, Uint8Array<ArrayBuffer>>} Blobs */
/**
 * @typedef {object} Pack
 * @property {Head} head
 * @property {Blobs} blobs
 * @property {number} issuedAt of the pack, or of the server's word that it still holds
 * @property {number} generation counts the packs this phone took
 * @property {import("./voucher.js").Keyring} keys
 */

/**
 * Head and blobs of what the server sent. Throws `pack_unreadable`: cut short, changed on the way, or not ours;
 * `newer_pack`: of a kind that only a newer page knows.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Blobs} [held] parts of the pack before, for those the server left out because they are the same
 * @returns {Promise<{ head: Head, blobs: Blobs, fresh: string[] }>} fresh: names of the parts that came with it
 */
export async function readPack(bytes, held = new Map()) {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (4 + length > bytes.length) throw new RangeError("head");
    /** @type {Head} */
    const head = JSON.parse(text(bytes.subarray(4, 4 + length)));
    if (Number.isInteger(head.v) && head.v > VERSION) throw new Refusal("newer_pack");
    if (head.v !== VERSION) throw new RangeError("version");
    /** @type {Blobs} */
    const blobs = new Map();
    const fresh = [];
    let at = 4 + length;
    for (const { name, bytes: size, hash, kept } of head.blobs) {
      if (!Number.isInteger(size) || size < 0) throw new RangeError("blob");
      const blob = kept ? blobOf(held, name) : bytes.slice(at, (at += size));
      if (blob.length !== size || toB64(await sha256(blob)) !== hash) throw new RangeError(name);
      blobs.set(name, blob);
      if (!kept) fresh.push(name);
    }
    if (at !== bytes.length) throw new RangeError("length");
    packOf(head, blobs, Date.parse(head.issued_at), 0);
    return { head, blobs, fresh };
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("pack_unreadable");
  }
}

/**
 * The pack as it is used. Everything the phone will ask for must be there: better no pack than half of one.
 * @param {Head} head
 * @param {Blobs} blobs
 * @param {number} issuedAt
 * @param {number} generation
 * @returns {Pack}
 */
export function packOf(head, blobs, issuedAt, generation) {
  const numbers = [issuedAt, head.good_for_s, head.deployment, head.round.id, head.round.tag, head.place.id, head.typed.iterations, head.undo_s];
  const lists = [head.profiles, head.items, head.lots, head.supervisors];
  const texts = [head.serial, head.device, head.file_key, head.typed.salt];
  if (!numbers.every(Number.isFinite) || !lists.every(Array.isArray) || !texts.every((one) => typeof one === "string")) throw new RangeError("head");
  localDay(issuedAt, head.site.time_zone); // throws for a zone this browser does not know
  for (const [name, size] of /** @type {const} */ ([["rows", ROW_BYTES], ["typed", TYPED_BYTES], ["void", 1], ["collected", 1]])) {
    const blob = blobs.get(name);
    if (!blob || blob.length % size) throw new RangeError(name);
  }
  return { head, blobs, issuedAt, generation, keys: keyring(head.keys) };
}

/** Most significant bit first; a place beyond the list is not set. @param {Uint8Array} bits @param {number} index */
export const hasBit = (bits, index) => (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;

/**
 * The record whose first eight bytes are `name`, or null.
 * @param {Uint8Array<ArrayBuffer>} records sorted by name
 * @param {number} size of one
 * @param {Uint8Array} name
 */
function find(records, size, name) {
  let low = 0;
  let high = records.length / size;
  while (low < high) {
    const middle = (low + high) >> 1;
    let order = 0;
    for (let at = 0; at < NAME_BYTES && order === 0; at += 1) order = records[middle * size + at] - name[at];
    if (order === 0) return records.subarray(middle * size, (middle + 1) * size);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return null;
}

/**
 * What the record under 40 derived bytes (name, key) holds; null when there is none or it does not open.
 * @param {Uint8Array<ArrayBuffer>} records
 * @param {number} size
 * @param {Uint8Array<ArrayBuffer>} derived
 */
async function opened(records, size, derived) {
  const name = derived.slice(0, NAME_BYTES);
  const record = find(records, size, name);
  if (!record) return null;
  const key = await crypto.subtle.importKey("raw", derived.slice(NAME_BYTES), "AES-GCM", false, ["decrypt"]);
  const iv = record.slice(NAME_BYTES, NAME_BYTES + NONCE_BYTES);
  try {
    const sealed = record.slice(NAME_BYTES + NONCE_BYTES);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: name }, key, sealed));
  } catch {
    return null;
  }
}

/**
 * Head's short name, number of persons and collector's short name; null for a voucher the pack does not know.
 * @param {Pack} pack
 * @param {Uint8Array<ArrayBuffer>} voucherId 16 bytes
 * @returns {Promise<{ name: string, persons: number, proxy: string | null } | null>}
 */
export async function familyOf({ head, blobs }, voucherId) {
  const material = await crypto.subtle.importKey("raw", voucherId, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: u32(head.round.tag), info: ROW_INFO };
  const derived = new Uint8Array(await crypto.subtle.deriveBits(how, material, 320));
  const row = await opened(blobOf(blobs, "rows"), ROW_BYTES, derived);
  if (!row) return null;
  try {
    const { n, s, c } = JSON.parse(text(row));
    return { name: String(n), persons: Number(s), proxy: c ? String(c) : null };
  } catch {
    return null; // a row without sense opens nothing; the voucher stands without it
  }
}

/**
 * The voucher code behind a short one in its stored form; null for a short code the pack does not know.
 * @param {Pack} pack
 * @param {string} typedCode
 */
export async function tokenOf({ head, blobs }, typedCode) {
  const derived = await stretched(typedCode, head.typed, 320);
  const row = await opened(blobOf(blobs, "typed"), TYPED_BYTES, derived);
  return row?.length === CODE_BYTES ? codeOf(row) : null;
}

/**
 * What a short secret gives after PBKDF2: slow on purpose.
 * @param {string} secret
 * @param {{ salt: string, iterations: number }} how
 * @param {number} bits
 */
export async function stretched(secret, { salt, iterations }, bits) {
  const material = await crypto.subtle.importKey("raw", utf8(secret), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromB64(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, bits));
}

/** @param {Blobs} blobs @param {string} name */
export const blobOf = (blobs, name) => blobs.get(name) ?? new Uint8Array(0);

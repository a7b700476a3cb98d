// @ts-check
/**
 * The voucher code, taken apart and verified exactly as `aidtrack/distribution/signing.py` does it; both are held
 * together by tests/vectors/voucher_codes.json and by tests/distribution/test_mutated_codes.py.
 */

import { concat, fromB64, fromBase32, toBase32, utf8 } from "./bytes.js";
import { Refusal } from "./refusal.js";

export const PREFIX = "AID1:";
export const CODE_BYTES = 100;
const CODE_CHARACTERS = 165;
const BODY_BYTES = 36;
const VERSION = 1;
const EPOCH = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const LABEL = utf8("aidtrack voucher v1\x00");
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };

// what Python calls space: not what JavaScript's \s means
export const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const KEYBOARD = /^[\x20-\x7e\u0400-\u04ff]*$/;
const CYRILLIC = /[\u0400-\u04ff]/;
const BASE32 = /^[A-Z2-7]{160}$/;
const US = "QWERTYUIOPASDFGHJKLZXCVBNM:S";
const UK = "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬЖЫ";
const KEYS = new Map([...UK + UK.toLowerCase()].map((letter, place) => [letter, US[place % US.length]]));

const HALF_ORDER = fromHex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");

/**
 * @typedef {object} Claims
 * @property {number} keyId
 * @property {number} deployment
 * @property {number} round the round's tag
 * @property {Uint8Array<ArrayBuffer>} voucher 16 bytes
 * @property {number} index place in the bit lists
 * @property {number} profile
 * @property {string} firstDay YYYY-MM-DD
 * @property {string} lastDay
 */
/** @typedef {{ claims: Claims, signature: Uint8Array<ArrayBuffer>, body: Uint8Array<ArrayBuffer>, token: string }} Decoded */
/** @typedef {Map<number, { point: Uint8Array<ArrayBuffer>, withdrawn: boolean, key: Promise<CryptoKey> | null }>} Keyring */

/** @param {string} written */
function fromHex(written) {
  return Uint8Array.from(written.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** What a keyboard or USB scanner meant while the Ukrainian layout was on. @param {string} typed */
export const fromUkrainianLayout = (typed) => [...typed].map((letter) => KEYS.get(letter) ?? letter).join("").toUpperCase();

/** The first `count` characters, counted as Python counts them. @param {string} typed @param {number} count */
export const cut = (typed, count) => [...typed.slice(0, 2 * count)].slice(0, count).join("");

/**
 * Nothing is verified yet. Throws `not_a_voucher` or `damaged_voucher`.
 * @param {string} scanned
 * @returns {Decoded}
 */
export function decode(scanned) {
  const typed = cut(scanned, 4 * CODE_CHARACTERS).replace(SPACE, "");
  if (!KEYBOARD.test(typed)) throw new Refusal("not_a_voucher");
  const token = CYRILLIC.test(typed) ? fromUkrainianLayout(typed) : typed.toUpperCase();
  if (!token.startsWith(PREFIX)) throw new Refusal("not_a_voucher");
  const written = token.slice(PREFIX.length);
  if (!BASE32.test(written)) throw new Refusal("damaged_voucher");
  const bytes = fromBase32(written);
  const body = bytes.slice(0, BODY_BYTES);
  return { claims: claimsOf(body), signature: bytes.slice(BODY_BYTES), body, token };
}

/** @param {Uint8Array<ArrayBuffer>} body @returns {Claims} */
function claimsOf(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const first = view.getInt16(32);
  const last = view.getInt16(34);
  if (view.getUint8(0) !== VERSION || last < first) throw new Refusal("damaged_voucher");
  return {
    keyId: view.getUint16(1),
    deployment: view.getUint32(3),
    round: view.getUint32(7),
    voucher: body.slice(11, 27),
    index: view.getUint8(27) * 65_536 + view.getUint16(28),
    profile: view.getUint16(30),
    firstDay: dayOf(first),
    lastDay: dayOf(last),
  };
}

/** @param {number} count days since 2024-01-01 */
const dayOf = (count) => new Date(EPOCH + count * DAY_MS).toISOString().slice(0, 10);

/**
 * The keys of a pack's head, imported when first used.
 * @param {{ id: number, key: string, withdrawn: boolean }[]} keys
 * @returns {Keyring}
 */
export function keyring(keys) {
  return new Map(keys.map(({ id, key, withdrawn }) => [id, { point: fromB64(key), withdrawn: Boolean(withdrawn), key: null }]));
}

/**
 * The claims of a genuine voucher of this deployment. Throws `foreign_voucher`, `unknown_key`, `bad_signature`, and
 * `void_voucher` for a genuine one under a key that was withdrawn after a leak.
 * @param {Decoded} decoded
 * @param {Keyring} keys
 * @param {number} deployment
 * @returns {Promise<Claims>}
 */
export async function verify({ claims, signature, body }, keys, deployment) {
  if (claims.deployment !== deployment) throw new Refusal("foreign_voucher");
  const known = keys.get(claims.keyId);
  if (!known) throw new Refusal("unknown_key", { key_id: claims.keyId });
  // of a signature's two forms only the one with the smaller s is a voucher's
  if (above(signature.subarray(32), HALF_ORDER)) throw new Refusal("bad_signature");
  known.key ??= crypto.subtle.importKey("raw", known.point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const genuine = await crypto.subtle.verify(ALGORITHM, await known.key, signature, concat(LABEL, body));
  if (!genuine) throw new Refusal("bad_signature");
  if (known.withdrawn) throw new Refusal("void_voucher");
  return claims;
}

/** Whether a number is larger, both big-endian and equally long. @param {Uint8Array} number @param {Uint8Array} limit */
function above(number, limit) {
  const place = number.findIndex((byte, at) => byte !== limit[at]);
  return place >= 0 && number[place] > limit[place];
}

/** The code's text from its 100 bytes, as a typed row of the pack holds them. @param {Uint8Array} bytes */
export const codeOf = (bytes) => PREFIX + toBase32(bytes);

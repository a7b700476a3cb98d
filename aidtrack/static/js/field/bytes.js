// @ts-check
/** Bytes and the texts they travel as. */

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_VALUE = new Map([...BASE32].map((letter, value) => [letter, value]));

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const utf8 = (text) => /** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(text));

/** The text in the bytes; throws where they are not UTF-8. @param {Uint8Array} bytes */
export const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** base64url without padding. @param {Uint8Array} bytes */
export function toB64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Throws a SyntaxError where it is not base64url. @param {string} written @returns {Uint8Array<ArrayBuffer>} */
export function fromB64(written) {
  if (typeof written !== "string" || !/^[A-Za-z0-9_-]*$/.test(written) || written.length % 4 === 1) {
    throw new SyntaxError("not base64url");
  }
  const binary = atob(written.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Whole groups of five bytes only, so never padded. @param {Uint8Array} bytes */
export function toBase32(bytes) {
  let written = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) written += BASE32[(held >> (bits - 5)) & 31];
  }
  return written;
}

/** The characters must be of the alphabet and in whole groups of eight. @param {string} written @returns {Uint8Array<ArrayBuffer>} */
export function fromBase32(written) {
  const bytes = new Uint8Array((written.length * 5) / 8);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of written) {
    held = ((held << 5) | (BASE32_VALUE.get(letter) ?? 0)) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 0xff;
  }
  return bytes;
}

/** @param {...Uint8Array} parts @returns {Uint8Array<ArrayBuffer>} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

/** @param {Uint8Array<ArrayBuffer>} bytes */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** Four bytes, big-endian. @param {number} number */
export function u32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

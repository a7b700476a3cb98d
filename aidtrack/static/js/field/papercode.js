// @ts-check
/** The short code under a voucher's QR, typed by hand: as `aidtrack/kernel/ids.py` reads it. */

import { Refusal } from "./refusal.js";
import { SPACE, cut, fromUkrainianLayout } from "./voucher.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const LENGTH = 10; // nine random characters and the check character
const LONGEST_TYPED = 36;
const FIELD_POLYNOMIAL = 0b100101;
const SEPARATORS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\-\u2010-\u2015\u2212_.]+/g;
/** @type {Record<string, string>} */
const LOOKS_LIKE = { I: "1", L: "1", O: "0" };
const CYRILLIC_LOOKS = new Map([..."АВСЕНІКМОРТХУЅЈЗ"].map((letter, place) => [letter, "ABCEHIKMOPTXYSJ3"[place]]));
const CYRILLIC = /[\u0400-\u04ff]/;

/** A product in the field of 32 elements. @param {number} a @param {number} b */
function times(a, b) {
  let product = 0;
  for (; b; b >>= 1) {
    if (b & 1) product ^= a;
    a <<= 1;
    if (a & 32) a ^= FIELD_POLYNOMIAL;
  }
  return product;
}

/** @param {string} body */
function checkCharacter(body) {
  let total = 0;
  let weight = 1;
  for (const letter of [...body].reverse()) {
    weight = times(weight, 2);
    total ^= times(weight, VALUE.get(letter) ?? 0);
  }
  return ALPHABET[total];
}

/** @param {string} code */
const isRight = (code) =>
  code.length >= 2 && code.length <= 31 && [...code].every((letter) => VALUE.has(letter)) &&
  checkCharacter(code.slice(0, -1)) === code.at(-1);

/** What was typed can stand for, likeliest first. @param {string} text */
function readings(text) {
  const typed = text.replace(SEPARATORS, "").toUpperCase();
  const alike = [...typed].map((letter) => CYRILLIC_LOOKS.get(letter) ?? letter).join("");
  const found = CYRILLIC.test(alike) ? [] : [alike];
  if (CYRILLIC.test(typed) && !/[A-Z]/.test(typed)) found.push(fromUkrainianLayout(typed));
  return (found.length ? found : [alike]).map((reading) => reading.replace(/[ILO]/g, (letter) => LOOKS_LIKE[letter]));
}

/** Capitals, no spaces or hyphens, letters as the paper means them; it may still be wrong. @param {string} text */
export function storedForm(text) {
  const possible = readings(cut(text, 200));
  return possible.find(isRight) ?? possible[0];
}

/**
 * The stored form of a typed code. Throws `not_a_code` or `bad_check_character`.
 * @param {string} text
 */
export function checkCode(text) {
  const code = storedForm(text);
  const letters = [...code];
  if (letters.length !== LENGTH || !letters.every((letter) => VALUE.has(letter))) throw new Refusal("not_a_code");
  if (!isRight(code)) throw new Refusal("bad_check_character");
  return code;
}

/** Whether the text can only be a code typed by hand: too short for a QR text, and without its colon. @param {string} text */
export const isTyped = (text) =>
  [...text.slice(0, 2 * LONGEST_TYPED + 2)].length <= LONGEST_TYPED && !text.includes(":") && !/[жЖ]/.test(text);

/**
 * As `checkCode`; what is no code at all is called `not_a_voucher`, as the server calls it.
 * @param {string} text
 */
export function readTyped(text) {
  try {
    return checkCode(text);
  } catch (refusal) {
    if ([...text.replace(SPACE, "")].length > 18 || !/[\p{L}\p{N}]/u.test(text)) throw new Refusal("not_a_voucher");
    throw refusal;
  }
}

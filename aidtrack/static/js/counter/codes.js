// @ts-check
/** What a text may be, before the server judges it. Nothing is refused here: words come from one place. */

const LONGEST = 700;
const US = "QWERTYUIOPASDFGHJKLZXCVBNM:S";
const UKRAINIAN = "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬЖЫ";
const KEYS = new Map([...UKRAINIAN].map((letter, place) => [letter, US[place]]));

/**
 * The text as sent: without the spaces around it, and cut, since a QR code of something else can hold
 * thousands of characters.
 * @param {string} text
 */
export function sendable(text) {
  return text.trim().slice(0, LONGEST);
}

/**
 * `qr` for a text that is a voucher's QR code in form, however it was typed; `short` for what a person may
 * have typed from under it; `other` for everything else.
 * @param {string} text
 * @returns {"qr" | "short" | "other" | "empty"}
 */
export function kindOf(text) {
  const typed = text.replace(/\s+/g, "");
  if (!typed) return "empty";
  if (/^AID1:[A-Z2-7]{160}$/.test(stored(text))) return "qr";
  return [...typed].length <= 20 && /^[\p{L}\p{N}\-–—−_.]+$/u.test(typed) ? "short" : "other";
}

/**
 * A QR text in its stored form: capitals, no spaces, Ukrainian keys as the Latin ones under them.
 * @param {string} text
 */
export function stored(text) {
  const typed = text.slice(0, LONGEST).replace(/\s+/g, "");
  // toUpperCase would make an ordinary I of the dotless ı, which no scanner sends
  if (!/^[\x20-\x7e\u0400-\u04ff]*$/.test(typed)) return typed;
  const capitals = typed.toUpperCase();
  return /[\u0400-\u04ff]/.test(capitals) ? [...capitals].map((letter) => KEYS.get(letter) ?? letter).join("") : capitals;
}

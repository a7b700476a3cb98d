// @ts-check
/**
 * A USB or Bluetooth scanner types like a keyboard. What it means are key positions (`code`), not letters
 * (`key`): on the Ukrainian layout the same code arrives as «ФШВ1Ж…».
 */

/** Longest pause between two keys of one scan; a person's fingers are slower. */
export const PAUSE_MS = 100;
/** An Enter this soon after loose keys belongs to a broken scan, and must not press a button. */
export const SETTLE_MS = 800;
/** Shorter bursts are a person's typing. */
export const SHORTEST = 6;
const LONGEST = 4000;
const WHOLE = /^AID1:[A-Z2-7]{160}$/;

/** @type {Record<string, [string, string]>} code → without and with Shift */
const SIGNS = {
  Semicolon: [";", ":"],
  Minus: ["-", "_"],
  Slash: ["/", "?"],
  Period: [".", ">"],
  Comma: [",", "<"],
  Equal: ["=", "+"],
  Quote: ["'", '"'],
  Space: [" ", " "],
  NumpadSubtract: ["-", "-"],
  NumpadDecimal: [".", "."],
};

/**
 * @typedef {object} Stroke
 * @property {string} code
 * @property {string} key
 * @property {boolean} [shiftKey]
 * @property {boolean} [ctrlKey]
 * @property {boolean} [altKey]
 * @property {boolean} [metaKey]
 * @property {boolean} [isComposing]
 */

/**
 * The character a key position stands for on the US layout, in capitals; "" where it stands for none.
 * @param {Stroke} stroke
 */
export function characterOf(stroke) {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey || stroke.isComposing) return "";
  const { code } = stroke;
  if (/^Key[A-Z]$/.test(code)) return code[3];
  if (/^Digit\d$/.test(code)) return stroke.shiftKey ? "#" : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  if (code in SIGNS) return SIGNS[code][stroke.shiftKey ? 1 : 0];
  // keyboards that name no position (some phones): the letter itself is all there is
  if (code === "" && stroke.key.length === 1) return stroke.key.toUpperCase();
  return "";
}

/**
 * Tells a scanner's burst from a person's typing.
 *
 * `push` takes one key and its moment in ms; `inField` says that the focus is where people type. It answers
 * `code` when a scan is complete, `swallow` when the key must have no other effect on the page, and `burst`,
 * how many characters of the scan have already reached the field. `idle` is asked after a pause: scanners set
 * up without a final Enter end so.
 */
export function createWedge() {
  let buffer = "";
  let last = -Infinity;

  const take = () => {
    const code = buffer;
    buffer = "";
    return code;
  };
  /** @param {boolean} inField */
  const complete = (inField) => (inField ? buffer.startsWith("AID1:") : buffer.length >= SHORTEST);

  return {
    /**
     * @param {Stroke} stroke
     * @param {number} at
     * @param {boolean} inField
     * @returns {{ code?: string, swallow: boolean, burst: number }}
     */
    push(stroke, at, inField) {
      const since = at - last;
      if (stroke.key === "Enter" || stroke.code === "Enter" || stroke.code === "NumpadEnter" || stroke.code === "Tab") {
        const isTab = stroke.code === "Tab";
        if (since > PAUSE_MS) buffer = "";
        if (complete(inField) && (!isTab || WHOLE.test(buffer))) {
          const code = take();
          last = at;
          return { code, swallow: true, burst: code.length };
        }
        buffer = "";
        return { swallow: !isTab && !inField && since < SETTLE_MS, burst: 0 };
      }
      const character = characterOf(stroke);
      if (!character) return { swallow: false, burst: 0 };
      if (since > PAUSE_MS) buffer = "";
      buffer = (buffer + character).slice(0, LONGEST);
      last = at;
      // Space presses a focused button: inside a burst it is a character
      return { swallow: character === " " && buffer.length > 1 && !inField, burst: 0 };
    },
    /**
     * A whole voucher code that no Enter followed.
     * @param {number} at
     * @returns {string | undefined}
     */
    idle(at) {
      return at - last >= PAUSE_MS && WHOLE.test(buffer) ? take() : undefined;
    },
  };
}

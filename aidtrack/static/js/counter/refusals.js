// @ts-check
/**
 * Which kind of refusal a code is. Each kind has a colour, sign, sound and rhythm of its own (counter.css,
 * _icons.html, signals.js), so that a person who cannot read the words just then knows what to do with the paper.
 */

/** @type {Record<string, string>} */
const KINDS = {
  already_collected: "amber",
  not_yet_valid: "early",
  expired_voucher: "expired",
  void_voucher: "void",
  foreign_voucher: "foreign",
  bad_signature: "unproven",
  unknown_key: "unproven",
  not_this_round: "elsewhere",
  wrong_place: "elsewhere",
  not_a_voucher: "wrong",
  damaged_voucher: "wrong",
  not_a_code: "wrong",
  bad_check_character: "wrong",
  unknown_voucher: "wrong",
};

/**
 * The kind of a refusal; `red` for whatever has no kind of its own: no goods, no room on the phone, no more trust.
 * @param {string} code
 * @param {string} [tone] amber or red, as the server says
 */
export const kindOf = (code, tone) => (Object.hasOwn(KINDS, code) ? KINDS[code] : tone === "amber" ? "amber" : "red");

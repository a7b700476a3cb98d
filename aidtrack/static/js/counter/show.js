// @ts-check
/**
 * A quantity as people read it, exactly like `aidtrack.kernel.quantity.show`; both are held together by
 * tests/vectors/shown_quantities.json.
 */
const NO_BREAK_SPACE = "\u00a0";
/** @type {Record<string, { thousand: boolean, uk: [string, string], en: [string, string] }>} */
const WORDS = {
  g: { thousand: true, uk: ["г", "кг"], en: ["g", "kg"] },
  ml: { thousand: true, uk: ["мл", "л"], en: ["ml", "l"] },
  piece: { thousand: false, uk: ["шт.", "шт."], en: ["pcs", "pcs"] },
};

/**
 * @param {number} units whole base units, not below zero
 * @param {string} unit g, ml or piece
 * @param {string} language uk or en
 */
export function show(units, unit, language) {
  const words = WORDS[unit];
  const large = words.thousand && units >= 1000;
  const whole = large ? Math.floor(units / 1000) : units;
  const rest = large ? units % 1000 : 0;
  let text = String(whole).replace(/\B(?=(\d{3})+$)/g, NO_BREAK_SPACE);
  if (rest) text += (language === "uk" ? "," : ".") + String(rest).padStart(3, "0").replace(/0+$/, "");
  return text + NO_BREAK_SPACE + words[language === "uk" ? "uk" : "en"][large ? 1 : 0];
}

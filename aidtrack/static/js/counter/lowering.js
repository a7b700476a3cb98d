// @ts-check
/** Giving less than is due: quantities in base units that only go down, and never above what is here. */

/**
 * @typedef {object} Line
 * @property {number | string} item_id a phone without a network knows the item's code alone
 * @property {string} name
 * @property {number} due base units
 * @property {number} available of `due`, what this place has
 * @property {string} unit g, ml or piece
 * @property {string} shown
 * @property {string | null} short
 * @property {number[]} packs sizes the item comes in
 * @property {string[]} lots
 */

/**
 * By how much one press lowers a line: the largest pack that fits several times, else about a tenth.
 * @param {Line} line
 */
export function stepOf(line) {
  const packs = line.packs.filter((pack) => pack > 1 && pack < line.due && line.due % pack === 0);
  if (packs.length > 0) return Math.max(...packs);
  if (line.unit === "piece") return 1;
  const tenth = line.due / 10;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(tenth)));
  const nice = [5, 2, 1].find((factor) => factor * power <= tenth);
  return (nice ?? 1) * power;
}

/**
 * One step down, onto the grid of steps, not below nothing.
 * @param {Line} line
 * @param {number} units
 */
export function lowered(line, units) {
  const step = stepOf(line);
  return Math.max(0, Math.ceil(units / step) * step - step);
}

/**
 * One step up again, never above what is due or what is here.
 * @param {Line} line
 * @param {number} units
 */
export function raised(line, units) {
  const step = stepOf(line);
  return Math.min(line.due, line.available, Math.floor(units / step) * step + step);
}

/**
 * What would go out: all that is due, as far as it is here.
 * @param {Line[]} lines
 * @returns {Map<number | string, number>} base units by item
 */
export function startingWith(lines) {
  return new Map(lines.map((line) => [line.item_id, Math.min(line.due, line.available)]));
}

/**
 * The quantities to send: only lines that are lowered, so that a full handout names none.
 * @param {Line[]} lines
 * @param {Map<number | string, number>} chosen
 * @returns {Record<string, number>}
 */
export function loweredOnly(lines, chosen) {
  /** @type {Record<string, number>} */
  const quantities = {};
  for (const line of lines) {
    const units = chosen.get(line.item_id) ?? line.due;
    if (units < line.due) quantities[String(line.item_id)] = units;
  }
  return quantities;
}

/**
 * @param {Line[]} lines
 * @param {Map<number | string, number>} chosen
 */
export function givesNothing(lines, chosen) {
  return lines.every((line) => (chosen.get(line.item_id) ?? line.due) === 0);
}

// @ts-check
/** Days where the goods are, and moments as they are written. */

/** @type {Map<string, Intl.DateTimeFormat>} */
const writers = new Map();

/**
 * The calendar day at the site, as `aidtrack.kernel.clock.local_date` gives it.
 * @param {number} ms
 * @param {string} zone such as Europe/Kyiv
 * @returns {string} YYYY-MM-DD
 */
export function localDay(ms, zone) {
  let writer = writers.get(zone);
  if (!writer) {
    writer = new Intl.DateTimeFormat("en", { timeZone: zone, calendar: "gregory", numberingSystem: "latn", year: "numeric", month: "2-digit", day: "2-digit" });
    writers.set(zone, writer);
  }
  /** @type {Record<string, string>} */
  const parts = Object.fromEntries(writer.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}`;
}

/** RFC 3339, UTC, milliseconds. @param {number} ms */
export const moment = (ms) => new Date(ms).toISOString();

// @ts-check
/** A voucher lies before the camera for seconds: it is reported once, and again only after it was away. */

export const AWAY_MS = 2500;

export function createSightings() {
  let code = "";
  let seen = -Infinity;
  return {
    /**
     * @param {string} text what the camera reads now
     * @param {number} at ms
     * @returns {boolean} whether this is a new sighting
     */
    see(text, at) {
      const same = text === code && at - seen < AWAY_MS;
      code = text;
      seen = at;
      return !same;
    },
    /** The code came by another way (typed, scanned): the camera need not report it as well.
     * @param {string} text
     * @param {number} at */
    know(text, at) {
      code = text;
      seen = at;
    },
  };
}

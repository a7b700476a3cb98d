// @ts-check
/**
 * Time that cannot be turned back. It starts at the server's word and goes on with the browser's monotonic clock, so
 * that the phone's own clock may be wrong or be set while the page is open. Only where the monotonic clock did not
 * count (the browser was closed, the phone slept) the wall clock, corrected by the last known offset, says how long
 * that was; and never does it lead back. Setting the clock ahead only makes a pack old sooner.
 */

/**
 * @typedef {object} Saved what outlives the page
 * @property {number} at trusted moment, ms: the highest seen since `contact`
 * @property {number} mono monotonic ms then
 * @property {string} boot which run of the browser `mono` belongs to
 * @property {number} offset trusted moment less wall clock
 * @property {number} contact how often the server's word set it: of two runs' savings the later one counts
 * @property {number | null} [until] trusted moment after which no pack serves until the server is heard, because the
 *   clock was set back where nothing else counted
 */
/** @typedef {{ wall: number, mono: number, boot: string, est: number }} Reading all of an event's times, of one instant */
/** @typedef {ReturnType<typeof createClock>} Clock */

const SAVE_EVERY_MS = 20_000;
/** Clocks are put right by this much every day. */
const TURNED_BACK_MS = 600_000;
/** What is left at most of a pack whose age nobody knows: a day's work, so that no village is sent home at noon. */
export const AFTER_TURNING_BACK_MS = 12 * 3_600_000;

/**
 * @param {object} parts
 * @param {Saved | null} parts.saved
 * @param {() => number} parts.wall `Date.now`
 * @param {() => number} parts.mono `performance.now`
 * @param {string} parts.boot new at every start of the page
 * @param {(saved: Saved) => void} parts.save
 * @param {() => boolean} [parts.hidden] whether the page is out of sight, so that the phone may sleep
 */
export function createClock({ saved, wall, mono, boot, save, hidden = () => false }) {
  /** @type {Saved} */
  let state = saved ? { ...saved } : { at: wall(), mono: mono(), boot, offset: 0, contact: 0, until: null };
  let asleep = state.boot !== boot;
  let lastSaved = -Infinity;

  function keep() {
    lastSaved = state.mono;
    save({ ...state });
  }

  /** @returns {Reading} */
  function reading() {
    const now = { wall: wall(), mono: mono() };
    const counted = state.boot === boot ? state.at + Math.max(0, now.mono - state.mono) : state.at;
    const gap = asleep || hidden();
    const shown = now.wall + state.offset;
    const at = gap ? Math.max(counted, shown) : counted;
    let until = state.until ?? null;
    if (gap && shown < counted - TURNED_BACK_MS) until = at + (until === null ? AFTER_TURNING_BACK_MS : Math.max(0, until - at) / 2);
    asleep = hidden();
    // whoever sets the clock while the page is open changes the offset, not the time
    const turned = Math.abs(shown - at) > TURNED_BACK_MS; // known to the next run too, which would think it happened meanwhile
    state = { at, mono: now.mono, boot, offset: at - now.wall, contact: state.contact, until };
    if (gap || turned || now.mono - lastSaved >= SAVE_EVERY_MS) keep();
    return { ...now, boot, est: at };
  }

  return {
    reading,
    /** The trusted moment, ms. */
    now: () => reading().est,
    /** The phone may have slept until now: the monotonic clock may have stood still. */
    slept() {
      asleep = true;
      reading();
    },
    /**
     * The server said what time it is, and its word took up to `under` ms to come: what fits into that is not moved, so
     * that a slow line leads no time back.
     * @param {number} serverMs
     * @param {number} [under]
     */
    anchor(serverMs, under = 0) {
      if (!Number.isFinite(serverMs)) return;
      const thought = state.contact > 0 ? reading().est : serverMs;
      const at = Math.min(Math.max(thought, serverMs), serverMs + under);
      state = { at, mono: mono(), boot, offset: at - wall(), contact: state.contact + 1, until: null };
      asleep = false;
      keep();
    },
    /** What another run of the browser saved (the service worker): its word of the server may be newer. @param {Saved | null} other */
    adopt(other) {
      if (!other || other.boot === boot || other.contact < state.contact) return;
      if (other.contact === state.contact) {
        state.until = earlier(state.until, other.until);
        return;
      }
      state = { ...other };
      asleep = true;
    },
    /** The trusted moment after which no pack serves until the server is heard; null: none. */
    get until() {
      return state.until ?? null;
    },
    /** Whether any server ever said what time it is. */
    get anchored() {
      return state.contact > 0;
    },
    keep: () => {
      reading();
      keep();
    },
  };
}

/**
 * Of two savings the one that counts: later word of the server, then higher.
 * @param {Saved | null | undefined} one
 * @param {Saved} other
 */
export function laterOf(one, other) {
  if (!one) return other;
  if (one.contact !== other.contact) return one.contact > other.contact ? one : other;
  const higher = one.at > other.at ? one : other;
  return { ...higher, until: earlier(one.until, other.until) }; // what one run found out the other must not forget
}

/** @param {number | null | undefined} one @param {number | null | undefined} other */
const earlier = (one, other) => (one == null ? (other ?? null) : Math.min(one, other ?? one));

/**
 * How long a pack is still good, ms; nothing left means that it opens no new vouchers.
 * @param {import("./pack.js").Pack} pack
 * @param {number} now
 * @param {number | null} [until] of the clock
 */
export const leftOf = ({ head, issuedAt }, now, until = null) =>
  Math.max(0, Math.min(issuedAt + head.good_for_s * 1000, until ?? Infinity) - Math.max(now, issuedAt));

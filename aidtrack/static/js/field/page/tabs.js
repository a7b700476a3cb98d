// @ts-check
/** One window at a time has the counter: two would show two families. The records need no such care. */

const LOCK = "aidtrack-field-page";

/**
 * @param {{ had: () => void, lost: () => void, taken: () => void }} tell `had`: this window has it; `lost`: another has
 *   it already; `taken`: another took it over
 * @param {LockManager | null} [locks]
 */
export function holdPage({ had, lost, taken }, locks = navigator.locks) {
  /** @param {LockOptions} how */
  const hold = (how) =>
    locks?.request(LOCK, how, (lock) => {
      if (!lock) return lost();
      had();
      return new Promise(() => {}); // kept as long as the window lives
    }).catch((error) => {
      if (error?.name === "AbortError") taken();
      else had();
    });
  if (!locks) had(); // an old browser: the store itself keeps two windows apart
  else hold({ ifAvailable: true });
  return { takeOver: () => hold({ steal: true }) };
}

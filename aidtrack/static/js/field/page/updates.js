// @ts-check
/** The service worker: keeps the page for later, and offers a newer one without ever forcing it. */

const LOOK_EVERY_MS = 3_600_000;

/**
 * @param {object} how
 * @param {string} how.worker address
 * @param {string} how.scope
 * @param {() => void} how.newer a newer page waits
 * @param {(state: "kept" | "waiting" | "never") => void} how.kept whether the page opens without a network
 * @param {() => boolean} how.free whether nobody's hands are on a handout just now
 */
export function watchPage({ worker, scope, newer, kept, free }) {
  const container = navigator.serviceWorker;
  if (!container) {
    kept("never");
    return { take: () => {}, later: () => {}, background: async () => {} };
  }
  let taking = false;
  let put = false; // "later" lasts as long as the page
  /** @type {ServiceWorkerRegistration | null} */
  let registration = null;

  /** @param {ServiceWorkerRegistration} found */
  function watch(found) {
    registration = found;
    const offer = () => {
      if (found.active) kept("kept");
      if (found.waiting && container.controller && !put) newer();
    };
    offer();
    found.addEventListener("updatefound", () => {
      found.installing?.addEventListener("statechange", offer);
    });
    container.ready.then(() => kept("kept"));
    setInterval(() => found.update().catch(() => {}), LOOK_EVERY_MS);
    addEventListener("online", () => found.update().catch(() => {}));
  }

  async function register() {
    const plain = worker + (worker.includes("?") ? "&" : "?") + "kind=plain";
    try {
      return await container.register(worker, { scope, type: "module" });
    } catch {
      // without a network there is nothing to register anew; else this browser's workers know no modules
      const found = await container.getRegistration(scope).catch(() => null);
      return found ?? container.register(plain, { scope });
    }
  }

  async function begin() {
    // what the worker fetches must not stand in the way of the page's own first screen
    if (document.readyState !== "complete") await new Promise((loaded) => addEventListener("load", loaded, { once: true }));
    await register().then(watch, () => kept("never"));
  }

  kept("waiting");
  begin();
  container.addEventListener("controllerchange", () => {
    if (!taking) return; // the first worker takes its page without a word
    const go = () => (free() ? location.reload() : setTimeout(go, 500));
    go();
  });

  return {
    take() {
      taking = true;
      registration?.waiting?.postMessage({ type: "take-over" });
    },
    later: () => (put = true),
    /** Send later even if the page is closed then; only some browsers can. */
    async background() {
      const sync = /** @type {any} */ (registration)?.sync;
      await sync?.register("aidtrack-field-sync").catch(() => {});
    },
  };
}

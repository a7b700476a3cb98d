// @ts-check
/** The store's twin without a browser: the same rules over maps, for tests and for trying things out. */

import { Refusal } from "./refusal.js";
import { createStore, STORES } from "./store.js";

/** @typedef {import("./store.js").StoreName} StoreName */

/** @typedef {Map<StoreName, Map<string, any>>} Disk what outlives the page: give it to the next `memoryStore` */

/** @returns {Disk} */
export const newDisk = () => new Map(/** @type {StoreName[]} */ (Object.keys(STORES)).map((name) => [name, new Map()]));

/** As storage keeps it: a copy; a key of the browser stays the same key. @param {any} value @returns {any} */
function copy(value) {
  if (value === null || typeof value !== "object" || value instanceof CryptoKey) return value;
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(copy);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copy(one)]));
}

/**
 * @param {Disk} [disk]
 * @param {{ full?: boolean, gone?: boolean, writing?: (stores: StoreName[]) => void }} [faults] may be changed while it runs;
 *   `writing` is called before each writing transaction ends and may throw
 */
export function memoryStore(disk = newDisk(), faults = {}) {
  /** @type {Promise<unknown>} */
  let turn = Promise.resolve();

  return createStore({
    close() {},
    run(stores, mode, work) {
      const mine = turn.then(async () => {
        if (faults.gone) throw new Refusal("storage_gone", { why: "InvalidStateError" });
        const drafts = new Map(stores.map((name) => [name, new Map(disk.get(name))]));
        const result = await work((name) => {
          const rows = /** @type {Map<string, any>} */ (drafts.get(name));
          return {
            get: async (key) => copy(rows.get(key)),
            getAll: async () => [...rows.values()].map(copy),
            delete: async (key) => rows.delete(key),
            put: async (value) => rows.set(value[STORES[name]], copy(value)),
          };
        });
        if (mode === "readwrite") {
          if (faults.full) throw new Refusal("storage_full");
          faults.writing?.(stores);
          for (const [name, rows] of drafts) disk.set(name, rows);
        }
        return result;
      });
      turn = mine.catch(() => {});
      return mine;
    },
  });
}

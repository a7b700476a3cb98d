// @ts-check
/**
 * The texts of events that are not sent yet, encrypted where they lie: they hold voucher codes, and what a family
 * without a voucher said of itself. The key is made in this browser and cannot be taken out of it, so that a copy of
 * the phone's files reads nothing; whoever has the unlocked phone itself is not kept out by this (docs/privacy.md).
 */

import { utf8 } from "./bytes.js";

const NAME = "seal";
const AES = { name: "AES-GCM", length: 256 };

/** @typedef {import("./store.js").Backend} Backend */
/** @typedef {import("./store.js").Stored} Stored */
/** @typedef {Omit<Stored, "body"> & { body?: string, sealed?: { iv: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer> } }} Row */

/** @param {Backend} backend */
export function createSeal(backend) {
  /** @type {Promise<CryptoKey> | null} */
  let known = null;

  async function made() {
    const kept = await backend.run(["settings"], "readonly", (table) => table("settings").get(NAME));
    if (kept?.value) return kept.value;
    const fresh = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
    // another page may have made one in between: the first one stays
    return backend.run(["settings"], "readwrite", async (table) => {
      const there = (await table("settings").get(NAME))?.value;
      if (!there) await table("settings").put({ name: NAME, value: fresh });
      return there ?? fresh;
    });
  }

  function key() {
    known ??= made().catch((error) => {
      known = null;
      throw error;
    });
    return known;
  }

  /** @param {Uint8Array<ArrayBuffer>} iv @param {string} id */
  const way = (iv, id) => ({ name: "AES-GCM", iv, additionalData: utf8(id) });

  return {
    /** The event as it is kept. @param {Stored} event @returns {Promise<Row>} */
    async closed({ body, ...row }) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const bytes = await crypto.subtle.encrypt(way(iv, row.id), await key(), utf8(body));
      return { ...row, sealed: { iv, bytes: new Uint8Array(bytes) } };
    },

    /**
     * Events with their texts. One that does not open stays where it is and goes on counting as not sent; it holds
     * up no other.
     * @param {Row[]} rows
     * @returns {Promise<Stored[]>}
     */
    async opened(rows) {
      if (!rows.length) return [];
      const using = await key();
      const found = await Promise.all(rows.map(async ({ sealed, ...row }) => {
        if (row.body !== undefined) return /** @type {Stored} */ (row); // written by an older page
        if (!sealed) return null;
        try {
          const bytes = await crypto.subtle.decrypt(way(sealed.iv, row.id), using, sealed.bytes);
          return { ...row, body: new TextDecoder().decode(bytes) };
        } catch {
          return null;
        }
      }));
      return found.filter((one) => one !== null);
    },
  };
}

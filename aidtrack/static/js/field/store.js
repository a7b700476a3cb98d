// @ts-check
/**
 * What the phone keeps. Every write is one transaction that is on the disk when its promise resolves (durability
 * "strict"). No names are kept: a sent event leaves a short entry without its code, and the text of one that is not
 * sent yet is sealed (seal.js).
 *
 * The rules stand here once; where the bytes lie is the backend's: IndexedDB, or memory.js in tests.
 */

import { packOf } from "./pack.js";
import { createSeal } from "./seal.js";
import { Refusal } from "./refusal.js";
import { laterOf } from "./trusted.js";

export const DATABASE = "aidtrack-field";
export const STORES = /** @type {const} */ ({ device: "id", chain: "device", pack: "name", events: "id", history: "id", settings: "name" });

/** @typedef {keyof typeof STORES} StoreName */
/** @typedef {{ get: (key: string) => Promise<any>, put: (value: any) => Promise<unknown>, delete: (key: string) => Promise<unknown>, getAll: () => Promise<any[]> }} Table */
/**
 * @typedef {object} Backend
 * @property {<T>(stores: StoreName[], mode: "readonly" | "readwrite", work: (table: (name: StoreName) => Table) => Promise<T>) => Promise<T>} run
 *   all or nothing; `work` awaits nothing but its tables
 * @property {() => void} close
 */
/**
 * @typedef {object} Device
 * @property {string} id
 * @property {string} person
 * @property {{ id: number, code?: string, name_uk: string, name_en: string }} place
 * @property {{ id: number, code?: string }} round
 * @property {string} publicKey b64
 * @property {CryptoKey} privateKey not extractable
 * @property {number} enrolledAt
 * @property {boolean} active
 * @property {string | null} trouble why the server takes nothing of it
 */
/**
 * @typedef {object} Entry what stays of an event when it was sent: no code, no name
 * @property {string} id
 * @property {string} device
 * @property {number} seq
 * @property {string} type
 * @property {number} place
 * @property {number | null} round tag
 * @property {number | null} index
 * @property {string | null} of
 * @property {number} est
 * @property {import("./stock.js").Pick[]} lots
 * @property {{ item: string, units: number }[]} lines
 * @property {boolean} partial
 * @property {string} outcome "" while unsent
 * @property {number | null} receiptAt
 * @property {number} generation of the pack that was here when the receipt came
 */
/** @typedef {Entry & { body: string, sig: string, hash: string }} Stored an event not yet sent; the body's bytes are never made again */
/**
 * @typedef {object} PackMeta
 * @property {string} serial
 * @property {string} device
 * @property {number} issuedAt of the pack, or of the server's word that it still holds
 * @property {number} size bytes of all its parts
 * @property {number} generation
 */
/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {Backend} backend */
export function createStore(backend) {
  const seal = createSeal(backend);
  /** @param {StoreName} name @returns {Promise<any[]>} */
  const all = (name) => backend.run([name], "readonly", (table) => table(name).getAll());
  /** @param {StoreName} name @param {string} key @returns {Promise<any>} */
  const one = (name, key) => backend.run([name], "readonly", (table) => table(name).get(key));
  /** Own entries as they were at `revision`, so that a scan does not read the whole day again. */
  let known = { revision: "", own: /** @type {Entry[]} */ ([]) };

  /** Says to every page that events or history are other ones now. @param {(name: StoreName) => Table} table */
  async function changed(table) {
    const before = (await table("settings").get("revision"))?.value ?? "";
    const value = crypto.randomUUID();
    await table("settings").put({ name: "revision", value });
    return { before, value };
  }

  return {
    close: () => backend.close(),

    /** The oldest first. @returns {Promise<Device[]>} */
    devices: async () => (await all("device")).sort((a, b) => a.enrolledAt - b.enrolledAt),
    /** @returns {Promise<Device | null>} */
    activeDevice: async () => (await all("device")).find((device) => device.active) ?? null,

    /** A new enrolment: the one before stays, so that its events are still sent under it. @param {Device} device */
    enrolled: (device) =>
      backend.run(["device", "chain"], "readwrite", async (table) => {
        for (const other of await table("device").getAll()) {
          if (other.active) await table("device").put({ ...other, active: false });
        }
        await table("device").put({ ...device, active: true });
        await table("chain").put({ device: device.id, seq: 0, prev: null });
      }),

    /** @param {string} id @param {string | null} trouble */
    troubled: (id, trouble) =>
      backend.run(["device"], "readwrite", async (table) => {
        const device = await table("device").get(id);
        if (device && device.trouble !== trouble) await table("device").put({ ...device, trouble });
      }),

    /**
     * What a scan needs to know, in one transaction.
     * @returns {Promise<{ device: Device | null, chain: { seq: number, prev: string | null } | null, meta: PackMeta | null,
     *   clock: import("./trusted.js").Saved | null, own: Entry[] }>} own: everything this phone did and still knows of
     */
    async glance() {
      const seen = await backend.run(["device", "chain", "pack", "settings", "events", "history"], "readonly", async (table) => {
        const [devices, chains, meta, clock, revision] = await Promise.all([
          table("device").getAll(), table("chain").getAll(), table("pack").get("meta"), table("settings").get("clock"), table("settings").get("revision"),
        ]);
        const now = revision?.value ?? "none yet";
        const rows = now === known.revision ? null : await Promise.all([table("history").getAll(), table("events").getAll()]);
        return { devices, chains, meta, clock: clock?.value, now, rows };
      });
      if (seen.rows) known = { revision: seen.now, own: seen.rows.flat().map(entryOf).sort(inOrder) };
      const device = seen.devices.find(({ active }) => active) ?? null;
      const chain = seen.chains.find((found) => found.device === device?.id) ?? null;
      return { device, chain, meta: seen.meta ?? null, clock: seen.clock ?? null, own: known.own };
    },

    /**
     * Writes an event down. Throws `chain_moved` when another tab wrote one in between, and nothing is written then.
     * @param {Stored} event
     * @param {string | null} prev
     * @returns {Promise<Entry | null>} what was there under this id before
     */
    async append(event, prev) {
      const row = await seal.closed(event);
      let revision = { before: "", value: "" };
      const found = await backend.run(["chain", "events", "history", "settings"], "readwrite", async (table) => {
        const before = (await table("events").get(event.id)) ?? (await table("history").get(event.id));
        if (before) return before;
        const chain = await table("chain").get(event.device);
        if (!chain) throw new Refusal("storage_gone");
        if (chain.seq + 1 !== event.seq || chain.prev !== prev) throw new Refusal("chain_moved");
        await table("events").put(row);
        await table("chain").put({ device: event.device, seq: event.seq, prev: event.hash });
        revision = await changed(table);
        return null;
      });
      if (!found && known.revision === revision.before) known = { revision: revision.value, own: [...known.own, entryOf(event)] };
      return found;
    },

    /** Not sent yet, in the order they were made. @returns {Promise<Stored[]>} */
    events: async () => (await seal.opened(await all("events"))).sort(inOrder),
    /** @returns {Promise<Entry[]>} */
    history: async () => (await all("history")).sort(inOrder),
    /**
     * Events with a receipt leave for the history: only where id and body hash are those of an event that is here.
     * @param {{ id: string, hash: string, outcome: string, receiptAt: number, generation: number }[]} receipts
     * @returns {Promise<string[]>} ids that left
     */
    settle: (receipts) =>
      backend.run(["events", "history", "settings"], "readwrite", async (table) => {
        // asked for all at once: one after the other they would wait for each other's answers
        const taken = await Promise.all(receipts.map(async ({ id, hash, outcome, receiptAt, generation }) => {
          const event = await table("events").get(id);
          if (!event || event.hash !== hash) return null;
          const entry = { ...entryOf(event), outcome, receiptAt, generation };
          await Promise.all([table("history").put(entry), table("events").delete(id)]);
          return id;
        }));
        const left = taken.filter((id) => id !== null);
        if (left.length) await changed(table);
        return left;
      }),

    /** Which pack is here, without its megabytes. @returns {Promise<PackMeta | null>} */
    packMeta: async () => (await one("pack", "meta")) ?? null,
    /** @returns {Promise<import("./pack.js").Pack | null>} */
    async pack() {
      /** @type {any[]} */
      const rows = await all("pack");
      const part = (/** @type {string} */ name) => rows.find((row) => row.name === name);
      const meta = part("meta");
      if (!meta) return null;
      const blobs = new Map(rows.filter(({ bytes }) => bytes).map(({ name, bytes }) => [name, bytes]));
      return packOf(part("head").head, blobs, meta.issuedAt, meta.generation);
    },

    /**
     * The new pack takes the old one's place; entries made before `before` are forgotten.
     * @param {{ head: import("./pack.js").Head, blobs: import("./pack.js").Blobs, fresh: string[] }} received
     * @param {number} before
     */
    putPack: ({ head, blobs, fresh }, before) =>
      backend.run(["pack", "history", "settings"], "readwrite", async (table) => {
        const generation = ((await table("pack").get("meta"))?.generation ?? 0) + 1;
        for (const name of fresh) await table("pack").put({ name, bytes: blobs.get(name) });
        await table("pack").put({ name: "head", head });
        const size = [...blobs.values()].reduce((bytes, blob) => bytes + blob.length, 0);
        const { serial, device } = head;
        await table("pack").put({ name: "meta", serial, device, size, generation, issuedAt: Date.parse(head.issued_at) });
        for (const entry of await table("history").getAll()) {
          if (entry.est < before) await table("history").delete(entry.id);
        }
        await changed(table);
      }),
    /** The server's word that the pack still holds. @param {string} serial @param {number} issuedAt */
    renewPack: (serial, issuedAt) =>
      backend.run(["pack"], "readwrite", async (table) => {
        const meta = await table("pack").get("meta");
        if (meta?.serial === serial && meta.issuedAt < issuedAt) await table("pack").put({ ...meta, issuedAt });
      }),

    /** @param {string} name @returns {Promise<any>} */
    setting: async (name) => (await one("settings", name))?.value ?? null,
    /** @param {string} name @param {any} value */
    putSetting: (name, value) => backend.run(["settings"], "readwrite", (table) => table("settings").put({ name, value })),

    /** Two runs of the browser save their clocks; the one that counts stays. @param {import("./trusted.js").Saved} clock */
    putClock: (clock) =>
      backend.run(["settings"], "readwrite", async (table) => {
        const before = (await table("settings").get("clock"))?.value;
        await table("settings").put({ name: "clock", value: laterOf(before, clock) });
      }),
  };
}

/** @param {Entry} one @param {Entry} other */
const inOrder = (one, other) => (one.device === other.device ? one.seq - other.seq : one.est - other.est || (one.device < other.device ? -1 : 1));

/** @param {Entry} event @returns {Entry} */
function entryOf({ id, device, seq, type, place, round, index, of, est, lots, lines, partial, outcome, receiptAt, generation }) {
  return { id, device, seq, type, place, round, index, of, est, lots, lines, partial, outcome, receiptAt, generation };
}

/**
 * @param {{ openDB: (name: string, version: number, callbacks: Record<string, (...given: any[]) => void>) => Promise<any> }} idb the vendored module
 * @param {string} [name]
 */
export function openStore({ openDB }, name = DATABASE) {
  /** @type {Promise<any> | null} */
  let opening = null;

  function open() {
    // a browser that keeps nothing may throw at once instead of refusing later
    opening ??= (async () => openDB(name, 1, {
      upgrade(db) {
        for (const [store, keyPath] of Object.entries(STORES)) db.createObjectStore(store, { keyPath });
      },
      blocking() {
        forget(); // a newer page wants to change the database: it must not wait for this one
      },
      terminated() {
        opening = null; // the browser threw the storage away; the next use finds out
      },
    }))().catch((/** @type {unknown} */ error) => {
      opening = null;
      throw named(error);
    });
    return opening;
  }

  function forget() {
    const closing = opening;
    opening = null;
    closing?.then((db) => db.close(), () => {});
  }

  return createStore({
    close: forget,
    async run(stores, mode, work) {
      const transaction = (await open()).transaction(stores, mode, { durability: "strict" });
      const done = transaction.done.then(() => null, (/** @type {any} */ error) => error ?? new Error("aborted"));
      let result;
      try {
        result = await work((store) => transaction.objectStore(store));
      } catch (error) {
        try {
          transaction.abort();
        } catch {
          // it ended by itself
        }
        const ended = await done;
        throw error instanceof Refusal ? error : named(ended?.name === "QuotaExceededError" ? ended : error);
      }
      const failed = await done;
      if (failed) throw named(failed);
      return result;
    },
  });
}

/** @param {any} error @returns {Error} */
function named(error) {
  if (error?.name === "QuotaExceededError") return new Refusal("storage_full");
  return new Refusal("storage_gone", { why: String(error?.name ?? error) });
}

// @ts-check
/** The engine as a page or a service worker uses it: one object, everything behind it. See docs/counter.md. */

import { localDay } from "./day.js";
import { enrol } from "./device.js";
import { createLedger } from "./events.js";
import { sealed } from "./file.js";
import { here, judge, ownOf, readyScene } from "./judge.js";
import { heldLots, planLines } from "./stock.js";
import { createSync } from "./sync.js";
import { createClock, leftOf } from "./trusted.js";
import { Refusal } from "./refusal.js";

/** @typedef {import("./judge.js").Verdict} Verdict */
/** @typedef {import("./judge.js").Own} Own */
/** @typedef {import("./events.js").Kept} Kept */
/** @typedef {import("./stock.js").Line} Line */
/** @typedef {import("./sync.js").Report} Report */
/** @typedef {Awaited<ReturnType<typeof openEngine>>} Engine */
/**
 * @typedef {object} Status
 * @property {import("./store.js").Device | null} device
 * @property {{ serial: string, issuedAt: number, ageMs: number, leftMs: number, bytes: number, alive: boolean, turnedBack: boolean, head: import("./pack.js").Head } | null} pack
 * @property {{ count: number, oldest: number | null }} unsent
 * @property {string | null} trouble
 * @property {number} now trusted moment
 */

/** Without `navigator.locks` (old browsers) one page still takes turns; between pages the store refuses. @returns {import("./events.js").Locks} */
export function ownLocks() {
  /** @type {Map<string, Promise<unknown>>} */
  const turns = new Map();
  return {
    request(name, work) {
      const mine = (turns.get(name) ?? Promise.resolve()).then(work);
      turns.set(name, mine.catch(() => {}));
      return mine;
    },
  };
}

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {string} parts.app version of the page
 * @param {typeof fetch} [parts.fetch]
 * @param {import("./events.js").Locks} [parts.locks]
 * @param {() => number} [parts.wall]
 * @param {() => number} [parts.mono]
 * @param {() => number} [parts.random]
 * @param {() => boolean} [parts.hidden]
 * @param {(news: { type: string, [detail: string]: any }) => void} [parts.tell]
 */
export async function openEngine({
  store, app, tell = () => {},
  fetch = (...request) => globalThis.fetch(...request),
  locks = /** @type {any} */ (globalThis.navigator?.locks ?? ownLocks()),
  wall = () => Date.now(),
  mono = () => performance.now(),
  random = Math.random,
  hidden = () => globalThis.document?.visibilityState === "hidden",
}) {
  const boot = crypto.randomUUID();
  const save = (/** @type {import("./trusted.js").Saved} */ saved) => void store.putClock(saved).catch(() => tell({ type: "storage" }));
  const clock = createClock({ saved: await store.setting("clock"), wall, mono, boot, save, hidden });
  const sync = createSync({ store, clock, fetch, locks, app, mono, random, tell });
  const ledger = createLedger({ store, clock, locks, app, scene });
  /** @type {import("./pack.js").Pack | null} */
  let opened = null;

  /** The pack, read again only when another one came. @param {import("./store.js").PackMeta | null} meta */
  async function currentPack(meta) {
    if (!meta) opened = null;
    else if (opened?.generation !== meta.generation || opened.head.device !== meta.device) {
      opened = await store.pack().catch((error) => {
        if (error instanceof Refusal) throw error;
        return null; // what cannot be read is no pack; the next sync brings another
      });
    } else opened.issuedAt = meta.issuedAt;
    return opened;
  }

  async function scene() {
    const { clock: saved, meta, ...seen } = await store.glance();
    clock.adopt(saved);
    return { ...seen, meta, pack: await currentPack(meta), now: clock.now(), until: clock.until };
  }

  /** @param {Promise<Kept>} keeping */
  async function told(keeping) {
    const kept = await keeping;
    tell({ type: "kept", id: kept.id });
    return kept;
  }

  return {
    /** @returns {Promise<Status>} */
    async status() {
      const { device, pack, meta, own, now, until } = await scene();
      const leftMs = pack && leftOf(pack, now, until);
      const unsent = own.filter(({ receiptAt }) => receiptAt === null);
      return {
        device,
        pack: pack && meta && leftMs !== null && {
          serial: pack.head.serial, issuedAt: pack.issuedAt, ageMs: Math.max(0, now - pack.issuedAt), leftMs,
          bytes: meta.size, alive: leftMs > 0, head: pack.head, turnedBack: until !== null,
        },
        unsent: { count: unsent.length, oldest: unsent.length ? Math.min(...unsent.map(({ est }) => est)) : null },
        trouble: device?.trouble ?? sync.trouble,
        now,
      };
    },

    /** @param {string} invitation @param {string} name */
    enrol: (invitation, name) => enrol({ store, clock, fetch, app, invitation, name }),

    /** @param {string} text @param {string} entered camera, scanner or typed @returns {Promise<Verdict>} */
    look: async (text, entered) => judge(text, entered, await scene()),

    /** @param {Parameters<typeof ledger.handout>[0]} order */
    handout: (order) => told(ledger.handout(order)),
    /** @param {Parameters<typeof ledger.undo>[0]} order */
    undo: (order) => told(ledger.undo(order)),
    /** @param {Parameters<typeof ledger.withoutVoucher>[0]} order */
    withoutVoucher: (order) => told(ledger.withoutVoucher(order)),

    /** @param {{ item: string, units: number }[]} lines @returns {Promise<Line[]>} */
    async plan(lines) {
      const { pack, own, now } = readyScene(await scene());
      return planLines(pack.head, heldLots(pack, here(own, pack)), lines, localDay(now, pack.head.site.time_zone));
    },
    async profiles() {
      return readyScene(await scene()).pack.head.profiles;
    },
    async supervisors() {
      return readyScene(await scene()).pack.head.supervisors.map(({ id, name }) => ({ id, name }));
    },

    /** @param {number} count @returns {Promise<Own[]>} */
    async own(count) {
      const { pack, own } = await scene();
      const handouts = own.filter(({ type }) => type !== "undo").sort((a, b) => b.est - a.est);
      return handouts.slice(0, count).map((one) => ownOf(one, own, pack?.head ?? null));
    },

    /** @param {{ now?: boolean }} [how] @returns {Promise<Report>} */
    async sync(how) {
      const report = await sync.run(how);
      tell({ type: "synced", report });
      return report;
    },

    /** @param {number} limit @returns {Promise<boolean>} */
    word: (limit) => sync.word(limit),

    /** One file a device. Throws `no_pack` where the centre's key never arrived. */
    async files() {
      const { pack } = await scene();
      if (!pack) throw new Refusal("no_pack");
      const events = await store.events();
      const devices = [...new Set(events.map(({ device }) => device))];
      return Promise.all(devices.map(async (device) => ({
        name: `aidtrack-${device.slice(0, 8)}-${localDay(clock.now(), pack.head.site.time_zone)}.aidfile`,
        bytes: await sealed(device, events.filter((event) => event.device === device), pack.head.file_key),
      })));
    },

    slept: () => clock.slept(),
    close() {
      clock.keep();
      store.close();
    },
  };
}

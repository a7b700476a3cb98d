// @ts-check
/**
 * Sending the events and fetching the pack. An event leaves only for a receipt that names it by id and body hash;
 * whatever else is answered, refused, cut off or lost leaves everything as it was. One sender at a time, over pages
 * and service worker, by a lock.
 */

import { moment } from "./day.js";
import { authorization } from "./device.js";
import { heldBy, readPack } from "./pack.js";
import { Refusal } from "./refusal.js";

export const LOCK = "aidtrack-field-sync";
const BATCH_EVENTS = 100;
const BATCH_BYTES = 400_000;
const PATIENCE_MS = 45_000;
const PACK_PATIENCE_MS = 180_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** An unchanged pack is asked after again, so that its life begins anew. */
const RENEW_AFTER_MS = 600_000;
/** Answers by which the server refuses the phone itself. */
const REFUSALS = new Map([["unknown_device", 401], ["bad_signature", 401], ["device_revoked", 403], ["person_deactivated", 403]]);

/** @typedef {import("./store.js").Device} Device */
/** @typedef {import("./store.js").Stored} Stored */
/** @typedef {{ id: string | null, hash: string, outcome: string, at: string, title: string, text: string }} Receipt */
/**
 * @typedef {object} Report
 * @property {number} sent events that have their receipt
 * @property {number} left events still here
 * @property {Record<string, number>} outcomes of those sent
 * @property {"new" | "same" | "none" | "failed"} pack
 * @property {string | null} trouble
 * @property {number | null} serverTime
 * @property {number} retryInMs when to try again; 0: nothing is waiting
 */
/** @typedef {{ kind: "ok", body: any } | { kind: "same", issuedAt: number } | { kind: "clock", serverTime: number } | { kind: "refused", code: string } | { kind: "tooLarge" } | { kind: "nothing", why: string }} Reply */

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./trusted.js").Clock} parts.clock
 * @param {typeof fetch} parts.fetch
 * @param {import("./events.js").Locks} parts.locks
 * @param {string} parts.app
 * @param {() => number} parts.mono
 * @param {() => number} [parts.random] 0 … 1
 * @param {(news: { type: string, [detail: string]: any }) => void} [parts.tell]
 */
export function createSync({ store, clock, fetch, locks, app, mono, random = Math.random, tell = () => {} }) {
  let failures = 0;
  let notBefore = -Infinity;
  /** @type {Promise<Report> | null} */
  let running = null;
  /** @type {string | null} */
  let lastTrouble = null;

  /**
   * @param {Device} device
   * @param {string} method
   * @param {string} path
   * @param {string} body
   * @param {(response: Response) => Promise<any>} read
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Reply>}
   */
  async function call(device, method, path, body, read, headers = {}) {
    const reply = await once(device, method, path, body, read, headers);
    if (reply.kind !== "clock") return reply;
    clock.anchor(reply.serverTime); // the offset was wrong: once more with the server's time
    return once(device, method, path, body, read, headers);
  }

  /**
   * @param {Device} device
   * @param {string} method
   * @param {string} path
   * @param {string} body
   * @param {(response: Response) => Promise<any>} read
   * @param {Record<string, string>} headers
   * @returns {Promise<Reply>}
   */
  async function once(device, method, path, body, read, headers) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), method === "GET" ? PACK_PATIENCE_MS : PATIENCE_MS);
    try {
      const signature = await authorization(device, { method, path, body, ms: Math.round(clock.now()) });
      const response = await fetch(path, {
        method,
        headers: { ...headers, Authorization: signature, ...(body ? { "Content-Type": "application/json" } : {}) },
        body: body || undefined,
        credentials: "omit",
        cache: "no-store",
        signal: patience.signal,
      });
      return await replyOf(response, read);
    } catch (error) {
      return { kind: "nothing", why: String(/** @type {any} */ (error)?.name ?? error) };
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * @param {Device} device
   * @param {Stored[]} batch
   * @param {Stored[]} unsent of this device
   */
  function post(device, batch, unsent) {
    const { wall, mono: ticks, boot } = clock.reading();
    const body = JSON.stringify({
      app, unsent: unsent.length, oldest: unsent[0] ? moment(unsent[0].est) : null, now: moment(wall), mono: ticks, boot,
      events: batch.map(({ body: text, sig }) => ({ body: text, sig })),
    });
    return call(device, "POST", "/sync/v1/events", body, (response) => response.json());
  }

  /** @param {Device} device @param {Report} report @returns {Promise<string | null>} serial of the newest pack */
  async function send(device, report) {
    let limit = BATCH_EVENTS;
    const stuck = new Set();
    let reported = -1;
    for (;;) {
      const unsent = (await store.events()).filter((event) => event.device === device.id);
      const batch = batchOf(unsent.filter(({ id }) => !stuck.has(id)), limit);
      // the last word is how many are left, also when there was nothing to send
      if (!batch.length && (!device.active || reported === unsent.length)) return null;
      const reply = await post(device, batch, unsent);
      if (reply.kind === "tooLarge" && batch.length > 0) {
        if (batch.length === 1) {
          stuck.add(batch[0].id);
          report.trouble = "too_large";
        }
        limit = Math.max(1, Math.floor(batch.length / 2));
        continue;
      }
      if (reply.kind !== "ok") throw await troubleOf(device, reply);
      const { receipts, server_time: serverTime, pack, revoked } = reply.body ?? {};
      const at = Date.parse(serverTime);
      if (!Array.isArray(receipts) || !Number.isFinite(at)) throw new Refusal("no_answer", { why: "body" });
      clock.anchor(at);
      report.serverTime = at;
      await store.troubled(device.id, revoked === true ? "device_revoked" : null);
      const named = receiptsFor(batch, receipts, at);
      const generation = (await store.packMeta())?.generation ?? 0;
      const left = new Set(await store.settle(named.map((one) => ({ ...one, generation }))));
      for (const { id, outcome } of named) {
        if (left.has(id)) report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
      }
      report.sent += left.size;
      reported = unsent.length;
      tell({ type: "progress", sent: report.sent, left: unsent.length - left.size });
      if (!batch.length) return typeof pack === "string" ? pack : null;
      // a server that answers without any receipt of ours would be asked for ever
      if (!left.size) throw new Refusal("no_answer", { why: "receipts" });
    }
  }

  /** @param {Device} device @param {Reply} reply @returns {Promise<Refusal>} */
  async function troubleOf(device, reply) {
    if (reply.kind === "refused" && REFUSALS.has(reply.code)) await store.troubled(device.id, reply.code);
    if (reply.kind === "refused") return new Refusal(REFUSALS.has(reply.code) ? reply.code : "refused", { code: reply.code });
    if (reply.kind === "tooLarge") return new Refusal("too_large");
    return reply.kind === "clock" ? new Refusal("clock") : new Refusal("no_answer", reply.kind === "nothing" ? { why: reply.why } : {});
  }

  /**
   * @param {Device} device
   * @param {string | null} newest serial of the newest pack, as the server just named it
   * @returns {Promise<Report["pack"]>}
   */
  async function fetchPack(device, newest) {
    const meta = await store.packMeta();
    const known = meta?.device === device.id && meta.serial === newest;
    if (meta && known && clock.now() - meta.issuedAt < RENEW_AFTER_MS) return "same";
    const here = meta ? await store.pack().catch(() => null) : null;
    const mine = here?.head.device === device.id ? here : null;
    const read = async (/** @type {Response} */ response) => new Uint8Array(await response.arrayBuffer());
    const ask = (/** @type {string} */ have) =>
      call(device, "GET", `/sync/v1/pack${have && `?have=${have}`}`, "", read, mine ? { "If-None-Match": `"${mine.head.serial}"` } : {});
    const held = here ? heldBy(here) : new Map();
    let reply = await ask([...held.keys()].join(","));
    if (reply.kind === "same" && mine) {
      if (Number.isFinite(reply.issuedAt)) await store.renewPack(mine.head.serial, reply.issuedAt);
      return "same";
    }
    if (reply.kind !== "ok") throw await troubleOf(device, reply);
    let received = await readPack(reply.body, held).catch(() => null);
    if (!received && here) {
      reply = await ask(""); // whole, in case what was held is no longer what it was
      if (reply.kind !== "ok") throw await troubleOf(device, reply);
    }
    received ??= await readPack(reply.body);
    const { head } = received;
    if (head.device !== device.id || head.round.id !== device.round.id) throw new Refusal("pack_unreadable", { why: "other" });
    const issuedAt = Date.parse(head.issued_at);
    if (mine && issuedAt < mine.issuedAt) return "same"; // a stale copy on the way
    await store.putPack(received, issuedAt - head.good_for_s * 1000);
    tell({ type: "pack", serial: head.serial });
    return "new";
  }

  /** @returns {Promise<Report>} */
  async function run() {
    /** @type {Report} */
    const report = { sent: 0, left: 0, outcomes: {}, pack: "none", trouble: null, serverTime: null, retryInMs: 0 };
    try {
      clock.adopt(await store.setting("clock"));
      const devices = await store.devices();
      const unsent = new Set((await store.events()).map(({ device }) => device));
      for (const device of devices.filter(({ id, active }) => active || unsent.has(id))) {
        try {
          const newest = await send(device, report);
          if (device.active) report.pack = await fetchPack(device, newest);
        } catch (error) {
          // one enrolment's trouble does not hold up another's events
          report.trouble = error instanceof Refusal ? error.code : "no_answer";
          if (device.active) report.pack = "failed";
          if (!REFUSALS.has(report.trouble)) break;
        }
      }
      report.left = (await store.events()).length;
    } catch (error) {
      report.trouble = error instanceof Refusal ? error.code : "no_answer";
    }
    paused(report);
    return report;
  }

  /** @param {Report} report */
  function paused(report) {
    lastTrouble = report.trouble;
    failures = report.trouble ? failures + 1 : 0;
    const refused = report.trouble !== null && REFUSALS.has(report.trouble);
    const pause = refused ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    // phones that lost the same network do not all come back in the same second
    report.retryInMs = report.trouble ? Math.round(pause * (0.75 + random() / 4)) : 0;
    notBefore = report.trouble ? mono() + report.retryInMs : -Infinity;
  }

  return {
    /** What the last run met, or null. */
    get trouble() {
      return lastTrouble;
    },
    /**
     * Never throws. Calls while it runs get the same report.
     * @param {{ now?: boolean }} [how] now: without waiting for the pause after a failure
     * @returns {Promise<Report>}
     */
    async run({ now = false } = {}) {
      if (running) return running;
      if (!now && mono() < notBefore) {
        const left = await store.events().then((events) => events.length, () => 0);
        return { sent: 0, left, outcomes: {}, pack: "none", trouble: lastTrouble, serverTime: null, retryInMs: Math.ceil(notBefore - mono()) };
      }
      running = locks.request(LOCK, run).finally(() => (running = null));
      return running;
    },
  };
}

/** The oldest events, as many as go into one request. @param {Stored[]} events @param {number} limit */
export function batchOf(events, limit) {
  let bytes = 0;
  const batch = [];
  for (const event of events) {
    bytes += event.body.length + event.sig.length;
    if (batch.length === limit || (batch.length > 0 && bytes > BATCH_BYTES)) break;
    batch.push(event);
  }
  return batch;
}

/**
 * Receipts for events of the batch: id and hash both fit. The hash alone names an event only where the server says
 * that it could read no id.
 * @param {Stored[]} batch
 * @param {any[]} receipts
 * @param {number} serverTime
 */
export function receiptsFor(batch, receipts, serverTime) {
  const byHash = new Map(batch.map((event) => [event.hash, event]));
  const found = [];
  for (const receipt of receipts) {
    const event = byHash.get(receipt?.hash);
    if (!event || (receipt.id !== event.id && receipt.id !== null)) continue;
    if (typeof receipt.outcome !== "string" || !receipt.outcome) continue;
    const at = Date.parse(receipt.at);
    found.push({ id: event.id, hash: event.hash, outcome: receipt.outcome, receiptAt: Number.isFinite(at) ? at : serverTime });
  }
  return found;
}

/**
 * @param {Response} response
 * @param {(response: Response) => Promise<any>} read
 * @returns {Promise<Reply>}
 */
export async function replyOf(response, read) {
  const { status } = response;
  if (response.redirected) return { kind: "nothing", why: "redirected" }; // somebody's Wi-Fi page
  if (status === 304) return { kind: "same", issuedAt: Date.parse(response.headers.get("Aidtrack-Issued-At") ?? "") };
  if (status === 413) return { kind: "tooLarge" };
  if (status >= 500) return { kind: "nothing", why: String(status) };
  try {
    if (status === 200) return { kind: "ok", body: await read(response) };
    const body = await response.json();
    if (typeof body?.code !== "string") return { kind: "nothing", why: String(status) };
    const serverTime = Date.parse(body.server_time ?? body.facts?.server_time);
    if (status === 401 && body.code === "clock" && Number.isFinite(serverTime)) return { kind: "clock", serverTime };
    // a refusal counts as the phone's only with its own status: words in a foreign page mean nothing
    const ours = !REFUSALS.has(body.code) || REFUSALS.get(body.code) === status;
    return ours ? { kind: "refused", code: body.code } : { kind: "nothing", why: String(status) };
  } catch {
    return { kind: "nothing", why: "cut" };
  }
}

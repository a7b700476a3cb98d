// @ts-check
/**
 * Sending the events and fetching the pack. An event leaves only for a receipt that names it by id and body hash;
 * whatever else is answered, refused, cut off or lost leaves everything as it was. One sender at a time, over pages
 * and service worker, by a lock.
 */

import { moment } from "./day.js";
import { authorization } from "./device.js";
import { readPack } from "./pack.js";
import { Refusal } from "./refusal.js";

export const LOCK = "aidtrack-field-sync";
const BATCH_EVENTS = 100;
const BATCH_BYTES = 400_000;
/** What a busy server takes of one request in any case. */
const FEWEST_EVENTS = 5;
const PATIENCE_MS = 45_000;
const PACK_PATIENCE_MS = 180_000;
/** The server's word that it trusts this phone is good for as long as this, and then asked for anew where there is a line. */
const WORD_MS = 1_000;
const WORD_PATIENCE_MS = 30_000;
/** A line that did not answer in time holds up no other scan for a while. */
const UNHEARD_MS = 30_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** An unchanged pack is asked after again, so that its life begins anew. */
const RENEW_AFTER_MS = 600_000;
/** Not after each handout: every one of them makes another pack. */
const ASK_EVERY_MS = 120_000;
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
/** @typedef {{ took: number }} Took ms from the request to the last byte of its answer */
/** @typedef {{ kind: "ok", body: any, issuedAt: number } | { kind: "same", issuedAt: number } | { kind: "clock", serverTime: number } | { kind: "refused", code: string } | { kind: "tooLarge" } | { kind: "nothing", why: string }} Reply */

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
  let askedAt = -Infinity;
  /** Until when enrolments of before are left alone after a refusal. @type {Map<string, number>} */
  const resting = new Map();
  /** @type {Promise<Report> | null} */
  let running = null;
  /** @type {string | null} */
  let lastTrouble = null;
  let heardAt = -Infinity; // when the request was sent that the server answered last
  let unheardUntil = -Infinity;
  /** @type {Promise<boolean> | null} */
  let asking = null;

  /**
   * @param {Device} device
   * @param {string} method
   * @param {string} path
   * @param {string} body
   * @param {(response: Response) => Promise<any>} read
   * @param {Record<string, string>} [headers]
   * @param {number} [limit] ms
   * @returns {Promise<Reply & Took>}
   */
  async function call(device, method, path, body, read, headers = {}, limit = method === "GET" ? PACK_PATIENCE_MS : PATIENCE_MS) {
    const reply = await once(device, method, path, body, read, headers, limit);
    if (reply.kind !== "clock") return reply;
    clock.anchor(reply.serverTime, reply.took); // the offset was wrong: once more with the server's time
    return once(device, method, path, body, read, headers, limit);
  }

  /**
   * @param {Device} device
   * @param {string} method
   * @param {string} path
   * @param {string} body
   * @param {(response: Response) => Promise<any>} read
   * @param {Record<string, string>} headers
   * @param {number} limit
   * @returns {Promise<Reply & Took>}
   */
  async function once(device, method, path, body, read, headers, limit) {
    const patience = new AbortController();
    const began = mono();
    const timer = setTimeout(() => patience.abort(), limit);
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
      const reply = await replyOf(response, read);
      if (device.active && reply.kind !== "nothing") heardAt = Math.max(heardAt, began);
      return { ...reply, took: mono() - began };
    } catch (error) {
      return { kind: "nothing", why: String(/** @type {any} */ (error)?.name ?? error), took: mono() - began };
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

  /**
   * Until nothing of this device is left that can go.
   * @param {Device} device
   * @param {Report} report
   * @returns {Promise<string | null>} serial of the newest pack, where the server named it
   */
  async function send(device, report) {
    let most = BATCH_EVENTS;
    let limit = most;
    const stuck = new Set();
    let newest = null;
    const waiting = async () => (await store.events()).filter((event) => event.device === device.id);
    let unsent = await waiting();
    for (;;) {
      let batch = batchOf(unsent.filter(({ id }) => !stuck.has(id)), limit);
      if (!batch.length) {
        unsent = await waiting(); // what was written down meanwhile goes too
        batch = batchOf(unsent.filter(({ id }) => !stuck.has(id)), limit);
        if (!batch.length) return newest;
      }
      const reply = await post(device, batch, unsent);
      if (reply.kind === "tooLarge") {
        if (batch.length === 1) {
          stuck.add(batch[0].id);
          report.trouble = "too_large";
        }
        most = limit = Math.max(1, Math.floor(batch.length / 2));
        continue;
      }
      if (reply.kind !== "ok") throw await troubleOf(device, reply);
      const { receipts, server_time: serverTime, pack, revoked } = reply.body ?? {};
      const at = Date.parse(serverTime);
      if (!Array.isArray(receipts) || !Number.isFinite(at)) throw new Refusal("no_answer", { why: "body" });
      heard(at, report, reply.took);
      await store.troubled(device.id, revoked === true ? "device_revoked" : null);
      const named = receiptsFor(batch, receipts, at);
      const generation = (await store.packMeta())?.generation ?? 0;
      const left = new Set(await store.settle(named.map((one) => ({ ...one, generation }))));
      for (const { id, outcome } of named) {
        if (left.has(id)) report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
      }
      report.sent += left.size;
      unsent = unsent.filter(({ id }) => !left.has(id));
      tell({ type: "progress", sent: report.sent, left: unsent.length });
      // what it did not take is not sent in vain again and again: as much as it took, and a little more each time
      limit = Math.min(most, named.length < batch.length ? Math.max(FEWEST_EVENTS, named.length) : limit + Math.ceil(limit / 4));
      if (!left.size) {
        // another sender was quicker where there are no locks; else the server would be asked for ever
        const here = new Set((unsent = await waiting()).map(({ id }) => id));
        if (batch.every(({ id }) => here.has(id))) throw new Refusal("no_answer", { why: "receipts" });
      }
      newest = typeof pack === "string" ? pack : newest;
    }
  }

  /** @param {number} serverTime @param {Report} report @param {number} took */
  function heard(serverTime, report, took) {
    if (!Number.isFinite(serverTime)) return;
    clock.anchor(serverTime, took);
    report.serverTime = serverTime;
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
   * @param {string | null} newest serial of the newest pack, where the server just named it
   * @param {Report} report
   * @param {boolean} now
   * @returns {Promise<Report["pack"]>}
   */
  async function fetchPack(device, newest, report, now) {
    const meta = await store.packMeta();
    const ours = meta?.device === device.id && clock.now() - meta.issuedAt < RENEW_AFTER_MS;
    const lately = !now && newest === null && mono() - askedAt < ASK_EVERY_MS;
    if (ours && (lately || newest === meta.serial)) return "same";
    askedAt = mono();
    const here = meta ? await store.pack().catch(() => null) : null;
    const mine = here?.head.device === device.id ? here : null;
    const read = async (/** @type {Response} */ response) => new Uint8Array(await response.arrayBuffer());
    const ask = (/** @type {string} */ have) =>
      call(device, "GET", `/sync/v1/pack${have && `?have=${have}`}`, "", read, mine ? { "If-None-Match": `"${mine.head.serial}"` } : {});
    let reply = await ask(here ? here.head.blobs.map(({ name, hash }) => `${name}.${hash}`).join(",") : "");
    if (reply.kind === "same" && mine) {
      heard(reply.issuedAt, report, reply.took);
      if (Number.isFinite(reply.issuedAt)) await store.renewPack(mine.head.serial, reply.issuedAt);
      await store.troubled(device.id, null);
      return "same";
    }
    if (reply.kind !== "ok") throw await troubleOf(device, reply);
    let received = await readPack(reply.body, here?.blobs).catch(() => null);
    if (!received && here) {
      reply = await ask(""); // whole, in case what was held is no longer what it was
      if (reply.kind !== "ok") throw await troubleOf(device, reply);
    }
    received ??= await readPack(reply.body);
    heard(reply.issuedAt, report, reply.took);
    await store.troubled(device.id, null);
    const { head } = received;
    if (head.device !== device.id || head.round.id !== device.round.id) throw new Refusal("pack_unreadable", { why: "other" });
    const issuedAt = Date.parse(head.issued_at);
    if (mine && issuedAt < mine.issuedAt) return "same"; // a stale copy on the way
    await store.putPack(received, issuedAt - head.good_for_s * 1000);
    tell({ type: "pack", serial: head.serial });
    return "new";
  }

  /** Asks whether the server still trusts this phone; true where it no longer does. */
  async function ask() {
    try {
      const device = await store.activeDevice();
      if (!device) return false;
      const reply = await call(device, "GET", "/sync/v1/status", "", (response) => response.json(), {}, WORD_PATIENCE_MS);
      if (reply.kind === "ok") await store.troubled(device.id, null);
      else await troubleOf(device, reply);
      const stopped = reply.kind === "refused" && REFUSALS.has(reply.code);
      if (stopped) tell({ type: "stopped" });
      return stopped;
    } catch {
      return false; // the storage: the scan itself will say so
    }
  }

  /** @param {boolean} now @returns {Promise<Report>} */
  async function run(now) {
    /** @type {Report} */
    const report = { sent: 0, left: 0, outcomes: {}, pack: "none", trouble: null, serverTime: null, retryInMs: 0 };
    let waits = false;
    try {
      clock.adopt(await store.setting("clock"));
      const devices = await store.devices();
      const unsent = new Set((await store.events()).map(({ device }) => device));
      for (const device of devices.filter(({ id, active }) => active || unsent.has(id))) {
        if (!device.active && !now && mono() < (resting.get(device.id) ?? -Infinity)) {
          report.trouble = device.trouble;
          continue;
        }
        try {
          const newest = await send(device, report);
          if (device.active) report.pack = await fetchPack(device, newest, report, now);
        } catch (error) {
          report.trouble = error instanceof Refusal ? error.code : "no_answer";
          if (device.active) report.pack = "failed";
          // an enrolment that is over waits for itself and holds up nobody
          if (REFUSALS.has(report.trouble) && !device.active) resting.set(device.id, mono() + LONGEST_PAUSE_MS);
          else waits = true;
          if (!REFUSALS.has(report.trouble)) break;
        }
      }
      report.left = (await store.events()).length;
    } catch (error) {
      report.trouble = error instanceof Refusal ? error.code : "no_answer";
      waits = true;
    }
    pause(report, waits || report.trouble === "too_large");
    return report;
  }

  /** @param {Report} report @param {boolean} waits */
  function pause(report, waits) {
    lastTrouble = report.trouble;
    failures = waits ? failures + 1 : 0;
    const refused = report.trouble !== null && REFUSALS.has(report.trouble);
    const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    // phones that lost the same network do not all come back in the same second
    const retry = Math.round((refused || !waits ? LONGEST_PAUSE_MS : growing) * (0.75 + random() / 4));
    report.retryInMs = report.trouble ? retry : 0;
    notBefore = waits ? mono() + retry : -Infinity;
  }

  return {
    /** What the last run met, or null. */
    get trouble() {
      return lastTrouble;
    },
    /**
     * Before goods go out: the server's word on this phone, where none came within the last second. Waits no longer than
     * `limit`, and not at all while the line is known to be dead; a word that comes later is told as `stopped`. Never throws.
     * @param {number} limit ms
     * @returns {Promise<boolean>} true: the server said just now that the phone is not to hand out
     */
    async word(limit) {
      if (mono() - heardAt < WORD_MS) return false;
      asking ??= ask().finally(() => (asking = null));
      if (mono() < unheardUntil) return false;
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let timer;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, null)));
      const answer = await Promise.race([asking, late]);
      clearTimeout(timer);
      if (answer === null) unheardUntil = mono() + UNHEARD_MS;
      return answer === true;
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
      running = locks.request(LOCK, () => run(now)).finally(() => (running = null));
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
  const issuedAt = Date.parse(response.headers.get("Aidtrack-Issued-At") ?? "");
  if (status === 304) return { kind: "same", issuedAt };
  if (status === 413) return { kind: "tooLarge" };
  if (status >= 500) return { kind: "nothing", why: String(status) };
  try {
    if (status === 200) return { kind: "ok", body: await read(response), issuedAt };
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

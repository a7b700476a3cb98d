// @ts-check
/**
 * Writing events down. What is given back was on the disk before: a page may show green after the promise and never
 * earlier. The body's text is made once; hash, signature and every sending use exactly its bytes.
 */

import { sha256, toB64, utf8, fromB64, same } from "./bytes.js";
import { localDay, moment } from "./day.js";
import { here, notEnough, readyScene, requireGiving, standingHandout } from "./judge.js";
import { stretched } from "./pack.js";
import { storedForm } from "./papercode.js";
import { Refusal } from "./refusal.js";
import { available, heldLots, planPicks } from "./stock.js";

const LABEL = "AID-EVT1\n";
const LONGEST_INK = 8_192;
const LONGEST_TEXT = 300;
const TRIES = 8;
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** @typedef {import("./store.js").Entry} Entry */
/** @typedef {import("./store.js").Stored} Stored */
/** @typedef {import("./judge.js").Scene} Scene */
/** @typedef {import("./judge.js").ReadyScene} ReadyScene */
/** @typedef {{ id: string, seq: number, at: number, repeated: boolean, partial: boolean }} Kept */
/** @typedef {{ item: string, due: number, units: number, lots: import("./stock.js").Pick[] }} EventLine */
/** @typedef {{ request: <T>(name: string, work: () => Promise<T>) => Promise<T> }} Locks as `navigator.locks` */

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./trusted.js").Clock} parts.clock
 * @param {Locks} parts.locks
 * @param {string} parts.app version
 * @param {() => Promise<Scene>} parts.scene what the phone knows, read anew
 */
export function createLedger({ store, clock, locks, app, scene }) {
  /**
   * One after the other over all tabs: `make` sees everything written before.
   * @param {string} id
   * @param {(scene: ReadyScene) => Promise<{ fields: Record<string, unknown>, kept: Partial<Entry> }>} make
   * @returns {Promise<Kept>}
   */
  function write(id, make) {
    return locks.request("aidtrack-field-events", async () => {
      for (let tries = 1; ; tries += 1) {
        const ready = readyScene(await scene());
        const before = ready.own.find((one) => one.id === id);
        if (before) return keptOf(before, true);
        const { fields, kept } = await make(ready);
        const { chain } = ready;
        if (!chain) throw new Refusal("storage_gone"); // enrolled a moment ago, and nothing of it is left
        const event = await signed(ready, chain, id, fields, kept);
        try {
          const other = await store.append(event, chain.prev);
          return keptOf(other ?? event, other !== null);
        } catch (refusal) {
          // a browser without locks: another tab was faster, and what it wrote is looked at anew
          if (!(refusal instanceof Refusal) || refusal.code !== "chain_moved" || tries === TRIES) throw refusal;
        }
      }
    });
  }

  /**
   * @param {ReadyScene} scene
   * @param {{ seq: number, prev: string | null }} chain
   * @param {string} id
   * @param {Record<string, unknown>} fields
   * @param {Partial<Entry>} kept
   * @returns {Promise<Stored>}
   */
  async function signed({ device, pack: { head } }, chain, id, fields, kept) {
    const { wall, mono, boot, est } = clock.reading();
    const { type, ...rest } = fields;
    const body = JSON.stringify({
      v: 1, id, type, device: device.id, seq: chain.seq + 1, prev: chain.prev, round: head.round.id,
      place: head.place.id, pack: head.serial, app, wall: moment(wall), mono: Math.round(mono * 10) / 10, boot, est: moment(est), ...rest,
    });
    const sig = await crypto.subtle.sign(SIGNING, device.privateKey, utf8(LABEL + body));
    return {
      id, device: device.id, seq: chain.seq + 1, type: String(type), place: head.place.id, round: null, index: null,
      of: null, est: Math.trunc(est), lots: [], lines: [], partial: false, outcome: "", receiptAt: null, generation: 0,
      ...kept, body, sig: toB64(new Uint8Array(sig)), hash: toB64(await sha256(utf8(body))),
    };
  }

  return {
    /**
     * Throws `already_collected`, `quantity_raised`, `nothing_handed_out`, `reason_needed`, `signature_needed`,
     * `not_enough_stock`, `storage_full`, `storage_gone`, `device_revoked`, `person_deactivated`, `pack_too_old`.
     * @param {object} order
     * @param {string} order.id made with the card: pressing twice is one handout
     * @param {import("./judge.js").Verdict} order.verdict
     * @param {Record<string, number>} [order.units] by item, where less than due
     * @param {string | null} [order.reason]
     * @param {"head" | "proxy"} [order.collector]
     * @param {string | null} [order.ink]
     */
    handout: ({ id, verdict, units = {}, reason = null, collector = "head", ink = null }) =>
      write(id, async (ready) => {
        const { claims } = verdict;
        if (!claims || !verdict.card) throw new Refusal(verdict.code);
        requireGiving(ready);
        const standing = standingHandout(ready.own, claims.round, claims.index);
        if (standing) throw new Refusal("already_collected", { at: moment(standing.est), place: "" });
        if (verdict.needsSignature && !ink) throw new Refusal("signature_needed");
        if (ink && ink.length > LONGEST_INK) throw new Refusal("invalid_value", { value: "ink" });
        const wanted = verdict.lines.map(({ item, due }) => ({ item, due, units: units[item] ?? due }));
        const lines = linesOf(ready, wanted);
        const partial = lines.some((line) => line.units < line.due);
        if (partial && !reason) throw new Refusal("reason_needed");
        return {
          fields: { type: "handout", token: verdict.token, entered: verdict.entered, lines, collector, reason: partial ? short(reason) : null, ink },
          kept: { round: claims.round, index: claims.index, ...summary(lines), partial },
        };
      }),

    /**
     * Throws `undo_too_late` (also for a handout this enrolment did not make), `reason_needed`.
     * @param {{ id: string, of: string, reason: string }} order
     */
    async undo({ id, of, reason }) {
      const { own } = await scene();
      const done = own.find((one) => one.of === of);
      if (done) return keptOf(done, true);
      return write(id, async (ready) => {
        const { head } = ready.pack;
        const handout = ready.own.find((one) => one.id === of && one.device === ready.device.id && one.type !== "undo");
        const late = !handout || ready.now - handout.est > head.undo_s * 1000 || ready.own.some((one) => one.of === of);
        if (late) throw new Refusal("undo_too_late", { minutes: Math.round(head.undo_s / 60) });
        if (!reason) throw new Refusal("reason_needed");
        const { round, index, lots, lines } = handout;
        return { fields: { type: "undo", of, reason: short(reason) }, kept: { of, round, index, lots, lines } };
      });
    },

    /**
     * Throws `wrong_supervisor_code`, `reason_needed`, `nothing_handed_out`, `not_enough_stock`, `device_revoked`,
     * `person_deactivated`, `pack_too_old`.
     * @param {{ id: string, supervisor: number, code: string, family: string, reason: string, lines: { item: string, units: number }[] }} order
     */
    withoutVoucher: ({ id, supervisor, code, family, reason, lines: wanted }) =>
      write(id, async (ready) => {
        requireGiving(ready);
        const named = ready.pack.head.supervisors.find((one) => one.id === supervisor);
        const key = named ? await stretched(storedForm(code), named, 256) : null;
        if (!named || !key || !same(await sha256(key), fromB64(named.hash))) throw new Refusal("wrong_supervisor_code");
        if (!reason || !family) throw new Refusal("reason_needed");
        const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
        const proof = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(id)));
        const lines = linesOf(ready, wanted.map(({ item, units }) => ({ item, due: units, units })));
        return {
          fields: { type: "without_voucher", supervisor, code_proof: toB64(proof), family: short(family), reason: short(reason), lines },
          kept: summary(lines),
        };
      }),
  };
}

/** Half of a letter is none: no signature could cover it. @param {string | null} text */
const short = (text) => (text === null ? null : [...text.replace(/\p{Surrogate}|\0/gu, "")].slice(0, LONGEST_TEXT).join(""));

/** @param {Entry} entry @param {boolean} repeated @returns {Kept} */
const keptOf = ({ id, seq, est, partial }, repeated) => ({ id, seq, at: est, repeated, partial });

/** @param {EventLine[]} lines */
const summary = (lines) => ({
  lots: lines.flatMap((line) => line.lots),
  lines: lines.filter(({ units }) => units > 0).map(({ item, units }) => ({ item, units })),
});

/**
 * The lines with the lots they leave from, by what is here at this very moment.
 * @param {ReadyScene} scene
 * @param {{ item: string, due: number, units: number }[]} wanted
 * @returns {EventLine[]}
 */
function linesOf({ pack, own, now }, wanted) {
  for (const { item, due, units } of wanted) {
    if (!Number.isInteger(units) || units < 0) throw new Refusal("invalid_value", { value: String(units) });
    if (units > due) throw new Refusal("quantity_raised", { item, due });
  }
  if (!wanted.some(({ units }) => units > 0)) throw new Refusal("nothing_handed_out");
  const held = heldLots(pack, here(own, pack));
  const on = localDay(now, pack.head.site.time_zone);
  return wanted.map(({ item, due, units }) => {
    const lots = held.filter((lot) => lot.item === item);
    const picks = units ? planPicks(lots, units, on) : [];
    if (!picks) throw notEnough(item, units, available(lots, on));
    return { item, due, units, lots: picks };
  });
}

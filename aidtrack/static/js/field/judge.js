// @ts-check
/** The offline answer for a code, under the server's names of refusals and in the server's order of them. */

import { localDay, moment } from "./day.js";
import { blobOf, familyOf, hasBit, tokenOf } from "./pack.js";
import { isTyped, readTyped } from "./papercode.js";
import { Refusal } from "./refusal.js";
import { heldLots, inPack, planLines } from "./stock.js";
import { leftOf } from "./trusted.js";
import { decode, verify } from "./voucher.js";

const ENDED = new Set(["device_revoked", "person_deactivated"]);

/** @typedef {import("./store.js").Entry} Entry */
/** @typedef {import("./store.js").Device} Device */
/** @typedef {import("./pack.js").Pack} Pack */
/** @typedef {import("./stock.js").Line} Line */
/** @typedef {{ seq: number, prev: string | null } | null} Chain the number and hash of the last event */
/** @typedef {{ device: Device | null, chain: Chain, pack: Pack | null, own: Entry[], now: number, until?: number | null }} Scene what the phone knows at the moment; until: of the clock */
/** @typedef {{ device: Device, chain: Chain, pack: Pack, own: Entry[], now: number, until?: number | null }} ReadyScene */
/**
 * @typedef {object} Own one of this phone's handouts, without a name
 * @property {string} id
 * @property {string} type
 * @property {number} at trusted moment
 * @property {number} seq
 * @property {{ item: string, units: number }[]} lines
 * @property {boolean} partial
 * @property {boolean} sent
 * @property {string | null} outcome
 * @property {boolean} undone
 * @property {number} undoUntil
 */
/**
 * @typedef {object} Verdict
 * @property {string} code
 * @property {"green" | "amber" | "red"} tone
 * @property {Record<string, any>} facts
 * @property {string} token the voucher's code, "" when there is none
 * @property {string} entered camera, scanner or typed
 * @property {import("./voucher.js").Claims | null} claims
 * @property {{ name: string | null, persons: number | null, proxy: string | null } | null} card only when goods may go
 *   out; without a name where the voucher was issued after the pack
 * @property {Line[]} lines
 * @property {boolean} needsSignature
 * @property {Own | null} own this phone's own handout on the voucher
 */

/**
 * Never throws for what a code says.
 * @param {string} text
 * @param {string} entered camera, scanner or typed
 * @param {Scene} scene
 * @returns {Promise<Verdict>}
 */
export async function judge(text, entered, scene) {
  /** @type {Verdict} */
  const verdict = {
    code: "ready", tone: "green", facts: {}, token: "", entered, claims: null, card: null, lines: [],
    needsSignature: false, own: null,
  };
  try {
    await look(text, scene, verdict);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    verdict.code = refusal.code;
    verdict.facts = refusal.facts;
    verdict.tone = refusal.code === "already_collected" ? "amber" : "red";
  }
  return verdict;
}

/** @param {string} text @param {Scene} scene @param {Verdict} verdict */
async function look(text, scene, verdict) {
  const typed = isTyped(text) ? readTyped(text) : null;
  const scanned = typed === null ? decode(text) : null;
  const ready = readyScene(scene);
  const { device, pack, own, now } = ready;
  requireTrusted(device);
  const { head } = pack;
  let decoded = scanned;
  if (typed !== null) {
    const token = await tokenOf(pack, typed);
    // the server may not have come to all short codes yet: then only the QR text helps
    if (!token) throw new Refusal("unknown_voucher", { missing: head.typed.missing ?? 0 });
    decoded = decode(token);
  }
  if (!decoded) throw new Refusal("not_a_voucher");
  const claims = await verify(decoded, pack.keys, head.deployment);
  if (claims.round !== head.round.tag) throw new Refusal("not_this_round");
  verdict.token = decoded.token;
  verdict.claims = claims;
  if (hasBit(blobOf(pack.blobs, "void"), claims.index)) throw new Refusal("void_voucher");
  requireOpen(verdict, claims, ready);
  const on = localDay(now, head.site.time_zone);
  if (on > claims.lastDay) throw new Refusal("expired_voucher", { last_day: claims.lastDay });
  if (on < claims.firstDay) throw new Refusal("not_yet_valid", { first_day: claims.firstDay });
  requireFresh(ready);
  const profile = head.profiles.find(({ number }) => number === claims.profile);
  if (!profile) throw new Refusal("unknown_voucher"); // issued after this pack, for goods it does not name
  const family = await familyOf(pack, claims.voucher);
  verdict.card = family ?? { name: null, persons: null, proxy: null };
  verdict.lines = planLines(head, heldLots(pack, here(own, pack)), profile.lines, on);
  verdict.needsSignature = Boolean(head.round.needs_signature);
  const short = verdict.lines.find((line) => line.available < line.due);
  if (short) throw notEnough(short.item, short.due, short.available);
}

/** The phone heard that it is no longer trusted: it opens no more families' rows and gives nothing out. @param {Device} device */
function requireTrusted({ trouble }) {
  if (trouble !== null && ENDED.has(trouble)) throw new Refusal(trouble);
}

/** @param {ReadyScene} scene */
function requireFresh({ pack, now, until }) {
  if (leftOf(pack, now, until) === 0) throw new Refusal("pack_too_old", { issued_at: pack.head.issued_at });
}

/** Asked again at the press: the phone may have been told, or its pack may have aged, while the card lay open. @param {ReadyScene} scene */
export function requireGiving(scene) {
  requireTrusted(scene.device);
  requireFresh(scene);
}

/** @param {string} item @param {number} wanted @param {number} there */
export const notEnough = (item, wanted, there) =>
  new Refusal("not_enough_stock", { item, wanted, available: there, missing: wanted - there });

/** The scene of an enrolled phone with a pack for its own place and round; a pack of another enrolment is none. @param {Scene} scene @returns {ReadyScene} */
export function readyScene({ device, chain, pack, own, now, until }) {
  if (!device) throw new Refusal("not_enrolled");
  if (!pack || pack.head.device !== device.id || pack.head.round.id !== device.round.id) throw new Refusal("no_pack");
  const { place } = pack.head;
  if (place.id !== device.place.id) throw new Refusal("wrong_place", { place: device.place.name_uk, place_uk: device.place.name_uk, place_en: device.place.name_en });
  return { device, chain, pack, own, now, until };
}

/** Own events at the pack's place: those at another move nothing here. @param {Entry[]} own @param {Pack} pack */
export const here = (own, { head }) => own.filter(({ place }) => place === head.place.id);

/**
 * Once only: by this phone's own events, which outlive their sending, then by the pack's list.
 * @param {Verdict} verdict
 * @param {{ index: number, round: number }} claims
 * @param {ReadyScene} scene
 */
function requireOpen(verdict, { index, round }, { pack, own }) {
  const { head, blobs } = pack;
  const standing = standingHandout(own, round, index);
  if (standing) {
    verdict.own = ownOf(standing, own, head);
    const { name_uk, name_en } = head.place;
    throw new Refusal("already_collected", { at: moment(standing.est), place: name_uk, place_uk: name_uk, place_en: name_en });
  }
  if (!hasBit(blobOf(blobs, "collected"), index)) return;
  // the list may still mean our own handout, which was taken back since
  const handouts = new Set(own.filter((one) => one.round === round && one.index === index).map(({ id }) => id));
  const since = own.some((one) => one.type === "undo" && one.of !== null && handouts.has(one.of) && !inPack(one, pack));
  if (!since) throw new Refusal("already_collected", { at: "", place: "", place_uk: "", place_en: "" });
}

/** @param {Entry[]} own @param {number} round tag @param {number} index @returns {Entry | null} */
export function standingHandout(own, round, index) {
  const undone = new Set(own.map(({ of }) => of));
  return own.find((one) => one.type === "handout" && one.round === round && one.index === index && !undone.has(one.id)) ?? null;
}

/** @param {Entry} entry @param {Entry[]} own @param {import("./pack.js").Head | null} head @returns {Own} */
export function ownOf(entry, own, head) {
  return {
    id: entry.id,
    type: entry.type,
    at: entry.est,
    seq: entry.seq,
    lines: entry.lines,
    partial: entry.partial,
    sent: entry.receiptAt !== null,
    outcome: entry.outcome || null,
    undone: own.some(({ of }) => of === entry.id),
    undoUntil: entry.est + (head?.undo_s ?? 0) * 1000,
  };
}

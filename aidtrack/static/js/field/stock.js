// @ts-check
/**
 * What the place holds now: the pack's lots less what this phone handed out since. Lots leave as
 * `aidtrack/inventory/allocation.py` says; both are held together by tests/vectors/picks.json.
 */

/**
 * @typedef {object} Lot as the pack names it
 * @property {string} code
 * @property {string} item
 * @property {string} donor
 * @property {string | null} expires_on
 * @property {string} received_on
 * @property {boolean} earmarked
 * @property {"ours" | "free"} programme "free": given for no programme, or for another without an earmark
 * @property {boolean} usable
 * @property {number} units base units
 */
/** @typedef {{ lot: string, units: number }} Pick */
/**
 * An own event or what is left of it after it was sent.
 * @typedef {object} Own
 * @property {string} id
 * @property {string} type
 * @property {Pick[]} lots what left; for an undo, what came back
 * @property {number | null} receiptAt server's moment of the receipt; null: not sent yet
 * @property {number} generation of the pack that was here when the receipt came
 * @property {string} outcome
 */

const NEVER = "9999-12-31";

/**
 * Whether the pack's figures contain the event already. Judged by the server's moments and by which pack was here, not
 * by the phone's clock. What the server only kept for a person to read moved no goods in its books.
 * @param {Own} own
 * @param {{ issuedAt: number, generation: number }} pack
 */
export const inPack = (own, { issuedAt, generation }) =>
  own.receiptAt !== null && own.generation < generation && own.receiptAt <= issuedAt && own.outcome !== "kept";

/**
 * The pack's lots with what is there now, in the pack's order.
 * @param {import("./pack.js").Pack} pack
 * @param {Own[]} own
 * @returns {Lot[]}
 */
export function heldLots(pack, own) {
  /** @type {Map<string, number>} */
  const moved = new Map();
  for (const one of own) {
    if (inPack(one, pack)) continue;
    const sign = one.type === "undo" ? 1 : -1;
    for (const { lot, units } of one.lots) moved.set(lot, (moved.get(lot) ?? 0) + sign * units);
  }
  return pack.head.lots.map((lot) => ({ ...lot, units: Math.max(0, lot.units + (moved.get(lot.code) ?? 0)) }));
}

/** Whether the round's programme may hand out from the lot that day; a lot is good through its expiry date. @param {Lot} lot @param {string} on */
export const mayUse = (lot, on) =>
  lot.usable && lot.units > 0 && (lot.expires_on === null || lot.expires_on >= on) && (!lot.earmarked || lot.programme === "ours");

/** Base units the round's programme may hand out on that day. @param {Lot[]} lots of one item @param {string} on */
export const available = (lots, on) => lots.reduce((units, lot) => units + (mayUse(lot, on) ? lot.units : 0), 0);

/**
 * Which lots a quantity is taken from; null when there is not enough: no partial plan. Ties go to the lot that stands
 * first in the pack.
 * @param {Lot[]} lots of one item, in the pack's order
 * @param {number} units above zero
 * @param {string} on
 * @returns {Pick[] | null}
 */
export function planPicks(lots, units, on) {
  if (!Number.isInteger(units) || units <= 0) throw new RangeError(`cannot plan ${units} units`);
  const usable = lots.filter((lot) => mayUse(lot, on));
  if (available(usable, on) < units) return null;
  /** @type {Pick[]} */
  const picks = [];
  let missing = units;
  for (const lot of usable.sort(byTurn)) {
    if (missing === 0) break;
    const taken = Math.min(lot.units, missing);
    picks.push({ lot: lot.code, units: taken });
    missing -= taken;
  }
  return picks;
}

/** Earmarked before free, then by expiry, then by receipt; sorting keeps the order of the rest. @param {Lot} one @param {Lot} other */
function byTurn(one, other) {
  if (one.earmarked !== other.earmarked) return one.earmarked ? -1 : 1;
  return compare(one.expires_on ?? NEVER, other.expires_on ?? NEVER) || compare(one.received_on, other.received_on);
}

/** @param {string} one @param {string} other */
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * A due line as the card shows it: what is here of it and from which lots it would be taken.
 * @typedef {object} Line
 * @property {string} item code
 * @property {string} item_id the same, under the name counter/lowering.js knows
 * @property {string} name_uk
 * @property {string} name_en
 * @property {string} unit
 * @property {number} due
 * @property {number} available of `due`
 * @property {number[]} packs
 * @property {(Pick & { donor: string, expires_on: string | null })[]} picks
 */

/**
 * @param {import("./pack.js").Head} head
 * @param {Lot[]} held
 * @param {{ item: string, units: number }[]} due
 * @param {string} on
 * @returns {Line[]}
 */
export function planLines(head, held, due, on) {
  const lots = new Map(held.map((lot) => [lot.code, lot]));
  return due.map(({ item, units }) => {
    const of = held.filter((lot) => lot.item === item);
    const here = Math.min(units, available(of, on));
    const picks = here ? (planPicks(of, here, on) ?? []) : [];
    const known = head.items.find(({ code }) => code === item);
    return {
      item,
      item_id: item,
      name_uk: known?.name_uk ?? item,
      name_en: known?.name_en ?? item,
      unit: known?.unit ?? "piece",
      due: units,
      available: here,
      packs: known?.packs ?? [],
      picks: picks.map((pick) => ({ ...pick, donor: lots.get(pick.lot)?.donor ?? "", expires_on: lots.get(pick.lot)?.expires_on ?? null })),
    };
  });
}

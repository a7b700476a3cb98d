import assert from "node:assert/strict";
import { test } from "node:test";
import { available, heldLots, inPack, planLines, planPicks } from "../../aidtrack/static/js/field/stock.js";
import { lot } from "./support/field.js";
import { vectors } from "./vectors.js";

const { on, cases } = vectors("picks");
/** Another programme's lot is earmarked for it: a pack does not name it, and the rule refuses it all the same. */
const seen = ({ lot: code, programme, ...rest }) => ({ code, item: "RICE", donor: "WFP", ...rest, programme: programme === "ours" ? "ours" : "free" });

for (const { name, lots, units, available: there, picks } of cases) {
  test(`picks: ${name}`, () => {
    const here = lots.map(seen);
    assert.equal(available(here, on), there);
    assert.deepEqual(planPicks(here, units, on), picks);
    assert.deepEqual(here, lots.map(seen), "what is planned from stays as it was");
  });
}

test("a quantity that is none cannot be planned", () => {
  for (const units of [0, -1, 1.5, Number.NaN]) assert.throws(() => planPicks([], units, on), RangeError);
});

const ISSUED = 1_000;
const pack = (lots, generation = 2) => ({ head: { lots, items: [] }, issuedAt: ISSUED, generation });
const own = (more) => ({ id: "1", type: "handout", lots: [{ lot: "A", units: 5 }], receiptAt: null, generation: 0, outcome: "", ...more });

test("what was handed out since the pack is gone, what the pack knows of is not taken twice", () => {
  const lots = [lot("A", "RICE", 100)];
  const units = (...events) => heldLots(pack(lots), events)[0].units;
  assert.equal(units(), 100);
  assert.equal(units(own()), 95);
  assert.equal(units(own({ receiptAt: 1_500, generation: 2, outcome: "recorded" })), 95, "sent since this pack");
  assert.equal(units(own({ receiptAt: 900, generation: 2, outcome: "recorded" })), 95, "an older moment of the same pack's time");
  assert.equal(units(own({ receiptAt: 900, generation: 1, outcome: "recorded" })), 100, "in the pack");
  assert.equal(units(own({ receiptAt: 1_500, generation: 1, outcome: "recorded" })), 95, "a pack made before, that came after");
  assert.equal(units(own({ receiptAt: 900, generation: 1, outcome: "kept" })), 95, "the server moved nothing");
  assert.equal(units(own(), own({ id: "2", type: "undo" })), 100, "taken back");
  assert.equal(units(own({ receiptAt: 900, generation: 1, outcome: "recorded" }), own({ id: "2", type: "undo" })), 105, "came back since the pack");
  assert.equal(units(own({ lots: [{ lot: "A", units: 500 }] })), 0, "never below nothing");
  assert.equal(units(own({ lots: [{ lot: "not in this pack", units: 5 }] })), 100);
});

test("an unsent event is in no pack", () => {
  assert.equal(inPack(own(), { issuedAt: 10 ** 15, generation: 99 }), false);
});

test("a card's line says what is here of what is due, and from which lots", () => {
  const head = { items: [{ code: "RICE", name_uk: "Рис", name_en: "Rice", unit: "g", packs: [1000] }] };
  const held = [lot("B", "RICE", 300, { expires_on: "2027-01-01" }), lot("A", "RICE", 500, { expires_on: "2026-12-01" }), lot("C", "OIL", 9)];
  const [rice, oil, salt] = planLines(head, held, [{ item: "RICE", units: 600 }, { item: "OIL", units: 10 }, { item: "SALT", units: 1 }], on);
  assert.deepEqual(rice.picks, [
    { lot: "A", units: 500, donor: "WFP", expires_on: "2026-12-01" },
    { lot: "B", units: 100, donor: "WFP", expires_on: "2027-01-01" },
  ]);
  assert.deepEqual([rice.item_id, rice.name_uk, rice.due, rice.available, rice.packs], ["RICE", "Рис", 600, 600, [1000]]);
  assert.deepEqual([oil.available, oil.picks[0].units, oil.name_uk], [9, 9, "OIL"]);
  assert.deepEqual([salt.available, salt.picks], [0, []]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { inDoubt, KEPT, start, step } from "../../aidtrack/static/js/counter/machine.js";

const ANSWER = { tone: "green", code: "ready", title: "Good", text: "", serial: "R1-1", card: { name: "Олена Т." }, lines: [] };
const receipt = (id) => ({ receipt: { id, serial: "R1-1", at: "2026-11-22T10:00:00Z", partial: false } });

/** Follows events from a state; gives the last state and all effects. */
function follow(events, state = start()) {
  const done = [];
  for (const event of events) {
    const [next, effects] = step(state, event);
    state = next;
    done.push(...effects);
  }
  return { state, done, kinds: done.map((effect) => effect.do) };
}
const scan = (code, cardId = `id-${code}`, body = ANSWER, ticket = 1) => [
  { type: "code", code, source: "scanner" },
  { type: "answered", ticket, body, cardId },
];
const PRESS = { type: "press", body: { place_id: 7, collector: "head", quantities: {} } };

test("scan, card, press, receipt: done only with the receipt", () => {
  const card = follow(scan("A"));
  assert.equal(card.state.phase, "card");
  const giving = follow([PRESS], card.state);
  assert.equal(giving.state.phase, "giving");
  assert.deepEqual(giving.done, [{ do: "give", id: "id-A", body: { ...PRESS.body, code: "A" } }]);
  const done = follow([{ type: "given", id: "id-A", body: receipt("id-A"), goods: ["Рис 5 кг"] }], giving.state);
  assert.equal(done.state.phase, "done");
  assert.equal(done.state.given[0].serial, "R1-1");
  assert.equal(done.state.code, "", "the code is forgotten");
});

test("a double press is one order", () => {
  const { done } = follow([...scan("A"), PRESS, PRESS, PRESS]);
  assert.equal(done.filter((effect) => effect.do === "give").length, 1);
});

test("a lost reply is sent again as it was: same id, same body", () => {
  const { state, done } = follow([
    ...scan("A"), PRESS, { type: "giveLost", id: "id-A", why: "network" },
    { type: "press", body: { place_id: 7, collector: "proxy", quantities: { 1: 2 } } },
  ]);
  const orders = done.filter((effect) => effect.do === "give");
  assert.equal(orders.length, 2);
  assert.deepEqual(orders[0], orders[1]);
  assert.equal(state.phase, "giving");
});

test("a voucher scanned while a handout is in doubt settles that one first", () => {
  const doubt = follow([...scan("A"), PRESS, { type: "giveLost", id: "id-A", why: "network" }]);
  assert.equal(inDoubt(doubt.state), true);
  const again = follow([{ type: "code", code: "B", source: "camera" }], doubt.state);
  assert.deepEqual(again.kinds, ["give"]);
  const after = follow([{ type: "given", id: "id-A", body: receipt("id-A"), goods: [] }], again.state);
  assert.equal(after.state.phase, "looking");
  assert.equal(after.state.given.length, 1);
  assert.equal(after.done.at(-1).code, "B");
});

test("a voucher scanned while another is on its way waits for the receipt", () => {
  const busy = follow([...scan("A"), PRESS, { type: "code", code: "B", source: "scanner" }, { type: "code", code: "C", source: "scanner" }]);
  assert.equal(busy.state.phase, "giving");
  const after = follow([{ type: "given", id: "id-A", body: receipt("id-A"), goods: [] }], busy.state);
  assert.equal(after.done.at(-1).code, "C");
});

test("a receipt for another id is no receipt", () => {
  const { state } = follow([...scan("A"), PRESS, { type: "given", id: "id-B", body: receipt("id-B"), goods: [] }]);
  assert.equal(state.phase, "giving");
});

test("an overtaken answer is dropped", () => {
  const { state } = follow([
    { type: "code", code: "A", source: "scanner" }, { type: "code", code: "B", source: "scanner" },
    { type: "answered", ticket: 1, body: ANSWER, cardId: "x" },
  ]);
  assert.equal(state.phase, "looking");
  assert.equal(state.code, "B");
});

test("the next scan replaces a card, with a new id", () => {
  const { state } = follow([...scan("A"), ...scan("B", "id-B", ANSWER, 2)]);
  assert.deepEqual([state.code, state.cardId], ["B", "id-B"]);
});

test("refusals are red, what was collected is amber, and both sound apart", () => {
  for (const [tone, signal] of [["amber", "amber"], ["red", "red"]]) {
    const { state, done } = follow(scan("A", "x", { tone, code: "c", title: "T", text: "t" }));
    assert.equal(state.phase, "refused");
    assert.equal(state.problem.tone, tone);
    assert.equal(done.at(-1).name, signal);
  }
});

test("short stock keeps the card open and sounds red", () => {
  const { state, done } = follow(scan("A", "x", { ...ANSWER, tone: "red", code: "not_enough_stock" }));
  assert.equal(state.phase, "card");
  assert.equal(done.at(-1).name, "red");
});

test("what the card can mend leaves it open with the same id", () => {
  const { state } = follow([...scan("A"), PRESS, { type: "giveRefused", id: "id-A", body: { code: "reason_needed", text: "Why?" } }]);
  assert.deepEqual([state.phase, state.cardId, state.problem.text], ["card", "id-A", "Why?"]);
});

test("stock that went away in between is looked up again", () => {
  const { done } = follow([...scan("A"), PRESS, { type: "giveRefused", id: "id-A", body: { code: "not_enough_stock" } }]);
  assert.deepEqual(done.at(-1), { do: "scan", code: "A", ticket: 2 });
});

test("another refusal ends the card", () => {
  const { state } = follow([...scan("A"), PRESS, { type: "giveRefused", id: "id-A", body: { code: "already_collected", tone: "amber", title: "T" } }]);
  assert.equal(state.phase, "refused");
  assert.equal(state.problem.tone, "amber");
});

test("a lost look-up is asked again", () => {
  const { state, done } = follow([{ type: "code", code: "A", source: "scanner" }, { type: "scanLost", ticket: 1, why: "network" }, { type: "press" }]);
  assert.equal(state.phase, "looking");
  assert.deepEqual(done.at(-1), { do: "scan", code: "A", ticket: 2 });
});

test("taking back: once, with its reason, and again with the same id when the reply is lost", () => {
  const given = follow([...scan("A"), PRESS, { type: "given", id: "id-A", body: receipt("id-A"), goods: [] }]).state;
  const { state, done } = follow(
    [
      { type: "undo", handout: "id-A", undoId: "u1", reason: "wrong family" },
      { type: "undo", handout: "id-A", undoId: "u2", reason: "again" },
      { type: "undoLost", handout: "id-A", why: "server" },
      { type: "press" },
      { type: "undone", handout: "id-A" },
    ],
    given,
  );
  const asked = done.filter((effect) => effect.do === "undo");
  assert.deepEqual(asked[0], { do: "undo", handout: "id-A", body: { id: "u1", reason: "wrong family" } });
  assert.equal(asked.length, 2);
  assert.deepEqual(asked[0], asked[1]);
  assert.equal(state.phase, "undone");
  assert.equal(state.given[0].undone, true);
});

test("only the last few handouts are kept, and no name with them", () => {
  let state = start();
  for (let n = 1; n <= KEPT + 2; n += 1) {
    state = follow([...scan(`C${n}`, `i${n}`, ANSWER, n), PRESS, { type: "given", id: `i${n}`, body: receipt(`i${n}`), goods: [] }], state).state;
  }
  assert.equal(state.given.length, KEPT);
  assert.equal(state.given[0].id, `i${KEPT + 2}`);
  assert.ok(!JSON.stringify(state.given).includes("Олена"));
});

test("a session that ended forgets the family and takes no scans", () => {
  const { state, kinds } = follow([...scan("A"), { type: "signedOut" }, { type: "code", code: "B", source: "scanner" }]);
  assert.equal(state.phase, "signedOut");
  assert.equal(state.answer, null);
  assert.ok(!kinds.slice(2).includes("scan"));
});

test("resting clears the card, but never a handout in doubt", () => {
  assert.equal(follow([...scan("A"), { type: "rest" }]).state.answer, null);
  const doubt = follow([...scan("A"), PRESS, { type: "giveLost", id: "id-A", why: "network" }, { type: "rest" }]);
  assert.equal(doubt.state.phase, "unsure");
});

test("no order of events hands out twice under two ids, or calls done what has no receipt", () => {
  let seed = 11;
  const random = (below) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  for (let run = 0; run < 500; run += 1) {
    let state = start();
    let ids = 0;
    const receipts = new Set();
    const sent = new Map();
    for (let n = 0; n < 40; n += 1) {
      const id = state.order?.id ?? "none";
      const events = [
        { type: "code", code: `C${random(3)}`, source: "scanner" },
        { type: "answered", ticket: state.ticket, body: ANSWER, cardId: `id${(ids += 1)}` },
        PRESS,
        { type: "giveLost", id, why: "network" },
        { type: "given", id, body: receipt(id), goods: [] },
        { type: "giveRefused", id, body: { code: "reason_needed" } },
        { type: "rest" },
      ];
      const event = events[random(events.length)];
      if (event.type === "given" && state.phase === "giving") receipts.add(id);
      const [next, effects] = step(state, event);
      for (const effect of effects.filter((one) => one.do === "give")) {
        const body = JSON.stringify(effect.body);
        assert.ok(!receipts.has(effect.id), "nothing is sent again after its receipt");
        if (state.phase === "unsure") assert.equal(sent.get(effect.id), body);
        sent.set(effect.id, body);
      }
      if (next.phase === "done") assert.ok(receipts.has(next.last.id));
      state = next;
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, centreKey, lot, voucher } from "./support/field.js";
import { Phone, give, world } from "./support/server.js";

const codeOf = async (engine, text) => (await engine.look(text, "camera")).code;

test("a good voucher shows its family, what is due and from which lots", async () => {
  const { engine, vouchers } = await world();
  const verdict = await engine.look(vouchers[1].code, "camera");
  assert.equal(verdict.code, "ready");
  assert.equal(verdict.tone, "green");
  assert.deepEqual(verdict.card, { name: "Родина 1", persons: 2, proxy: null });
  assert.deepEqual(verdict.lines.map(({ item, due, available, picks }) => [item, due, available, picks[0].lot]), [["RICE", 5000, 5000, "L-1"], ["OIL", 920, 920, "L-2"]]);
  assert.equal(verdict.needsSignature, false);
  assert.equal(verdict.token, vouchers[1].code);
});

test("a voucher issued after the pack is good by its signature, without a name", async () => {
  const { engine, centre } = await world();
  const late = await voucher(centre, { index: 5_000 });
  const verdict = await engine.look(late.code, "scanner");
  assert.equal(verdict.code, "ready");
  assert.deepEqual(verdict.card, { name: null, persons: null, proxy: null });
  assert.equal(await codeOf(engine, (await voucher(centre, { profile: 77 })).code), "unknown_voucher");
});

test("each refusal has its own name", async () => {
  const { engine, centre, vouchers, server } = await world({ count: 6 });
  server.head = { keys: [centre, { ...(await centreKey(2)), withdrawn: true }] };
  const expected = [
    ["https://example.org/v/1", "not_a_voucher"], ["AID1:ABC", "damaged_voucher"], ["hello", "not_a_code"], ["", "not_a_voucher"],
    ["7K2MQ-8XT4X", "bad_check_character"], ["7K2MQ-9XT4X", "unknown_voucher"],
    [(await voucher(centre, { tag: 5 })).code, "foreign_voucher"],
    [(await voucher(await centreKey(9))).code, "unknown_key"],
    [(await voucher(await centreKey(1))).code, "bad_signature"],
    [(await voucher(centre, { round: 5 })).code, "not_this_round"],
    [(await voucher(centre, { first: "2026-11-10", last: "2026-11-20" })).code, "expired_voucher"],
    [(await voucher(centre, { first: "2026-11-22" })).code, "not_yet_valid"],
    [vouchers[0].code, "ready"],
  ];
  for (const [text, code] of expected) assert.equal(await codeOf(engine, text), code, text.slice(0, 30));
  const { facts, tone } = await engine.look(expected[10][0], "camera");
  assert.deepEqual([facts, tone], [{ last_day: "2026-11-20" }, "red"]);
});

test("first and last day count, by the site's calendar", async () => {
  const { engine, centre, phone } = await world();
  const { code } = await voucher(centre, { first: "2026-11-22", last: "2026-11-22" });
  phone.time.pass(Date.parse("2026-11-21T21:59:00Z") - phone.time.wall());
  assert.equal(await codeOf(engine, code), "not_yet_valid");
  phone.time.pass(60_000);
  assert.equal(await codeOf(engine, code), "ready");
  phone.time.pass(24 * HOUR - 1_000);
  assert.equal(await codeOf(engine, code), "ready");
  phone.time.pass(1_000);
  assert.equal(await codeOf(engine, code), "expired_voucher");
});

test("withdrawn and collected vouchers are known from the pack's lists", async () => {
  const { engine, server, vouchers } = await world();
  server.collected.add(101);
  server.withdrawn = [103];
  server.serial = 2;
  await engine.sync({ now: true });
  const verdict = await engine.look(vouchers[1].code, "camera");
  assert.deepEqual([verdict.code, verdict.tone, verdict.own], ["already_collected", "amber", null]);
  assert.equal(await codeOf(engine, vouchers[2].code), "ready");
  const voided = await engine.look(vouchers[3].code, "camera");
  assert.deepEqual([voided.code, voided.tone, voided.card], ["void_voucher", "red", null]);
});

test("collected here: known before the sync, after it, after a restart, with when and where", async () => {
  const { engine, vouchers, phone } = await world();
  await give(engine, vouchers[0]);
  const at = new Date(phone.time.wall()).toISOString();
  const collected = async (page) => {
    phone.time.pass(60_000);
    const { code, facts, own, tone } = await page.look(vouchers[0].code, "camera");
    assert.deepEqual([code, tone, facts.at, facts.place], ["already_collected", "amber", at, "Бус 1"]);
    assert.deepEqual(own.lines, [{ item: "RICE", units: 5000 }, { item: "OIL", units: 920 }]);
    return own;
  };
  assert.equal((await collected(engine)).sent, false);
  await engine.sync();
  assert.equal((await collected(engine)).sent, true);
  engine.close();
  phone.time.restart(HOUR);
  await collected(await phone.open());
});

test("a short code opens its voucher; the event carries the voucher's own code", async () => {
  const { engine, server, vouchers } = await world();
  server.typed = [{ code: "7K2MQ9XT4X", bytes: vouchers[3].bytes }];
  server.serial = 2;
  await engine.sync({ now: true });
  const verdict = await engine.look("7k2mq-9xt4x", "typed");
  assert.equal(verdict.code, "ready");
  assert.equal(verdict.token, vouchers[3].code);
  await engine.handout({ id: crypto.randomUUID(), verdict });
  await engine.sync();
  const [{ event }] = server.events.values();
  assert.deepEqual([event.token, event.entered], [vouchers[3].code, "typed"]);
});

test("goods that are missing leave the card open and say what is missing", async () => {
  const { engine, vouchers } = await world({ head: { lots: [lot("L-1", "RICE", 7_000), lot("L-2", "OIL", 92_000)] } });
  await give(engine, vouchers[0]);
  const { code, tone, card, facts, lines } = await engine.look(vouchers[1].code, "camera");
  assert.deepEqual([code, tone, card.name], ["not_enough_stock", "red", "Родина 1"]);
  assert.deepEqual(facts, { item: "RICE", wanted: 5000, available: 2000, missing: 3000 });
  assert.deepEqual(lines.map(({ available }) => available), [2000, 920]);
});

test("an old pack opens no new voucher and still knows what was refused", async () => {
  const { engine, vouchers, phone } = await world();
  await give(engine, vouchers[0]);
  phone.time.pass(72 * HOUR - 1_000);
  assert.equal(await codeOf(engine, vouchers[1].code), "ready");
  phone.time.pass(2_000);
  const verdict = await engine.look(vouchers[1].code, "camera");
  assert.deepEqual([verdict.code, verdict.card, verdict.lines], ["pack_too_old", null, []]);
  assert.equal(await codeOf(engine, vouchers[0].code), "already_collected");
  assert.equal((await engine.status()).pack.alive, false);
  phone.time.shift(-60 * HOUR);
  assert.equal(await codeOf(engine, vouchers[1].code), "pack_too_old", "whatever the clock is set to");
});

test("a phone without enrolment or pack says so, and still tells what is no voucher", async () => {
  const { engine, vouchers, server } = await world();
  const bare = await new Phone(server).open();
  assert.equal(await codeOf(bare, vouchers[0].code), "not_enrolled");
  assert.equal(await codeOf(bare, "https://example.org"), "not_a_voucher");
  await bare.enrol("good", "Інший");
  assert.equal(await codeOf(bare, vouchers[0].code), "no_pack");
  await engine.enrol("good", "Той самий");
  assert.equal(await codeOf(engine, vouchers[0].code), "no_pack", "the pack of the enrolment before is not this one's");
  await engine.sync();
  assert.equal(await codeOf(engine, vouchers[0].code), "ready");
});

test("a phone that heard it was revoked opens nothing more, until the server takes it again", async () => {
  const { engine, vouchers, server, phone } = await world();
  const { id } = await phone.store.activeDevice();
  for (const code of ["device_revoked", "person_deactivated"]) {
    server.devices.get(id).refused = code;
    await engine.sync({ now: true });
    const verdict = await engine.look(vouchers[0].code, "camera");
    assert.deepEqual([verdict.code, verdict.card, verdict.lines], [code, null, []]);
    assert.equal(await codeOf(engine, "https://example.org"), "not_a_voucher");
  }
  server.devices.get(id).refused = null;
  await engine.sync({ now: true });
  assert.equal(await codeOf(engine, vouchers[0].code), "ready");
});

test("a pack for another place than the phone's opens nothing", async () => {
  const { engine, vouchers, server } = await world();
  server.head = { place: { id: 9, code: "X", name_uk: "Склад", name_en: "Store" } };
  server.serial = 2;
  await engine.sync({ now: true });
  const { code, facts } = await engine.look(vouchers[0].code, "camera");
  assert.deepEqual([code, facts.place], ["wrong_place", "Бус 1"]);
});

test("names open for the moment and are written down nowhere", async () => {
  const { engine, vouchers, phone } = await world();
  for (const one of vouchers) await give(engine, one);
  await engine.own(5);
  await engine.sync();
  const text = phone.written();
  assert.ok(!text.includes("Родина"));
  assert.ok(!text.includes("AID1:"), "a sent event leaves no code");
});

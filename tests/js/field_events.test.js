import assert from "node:assert/strict";
import { test } from "node:test";
import { fromB64, sha256, toB64, utf8 } from "../../aidtrack/static/js/field/bytes.js";
import { ownLocks } from "../../aidtrack/static/js/field/engine.js";
import { stretched } from "../../aidtrack/static/js/field/pack.js";
import { lot } from "./support/field.js";
import { FAULTS, Phone, give, world } from "./support/server.js";

const refusedAs = (code) => (error) => error.code === code;
const stored = async (phone) => (await phone.store.events()).map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body), text: body }));

test("a handout is written down as the protocol says, signed over exactly its text, chained to the one before", async () => {
  const { engine, phone, vouchers, server } = await world();
  await give(engine, vouchers[0]);
  phone.time.pass(61_000);
  await give(engine, vouchers[1], { units: { RICE: 1500, OIL: 0 }, reason: "refused_part", collector: "proxy" });
  const [one, two] = await stored(phone);
  const { id, device, boot, ...body } = one.body;
  assert.deepEqual(body, {
    v: 1, type: "handout", seq: 1, prev: null, round: 3, place: 2, pack: "P-1", app: "0.2.0", wall: "2026-11-21T07:30:00.000Z",
    mono: 1000, est: "2026-11-21T07:30:00.000Z", token: vouchers[0].code, entered: "camera",
    lines: [
      { item: "RICE", due: 5000, units: 5000, lots: [{ lot: "L-1", units: 5000 }] },
      { item: "OIL", due: 920, units: 920, lots: [{ lot: "L-2", units: 920 }] },
    ],
    collector: "head", reason: null, ink: null,
  });
  assert.match(boot, /^[0-9a-f-]{36}$/);
  assert.deepEqual([two.body.seq, two.body.prev, two.body.est], [2, one.hash, "2026-11-21T07:31:01.000Z"]);
  assert.deepEqual(two.body.lines.map(({ due, units, lots }) => [due, units, lots.length]), [[5000, 1500, 1], [920, 0, 0]]);
  assert.deepEqual([two.body.reason, two.body.collector, two.partial], ["refused_part", "proxy", true]);
  assert.equal(one.hash, toB64(await sha256(utf8(one.text))));
  const { verifying } = server.devices.get(device);
  for (const event of [one, two]) {
    assert.ok(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, verifying, fromB64(event.sig), utf8(`AID-EVT1\n${event.text}`)));
  }
  assert.equal(one.body.id, id);
});

test("pressing twice is one handout, at once and later", async () => {
  const { engine, phone, vouchers } = await world();
  const verdict = await engine.look(vouchers[0].code, "camera");
  const order = { id: crypto.randomUUID(), verdict };
  const kept = await Promise.all([engine.handout(order), engine.handout(order), engine.handout(order)]);
  assert.deepEqual(kept.map(({ repeated }) => repeated), [false, true, true]);
  assert.equal((await phone.store.events()).length, 1);
  await engine.sync();
  assert.equal((await engine.handout(order)).repeated, true);
  assert.equal((await engine.sync()).left, 0);
});

test("a second card for the same voucher is refused, in this tab and in another, with locks and without", async () => {
  for (const locks of ["shared", "none"]) {
    const { phone, vouchers, engine: one } = await world();
    const other = await phone.open(locks === "none" ? { locks: ownLocks() } : {});
    const looks = await Promise.all([one, other].map((engine) => engine.look(vouchers[0].code, "camera")));
    const presses = await Promise.allSettled([one, other].map((engine, n) => engine.handout({ id: crypto.randomUUID(), verdict: looks[n] })));
    assert.deepEqual(presses.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(presses.find(({ reason }) => reason).reason.code, "already_collected");
    assert.equal((await phone.store.events()).length, 1);
  }
});

test("two tabs keep one chain without gaps, with locks and without", async () => {
  for (const locks of ["shared", "none"]) {
    const { phone, vouchers, engine } = await world({ count: 12 });
    const tabs = [engine, await phone.open(locks === "none" ? { locks: ownLocks() } : {})];
    await Promise.all(vouchers.map((voucher, n) => give(tabs[n % 2], voucher)));
    const events = await phone.store.events();
    assert.deepEqual(events.map(({ seq }) => seq), vouchers.map((_, n) => n + 1));
    events.forEach((event, n) => assert.equal(JSON.parse(event.body).prev, n ? events[n - 1].hash : null));
  }
});

test("what the card cannot mean is refused by name and leaves nothing", async () => {
  const { engine, phone, vouchers } = await world();
  const verdict = await engine.look(vouchers[0].code, "camera");
  const tried = [
    [{ units: { RICE: 5001 } }, "quantity_raised"], [{ units: { RICE: 0, OIL: 0 } }, "nothing_handed_out"],
    [{ units: { RICE: 10 } }, "reason_needed"], [{ units: { RICE: 1.5 }, reason: "x" }, "invalid_value"],
    [{ units: { RICE: -1 }, reason: "x" }, "invalid_value"], [{ ink: "M".repeat(8_193) }, "invalid_value"],
  ];
  for (const [order, code] of tried) await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict, ...order }), refusedAs(code), code);
  const refused = await engine.look("https://example.org", "camera");
  await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict: refused }), refusedAs("not_a_voucher"));
  assert.deepEqual(await phone.store.events(), []);
  const { chain } = await phone.store.glance();
  assert.deepEqual([chain.seq, chain.prev], [0, null]);
});

test("where the agreement asks for a signature there is no handout without one", async () => {
  const head = { round: { id: 3, code: "R-1", tag: 1592590337, first_day: "2026-11-20", last_day: "2026-11-27", needs_signature: true } };
  const { engine, phone, vouchers } = await world({ head });
  const verdict = await engine.look(vouchers[0].code, "camera");
  assert.equal(verdict.needsSignature, true);
  await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict }), refusedAs("signature_needed"));
  await engine.handout({ id: crypto.randomUUID(), verdict, ink: "M1 1L5 5" });
  assert.equal((await stored(phone))[0].body.ink, "M1 1L5 5");
});

test("stock is taken by what is here at the press, not at the scan", async () => {
  const { engine, vouchers } = await world({ head: { lots: [lot("L-1", "RICE", 7_000), lot("L-3", "RICE", 2_500), lot("L-2", "OIL", 9_200)] } });
  const verdict = await engine.look(vouchers[1].code, "camera");
  assert.deepEqual(verdict.lines[0].picks.map(({ lot: code }) => code), ["L-1"]);
  await give(engine, vouchers[0]);
  await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict }), refusedAs("not_enough_stock"));
  await engine.handout({ id: crypto.randomUUID(), verdict, units: { RICE: 4_000 }, reason: "not_enough_here" });
  assert.equal((await engine.look(vouchers[2].code, "camera")).lines[0].available, 500);
});

test("taken back before the sync: the voucher is open again and the goods are here again", async () => {
  const { engine, phone, vouchers } = await world({ head: { lots: [lot("L-1", "RICE", 5_000), lot("L-2", "OIL", 920)] } });
  const { id } = await give(engine, vouchers[0]);
  assert.equal((await engine.look(vouchers[1].code, "camera")).code, "not_enough_stock");
  const undo = { id: crypto.randomUUID(), of: id, reason: "wrong_family" };
  const kept = await engine.undo(undo);
  assert.equal((await engine.undo(undo)).repeated, true);
  assert.equal((await engine.undo({ ...undo, id: crypto.randomUUID() })).id, kept.id, "it is taken back once");
  assert.equal((await engine.own(5))[0].undone, true);
  const [, event] = await stored(phone);
  assert.deepEqual([event.body.type, event.body.of, event.body.reason, event.body.seq], ["undo", id, "wrong_family", 2]);
  assert.equal("token" in event.body || "lines" in event.body, false);
  await give(engine, vouchers[0]);
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "already_collected");
});

test("taken back after the sync, while the pack's list still names the voucher", async () => {
  const { engine, server, vouchers } = await world();
  const { id } = await give(engine, vouchers[0]);
  await engine.sync();
  server.collected.add(100);
  server.serial = 2;
  await engine.sync({ now: true });
  await engine.undo({ id: crypto.randomUUID(), of: id, reason: "wrong_family" });
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "ready");
  await engine.sync();
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "ready", "the pack is still the one before the undo");
  server.serial = 3; // somebody else served the family in between: the list names it again
  await engine.sync({ now: true });
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "already_collected");
});

test("taking back is simple for a while only, and only for this enrolment's own handouts", async () => {
  const { engine, phone, vouchers } = await world();
  const { id } = await give(engine, vouchers[0]);
  const [own] = await engine.own(1);
  assert.equal(own.undoUntil, own.at + 600_000);
  await assert.rejects(engine.undo({ id: crypto.randomUUID(), of: id, reason: "" }), refusedAs("reason_needed"));
  await assert.rejects(engine.undo({ id: crypto.randomUUID(), of: crypto.randomUUID(), reason: "x" }), refusedAs("undo_too_late"));
  phone.time.pass(600_001);
  await assert.rejects(engine.undo({ id: crypto.randomUUID(), of: id, reason: "x" }), (error) => error.code === "undo_too_late" && error.facts.minutes === 10);
});

async function supervisor(code) {
  const how = { salt: toB64(utf8("another salt 16.")), iterations: 10 };
  const key = await stretched(code, how, 256);
  return { key, listed: { id: 7, name: "Керівниця", ...how, hash: toB64(await sha256(key)) } };
}

test("a family without a voucher is served by a supervisor's code, proven for this very event", async () => {
  const { key, listed } = await supervisor("7K2MQ9XT4X");
  const { engine, phone } = await world({ head: { supervisors: [listed] } });
  assert.deepEqual(await engine.supervisors(), [{ id: 7, name: "Керівниця" }]);
  const order = { supervisor: 7, family: "Ковальчук О., ДН-22-000123", reason: "ваучер згорів", lines: [{ item: "RICE", units: 2000 }] };
  for (const code of ["7K2MQ-8XT4X", "", "0"]) {
    await assert.rejects(engine.withoutVoucher({ ...order, id: crypto.randomUUID(), code }), refusedAs("wrong_supervisor_code"));
  }
  await assert.rejects(engine.withoutVoucher({ ...order, id: crypto.randomUUID(), supervisor: 8, code: "7K2MQ9XT4X" }), refusedAs("wrong_supervisor_code"));
  await assert.rejects(engine.withoutVoucher({ ...order, id: crypto.randomUUID(), code: "7K2MQ9XT4X", reason: "" }), refusedAs("reason_needed"));
  const id = crypto.randomUUID();
  await engine.withoutVoucher({ ...order, id, code: "7k2mq 9xt4x" });
  const [event] = await stored(phone);
  assert.deepEqual([event.body.type, event.body.supervisor, event.body.family, "token" in event.body], ["without_voucher", 7, order.family, false]);
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  assert.ok(await crypto.subtle.verify("HMAC", hmac, fromB64(event.body.code_proof), utf8(id)));
  assert.ok(!phone.written().includes("7K2MQ9XT4X"));
  assert.ok(!phone.written().includes("Ковальчук"), "what the family said lies sealed on the phone");
  const [rice] = await engine.plan([{ item: "RICE", units: 399_000 }]);
  assert.equal(rice.available, 398_000);
  assert.deepEqual((await engine.profiles()).map(({ number }) => number), [1, 2]);
});

test("an event that does not open any more goes on counting as not sent and holds up no other", async () => {
  const { engine, phone, vouchers } = await world();
  await give(engine, vouchers[0]);
  await give(engine, vouchers[1]);
  const [first] = phone.disk.get("events").values();
  first.sealed.bytes[0] ^= 1;
  assert.equal((await phone.store.events()).length, 1);
  assert.equal((await engine.status()).unsent.count, 2);
});

test("storage that is full or gone refuses the handout; nothing is half written, and it goes on after", async () => {
  const { engine, phone, vouchers } = await world();
  await give(engine, vouchers[0]);
  for (const [fault, code] of [["full", "storage_full"], ["gone", "storage_gone"]]) {
    const verdict = await engine.look(vouchers[1].code, "camera");
    phone.storeFaults[fault] = true;
    await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict }), refusedAs(code));
    phone.storeFaults[fault] = false;
    assert.equal((await phone.store.events()).length, 1);
  }
  await give(engine, vouchers[1]);
  assert.deepEqual((await phone.store.events()).map(({ seq }) => seq), [1, 2]);
});

test("a storage that was wiped while the page is open is noticed at the next handout", async () => {
  const { engine, phone, vouchers } = await world();
  await give(engine, vouchers[0]);
  await engine.sync();
  const verdict = await engine.look(vouchers[1].code, "camera");
  for (const rows of phone.disk.values()) rows.clear();
  await assert.rejects(engine.handout({ id: crypto.randomUUID(), verdict }), refusedAs("not_enrolled"));
  assert.equal((await engine.look(vouchers[1].code, "camera")).code, "not_enrolled");
  await engine.enrol("good", "Знову");
  await engine.sync();
  await give(engine, vouchers[1]);
  assert.equal((await engine.sync()).sent, 1);
});

test("what a person writes is cut and cleaned so that its signature holds", async () => {
  const { engine, server, vouchers } = await world();
  await give(engine, vouchers[0], { units: { RICE: 1 }, reason: `a\ud800b\0c💧${"ґ".repeat(400)}` });
  assert.equal((await engine.sync()).sent, 1);
  const [{ event }] = server.events.values();
  assert.equal(event.reason, `abc💧${"ґ".repeat(296)}`);
});

test("the key cannot be taken out of the phone", async () => {
  const { phone } = await world();
  const { privateKey } = await phone.store.activeDevice();
  for (const form of ["jwk", "pkcs8"]) await assert.rejects(crypto.subtle.exportKey(form, privateKey));
});

test("an invitation whose answer was lost is sent again with the same key and gives the same device", async () => {
  const { server } = await world();
  const other = new Phone(server);
  const engine = await other.open();
  server.faults = [FAULTS.lost];
  await assert.rejects(engine.enrol("good", "Телефон 2"), refusedAs("no_answer"));
  const made = server.devices.size;
  await engine.enrol("good", "Телефон 2");
  assert.equal(server.devices.size, made);
  await assert.rejects(engine.enrol("guessed", "x"), refusedAs("unknown_invitation"));
  for (const fault of ["html", "htmlRefusal", "500", "nothing", "foreignJson", "null"]) {
    server.faults = [FAULTS[fault]];
    await assert.rejects(engine.enrol("good", "x"), refusedAs("no_answer"), fault);
  }
  assert.equal((await other.store.devices()).length, 1);
});

test("files hold every unsent event of every enrolment, and leave them where they are", async () => {
  const { engine, phone, vouchers, server } = await world();
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  server.centre.fileKey = toB64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  server.serial = 2;
  await engine.sync({ now: true });
  assert.deepEqual(await engine.files(), []);
  await give(engine, vouchers[0]);
  await engine.enrol("good", "Знову");
  const files = await engine.files();
  assert.equal(files.length, 1);
  const { bytes, name } = files[0];
  assert.match(name, /^aidtrack-[0-9a-f]{8}-2026-11-21\.aidfile$/);
  assert.deepEqual(bytes.slice(0, 8), utf8("AIDFILE1"));
  assert.ok(bytes.length > 85);
  assert.equal((await phone.store.events()).length, 1);
});

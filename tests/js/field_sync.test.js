import assert from "node:assert/strict";
import { test } from "node:test";
import { toB64 } from "../../aidtrack/static/js/field/bytes.js";
import { ownLocks } from "../../aidtrack/static/js/field/engine.js";
import { batchOf, receiptsFor } from "../../aidtrack/static/js/field/sync.js";
import { HOUR, lot } from "./support/field.js";
import { FAULTS, give, world } from "./support/server.js";

const DAY = 24 * HOUR;
const posts = (server) => server.calls.filter(({ path }) => path === "/sync/v1/events");
const sentIn = ({ body }) => JSON.parse(body).events.map((event) => JSON.parse(event.body).seq);

async function filled(count, options) {
  const one = await world({ count, ...options });
  for (const voucher of one.vouchers) await give(one.engine, voucher);
  one.server.calls.length = 0;
  one.phone.news.length = 0;
  return one;
}

test("events go oldest first, in batches, and leave with their receipts", async () => {
  const { engine, server, phone } = await filled(230, { head: { lots: [lot("L-1", "RICE", 10 ** 9), lot("L-2", "OIL", 10 ** 9)] } });
  const report = await engine.sync();
  assert.deepEqual([report.sent, report.left, report.outcomes, report.trouble, report.retryInMs], [230, 0, { recorded: 230 }, null, 0]);
  assert.deepEqual(posts(server).map((call) => sentIn(call).length), [100, 100, 30]);
  assert.deepEqual(posts(server).flatMap(sentIn), Array.from({ length: 230 }, (_, n) => n + 1));
  const [first, , last] = posts(server).map(({ body }) => JSON.parse(body));
  assert.deepEqual([first.unsent, first.oldest, last.unsent, last.oldest], [230, "2026-11-21T07:30:00.000Z", 30, "2026-11-21T07:30:00.000Z"]);
  assert.equal(server.events.size, 230);
  assert.deepEqual(await phone.store.events(), []);
  assert.deepEqual(phone.news.filter(({ type }) => type === "progress").map(({ left }) => left), [130, 30, 0]);
  assert.deepEqual((await engine.status()).unsent, { count: 0, oldest: null });
});

for (const name of ["down", "500", "html", "htmlRefusal", "foreignJson", "nothing", "null", "badRequest", "conflict", "tooMany", "notFound", "cut", "otherHash", "otherId", "foreignReceipts", "nonsense", "lost"]) {
  test(`nothing leaves for an answer that is none: ${name}`, async () => {
    const { engine, server, phone } = await filled(3);
    server.faults = [FAULTS[name]];
    const before = await phone.store.events();
    const report = await engine.sync();
    assert.deepEqual(await phone.store.events(), before, "every byte is as it was");
    assert.deepEqual([report.sent, report.left], [0, 3]);
    assert.ok(report.trouble && report.retryInMs > 0);
    const again = await engine.sync({ now: true });
    assert.deepEqual([again.sent, again.left, again.trouble], [3, 0, null]);
    assert.equal(server.events.size, 3);
    assert.deepEqual(server.kept, []);
  });
}

test("a reply cut at any byte loses nothing and doubles nothing", async () => {
  const { engine, server, phone } = await filled(2);
  let length = 0;
  for (let cut = 0; !length || cut < length; cut += 7) {
    server.faults = [async (_call, answer) => {
      const text = await (await answer()).text();
      length = text.length;
      return new Response(text.slice(0, cut), { status: 200 });
    }];
    await engine.sync({ now: true });
    assert.equal((await phone.store.events()).length, 2, String(cut));
  }
  assert.equal((await engine.sync({ now: true })).outcomes.already_recorded, 2);
  assert.equal(server.events.size, 2);
});

test("a lost reply repeats the same bytes and gets the same receipt", async () => {
  const { engine, server } = await filled(3);
  server.faults = [FAULTS.lost];
  await engine.sync();
  const report = await engine.sync({ now: true });
  assert.deepEqual(report.outcomes, { already_recorded: 3 });
  const [one, two] = posts(server).map(({ body }) => JSON.parse(body).events);
  assert.deepEqual(one, two);
});

test("where only some have receipts the rest is sent again", async () => {
  const { engine, server } = await filled(10);
  server.faults = [FAULTS.partial, FAULTS.partial];
  const report = await engine.sync();
  assert.equal(report.sent, 10);
  assert.deepEqual(posts(server).map((call) => sentIn(call).length), [10, 5, 2]);
});

test("a busy server is sent as much as it takes, and a little more each time it took all", async () => {
  const { engine, server } = await filled(60, { head: { lots: [lot("L-1", "RICE", 10 ** 9), lot("L-2", "OIL", 10 ** 9)] } });
  const { take } = server;
  server.take = function (said, device) {
    return take.call(this, { ...said, events: said.events.slice(0, 8) }, device);
  };
  const report = await engine.sync();
  assert.equal(report.sent, 60);
  assert.deepEqual(posts(server).map((call) => sentIn(call).length), [60, 8, 10, 8, 10, 8, 10, 4]);
});

test("too large a batch is halved down to what goes; one event that never goes holds up nobody", async () => {
  const { engine, server } = await filled(20);
  server.most = 6;
  assert.equal((await engine.sync()).sent, 20);
  assert.deepEqual(posts(server).slice(0, 3).map((call) => sentIn(call).length), [20, 10, 5]);
  const other = await filled(5);
  const { answer } = other.server;
  other.server.answer = function (call) {
    if (call.path === "/sync/v1/events" && sentIn(call).includes(3)) return new Response("", { status: 413 });
    return answer.call(this, call);
  };
  const report = await other.engine.sync();
  assert.deepEqual([report.sent, report.left, report.trouble], [4, 1, "too_large"]);
});

test("a clock that is wrong by 30 days is put right by the server's word, once a request", async () => {
  for (const days of [30, -30]) {
    const { server, phone } = await filled(2);
    phone.time.shift(days * DAY);
    const real = phone.time.wall;
    server.now = () => real() - days * DAY;
    phone.time.restart(HOUR);
    const page = await phone.open();
    // the saved offset knows nothing of the change: the first signed request is refused, the second fits
    const report = await page.sync();
    assert.deepEqual([report.sent, report.trouble], [2, null], String(days));
    assert.ok(Math.abs((await page.status()).now - server.now()) < 1_000);
    assert.equal(posts(server).length, 2);
  }
});

test("a clock that the server never accepts ends the run", async () => {
  const { engine, server } = await filled(2);
  const clock = () => new Response(JSON.stringify({ code: "clock", message: "", facts: { server_time: "2026-11-21T07:00:00.000Z" } }), { status: 401 });
  server.faults = [clock, clock, clock];
  const report = await engine.sync();
  assert.deepEqual([report.trouble, report.left, posts(server).length], ["clock", 2, 2]);
});

for (const [code, status] of [["device_revoked", 403], ["person_deactivated", 403], ["unknown_device", 401], ["bad_signature", 401]]) {
  test(`refused as a phone keeps everything: ${code}`, async () => {
    const { engine, server, phone, vouchers } = await filled(3);
    server.faults = [() => new Response(JSON.stringify({ code, message: "" }), { status })];
    const report = await engine.sync();
    assert.deepEqual([report.trouble, report.sent, report.left, report.pack], [code, 0, 3, "failed"]);
    assert.ok(report.retryInMs >= 200_000);
    assert.equal((await engine.status()).trouble, code);
    assert.equal((await phone.store.events()).length, 3);
    assert.equal((await engine.files()).length, 1, "the way by hand stays open");
    await engine.sync({ now: true });
    assert.equal((await engine.status()).trouble, null);
    assert.equal(server.events.size, vouchers.length);
  });
}

test("the pause grows from two seconds to five minutes and ends with the first answer", async () => {
  const { engine, server, phone } = await filled(1);
  server.faults = Array(20).fill(FAULTS.down);
  const pauses = [];
  for (let n = 0; n < 12; n += 1) {
    const report = await engine.sync();
    pauses.push(report.retryInMs);
    assert.equal((await engine.sync()).retryInMs, report.retryInMs);
    assert.equal(posts(server).length, n + 1, "no call before the pause is over");
    phone.time.pass(report.retryInMs);
  }
  assert.equal(pauses[0], 1_500);
  assert.ok(pauses.every((pause, n) => n === 0 || pause >= pauses[n - 1]));
  assert.equal(pauses.at(-1), 225_000);
  server.faults = [];
  assert.equal((await engine.sync()).sent, 1);
});

test("page and service worker never post at once, and nobody posts what the other has sent", async () => {
  const { engine, server, phone } = await filled(40);
  const worker = await phone.open();
  server.atOnce = 0;
  const reports = await Promise.all([engine.sync(), worker.sync(), engine.sync(), worker.sync()]);
  assert.equal(server.atOnce, 1);
  assert.equal(posts(server).flatMap(sentIn).length, 40);
  assert.deepEqual(reports.map(({ left }) => left), [0, 0, 0, 0]);
});

test("without locks two senders do no harm: the server has each event once", async () => {
  const { engine, server, phone } = await filled(40);
  const worker = await phone.open({ locks: ownLocks() });
  await Promise.all([engine.sync(), worker.sync()]);
  assert.equal(server.events.size, 40);
  assert.deepEqual(server.kept, []);
  assert.equal((await phone.store.events()).length, 0);
});

test("whoever finds that another sender was quicker goes on, and nothing is wrong", async () => {
  const { engine, server, phone } = await filled(3);
  const { answer } = server;
  server.answer = async function (call) {
    const reply = await answer.call(this, call);
    if (call.path !== "/sync/v1/events") return reply;
    const { receipts } = await reply.clone().json();
    const settled = receipts.map((one) => ({ ...one, receiptAt: Date.parse(one.at), generation: 0 }));
    await phone.store.settle(settled); // the other one's receipts came first
    return reply;
  };
  const report = await engine.sync();
  assert.deepEqual([report.left, report.trouble, report.retryInMs], [0, null, 0]);
  assert.equal(posts(server).length, 1);
});

test("after a new enrolment the old one's events go under the old device, and its refusal holds up nobody", async () => {
  const { engine, server, phone, vouchers } = await world({ count: 4 });
  const old = (await phone.store.activeDevice()).id;
  await give(engine, vouchers[0]);
  await give(engine, vouchers[1]);
  await engine.enrol("good", "Знову");
  server.faults = [FAULTS[500], FAULTS[500]];
  await engine.sync();
  await engine.sync({ now: true });
  server.devices.get(old).refused = "device_revoked";
  const report = await engine.sync({ now: true });
  assert.deepEqual([report.trouble, report.pack, report.left], ["device_revoked", "new", 2]);
  const active = (await phone.store.activeDevice()).id;
  assert.notEqual(active, old);
  server.calls.length = 0;
  await give(engine, vouchers[2]);
  assert.equal((await engine.sync()).sent, 1, "the new enrolment waits for no pause of the old one");
  assert.deepEqual(server.devices.get(active).seqs, [1]);
  assert.equal(posts(server).length, 1, "and the old one rests for a while");
  assert.equal((await engine.status()).trouble, "device_revoked", "what waits under the old enrolment is still told");
  server.devices.get(old).refused = null;
  assert.equal((await engine.sync({ now: true })).left, 0);
  assert.deepEqual(server.devices.get(old).seqs, [1, 2]);
  assert.equal((await engine.look(vouchers[0].code, "camera")).code, "already_collected");
});

test("the history forgets what is older than a pack's life", async () => {
  const { engine, server, phone, vouchers } = await world();
  await give(engine, vouchers[0]);
  await engine.sync();
  phone.time.pass(73 * HOUR);
  server.serial = 2;
  await engine.sync();
  assert.deepEqual(await phone.store.history(), []);
});

test("storage that fails while receipts are taken keeps the events for the next time", async () => {
  const { engine, server, phone } = await filled(3);
  phone.storeFaults.writing = (stores) => {
    if (stores.includes("events")) throw new Error("disk");
  };
  const report = await engine.sync();
  assert.deepEqual([report.sent, report.left], [0, 3]);
  delete phone.storeFaults.writing;
  assert.deepEqual((await engine.sync({ now: true })).outcomes, { already_recorded: 3 });
  assert.equal(server.events.size, 3);
});

test("a batch holds the oldest events up to its size, and always one", () => {
  const event = (bytes) => ({ body: "x".repeat(bytes), sig: "" });
  assert.equal(batchOf(Array(30).fill(event(20_000)), 100).length, 20);
  assert.equal(batchOf([event(900_000), event(5)], 100).length, 1);
  assert.equal(batchOf([event(5), event(5), event(5)], 2).length, 2);
  assert.deepEqual(batchOf([], 100), []);
});

test("a receipt needs id and hash; the hash alone does where the server could read no id", () => {
  const hash = toB64(new Uint8Array(32).fill(1));
  const batch = [{ id: "a", hash, body: "", sig: "" }];
  const receipt = { id: "a", hash, outcome: "recorded", at: "2026-11-21T08:00:00.000Z" };
  const named = (one) => receiptsFor(batch, [one], 5).length;
  assert.equal(named(receipt), 1);
  assert.equal(named({ ...receipt, id: null }), 1);
  for (const other of [{ id: "b" }, { hash: toB64(new Uint8Array(32)) }, { hash: undefined }, { outcome: "" }, { outcome: 7 }, { id: undefined }]) {
    assert.equal(named({ ...receipt, ...other }), 0, JSON.stringify(other));
  }
  assert.equal(receiptsFor(batch, [{ ...receipt, at: "nonsense" }], 5)[0].receiptAt, 5);
  assert.equal(receiptsFor(batch, [{ ...receipt, outcome: "a word of next year" }], 5)[0].outcome, "a word of next year");
});

test("what a newer server says besides is passed over, and an outcome of tomorrow is a receipt like any other", async () => {
  const { engine, server, phone } = await filled(2, { head: { of_tomorrow: { rain: true } } });
  server.faults = [async (_call, answer) => {
    const body = await (await answer()).json();
    const receipts = body.receipts.map((one) => ({ ...one, outcome: "of_tomorrow", weather: 1 }));
    return new Response(JSON.stringify({ ...body, receipts, of_tomorrow: [1] }), { status: 200 });
  }];
  const report = await engine.sync({ now: true });
  assert.deepEqual([report.sent, report.left, report.outcomes, report.trouble], [2, 0, { of_tomorrow: 2 }, null]);
  assert.deepEqual(await phone.store.events(), []);
  assert.deepEqual((await engine.own(2)).map(({ outcome }) => outcome), ["of_tomorrow", "of_tomorrow"]);
});

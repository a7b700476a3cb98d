/** The server's word on the phone itself, asked before goods go out: refused within a second where there is a network. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createPerformer } from "../../aidtrack/static/js/field/page/performer.js";
import { FAULTS, give, world } from "./support/server.js";

const SECOND = 1_000;
const PATIENT = { scan: 60_000, press: 60_000 };
/** @type {((error: Error) => void)[]} */
const hanging = [];
const never = () => new Promise((_answer, fail) => hanging.push(fail));
after(() => hanging.forEach((fail) => fail(new TypeError("Failed to fetch"))));
const asked = (server) => server.calls.filter(({ path }) => path === "/sync/v1/status").length;
/** Every sentence is its own name. @type {Record<string, string>} */
const words = new Proxy({}, { get: (_none, name) => String(name) });

/** A phone that is enrolled and idle, with the page's performer on it. An answer that is to come may take as long as it does. */
async function idle(waits) {
  const one = await world({ count: 3 });
  const [device] = one.server.devices.values();
  const performer = createPerformer(one.engine, () => ({ words, language: "uk", zone: "Europe/Kyiv" }), { kept: () => {}, online: () => one.online ?? true, waits });
  one.phone.time.pass(SECOND);
  return { ...one, device, performer, news: one.phone.news, line: one };
}

test("an idle phone with a network learns at its next scan, a second after the act, that it was withdrawn", async () => {
  for (const code of ["device_revoked", "person_deactivated"]) {
    const { performer, vouchers, device, engine, news } = await idle(PATIENT);
    device.refused = code;
    const { body } = /** @type {any} */ (await performer.scan(vouchers[0].code, "camera"));
    assert.deepEqual([body.code, body.tone, body.title, body.text, body.card], [code, "red", `title_${code}`, `text_${code}`, undefined]);
    assert.deepEqual(news.filter(({ type }) => type === "stopped").length, 1);
    assert.equal((await engine.status()).trouble, code);
  }
});

test("withdrawn while the card lay open: the press writes nothing", async () => {
  const { performer, vouchers, device, phone } = await idle(PATIENT);
  assert.equal(/** @type {any} */ (await performer.scan(vouchers[0].code, "camera")).body.code, "ready");
  device.refused = "device_revoked";
  phone.time.pass(SECOND);
  const outcome = /** @type {any} */ (await performer.give(crypto.randomUUID(), {}));
  assert.deepEqual([outcome.kind, outcome.body.code], ["refused", "device_revoked"]);
  assert.deepEqual(await phone.store.events(), []);
});

test("one question a second at most, and none without a network", async () => {
  const { performer, vouchers, server, phone, line } = await idle(PATIENT);
  for (const { code } of vouchers) await performer.scan(code, "camera");
  assert.equal(asked(server), 1, "its own answer is the word");
  phone.time.pass(SECOND);
  await Promise.all(vouchers.map(({ code }) => performer.scan(code, "camera")));
  assert.equal(asked(server), 2);
  line.online = false;
  phone.time.pass(SECOND);
  await performer.scan(vouchers[0].code, "camera");
  assert.equal(asked(server), 2);
});

test("a line that is dead, slow or not ours holds up one scan for a moment, and no handout", async () => {
  for (const fault of [never, FAULTS.down, FAULTS[500], FAULTS.html, FAULTS.htmlRefusal, FAULTS.notFound, FAULTS.nothing]) {
    const { performer, vouchers, server, engine } = await idle();
    server.faults = [fault, fault, fault, fault];
    assert.equal(/** @type {any} */ (await performer.scan(vouchers[0].code, "camera")).body.code, "ready");
    const waited = asked(server);
    assert.equal(/** @type {any} */ (await performer.give(crypto.randomUUID(), {})).kind, "answer");
    await performer.scan(vouchers[1].code, "camera");
    const other = await Promise.race([engine.word(60_000), new Promise((later) => setTimeout(later, 0, "waited"))]);
    if (fault === never) assert.equal(other, false, "known to be dead");
    if (fault === never) assert.deepEqual([waited, asked(server)], [1, 1], "one question is on its way, and no other joins it");
    assert.equal((await engine.status()).unsent.count, 1);
    assert.equal((await engine.status()).device.trouble, null);
  }
});

test("a word that comes late is told, so that an open card is looked at again", async () => {
  const { performer, vouchers, server, device, news } = await idle();
  device.refused = "device_revoked";
  let let_go = () => {};
  server.faults = [async (_call, answer) => {
    await new Promise((go) => (let_go = /** @type {any} */ (go)));
    return answer();
  }];
  assert.equal(/** @type {any} */ (await performer.scan(vouchers[0].code, "camera")).body.code, "ready");
  let_go();
  while (!news.some(({ type }) => type === "stopped")) await new Promise((next) => setTimeout(next));
  assert.equal(/** @type {any} */ (await performer.scan(vouchers[0].code, "camera")).body.code, "device_revoked");
});

test("a person who may hand out again is served again by the next word", async () => {
  const { engine, vouchers, device, phone } = await idle(PATIENT);
  device.refused = "person_deactivated";
  assert.equal(await engine.word(PATIENT.scan), true);
  device.refused = null;
  phone.time.pass(SECOND);
  assert.equal(await engine.word(PATIENT.scan), false);
  await give(engine, vouchers[0]);
});

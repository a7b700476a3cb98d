/**
 * A phone's days by chance: handouts, undos, a bad network, a page that is killed in the middle of anything, clocks
 * that jump. Whatever happens, every handout that turned green is with the server once, in an unbroken chain.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as engineModule from "../../aidtrack/static/js/field/engine.js";
import * as memory from "../../aidtrack/static/js/field/memory.js";
import { HOUR, ISSUED, centreKey, lot, phoneTime, voucher } from "./support/field.js";
import { planted } from "./support/planted.js";
import { FAULTS, Phone, Server } from "./support/server.js";

const SEEDS = Number(process.env.AIDTRACK_FIELD_SEEDS ?? 60);
const FATES = [null, null, null, ...Object.values(FAULTS)];
const RICE = 60_000;

/** mulberry32: the same days for the same seed. @param {number} seed */
function chance(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { random, below: (n) => Math.floor(random() * n), pick: (list) => list[Math.floor(random() * list.length)] };
}

const centre = await centreKey();
const vouchers = await Promise.all(Array.from({ length: 16 }, (_, n) => voucher(centre, { index: n })));

/** A page that can be killed: from then on its storage and its network do nothing for it. */
async function page(phone, server) {
  const alive = { faults: {}, dead: false };
  const store = phone.modules.memoryStore(phone.disk, alive.faults);
  const fetching = async (...request) => {
    if (alive.dead) throw new TypeError("killed");
    const answer = await server.fetch(...request);
    if (alive.dead) throw new TypeError("killed");
    return answer;
  };
  const engine = await phone.modules.openEngine({
    store, app: "0.2.0", fetch: fetching, locks: phone.locks, wall: phone.time.wall, mono: phone.time.mono, random: () => 0, hidden: () => false,
  });
  return {
    engine,
    kill() {
      alive.dead = true;
      alive.faults.gone = true;
    },
  };
}

async function days(seed, modules = { ...engineModule, ...memory }) {
  const { below, pick, random } = chance(seed);
  const time = phoneTime(ISSUED);
  let truth = ISSUED; // what a good clock says, whatever the phone's does
  const server = new Server({ centre, vouchers, head: { lots: [lot("L-1", "RICE", RICE), lot("L-2", "OIL", 920 * 400)] } });
  server.now = () => truth;
  const phone = new Phone(server, time, modules);
  const pass = (ms) => {
    time.pass(ms);
    truth += ms;
  };
  let { engine, kill } = await page(phone, server);
  await engine.enrol("good", "x");
  await engine.sync();

  const green = new Map(); // what turned green, by id
  let lastEst = 0;
  const saw = ({ id, at, repeated }) => {
    if (!repeated) {
      assert.ok(at >= lastEst || at >= truth - HOUR, "trusted time is never led back");
      lastEst = at;
    }
    green.set(id, true);
  };
  const refused = (error) => {
    if (typeof error.code !== "string") throw error;
  };

  for (let n = 0; n < 60; n += 1) {
    pass(1_000 + below(240_000));
    const what = below(12);
    if (what < 6) {
      const verdict = await engine.look(pick(vouchers).code, "camera");
      if (verdict.card) {
        const order = { id: crypto.randomUUID(), verdict, units: random() < 0.3 ? { RICE: 1_000 * below(6) } : {}, reason: "less" };
        const presses = [engine.handout(order)];
        if (random() < 0.2) presses.push(engine.handout(order));
        if (random() < 0.15) {
          // killed in the middle: whatever did not turn green may or may not be there
          for (let tick = below(12); tick > 0; tick -= 1) await null;
          kill();
        }
        for (const press of await Promise.allSettled(presses)) press.status === "fulfilled" ? saw(press.value) : refused(press.reason);
      }
    } else if (what < 8) {
      const [own] = (await engine.own(20)).filter((one) => !one.undone);
      if (own) await engine.undo({ id: crypto.randomUUID(), of: own.id, reason: "wrong" }).then(saw, refused);
    } else if (what < 10) {
      server.serial += below(2);
      server.most = pick([Infinity, 3]);
      server.faults = Array.from({ length: below(4) }, () => pick(FATES));
      const sending = engine.sync({ now: true });
      if (random() < 0.2) {
        for (let tick = below(60); tick > 0; tick -= 1) await null;
        kill();
      }
      await sending;
      server.faults = [];
    } else if (what === 10) {
      time.shift((below(61) - 30) * 24 * HOUR);
    } else kill();
    if ((await engine.status().catch(() => null)) === null) {
      const off = below(2) ? 0 : below(3 * HOUR);
      truth += off;
      time.restart(off);
      ({ engine, kill } = await page(phone, server));
    }
  }

  server.faults = [];
  server.most = Infinity;
  const report = await engine.sync({ now: true });
  assert.equal(report.trouble, null);
  assert.equal(report.left, 0);
  for (const id of green.keys()) assert.ok(server.events.has(id), "what turned green is with the server");
  assert.deepEqual(server.kept, [], "no id ever came with another body");
  const events = [...server.events.values()].sort((a, b) => a.event.seq - b.event.seq);
  events.forEach(({ event }, n) => {
    assert.equal(event.seq, n + 1, "the chain has no gap");
    assert.equal(event.prev, n ? events[n - 1].hash : null);
  });
  const undone = new Set(events.map(({ event }) => event.of));
  const standing = events.filter(({ event }) => event.type === "handout" && !undone.has(event.id));
  assert.equal(new Set(standing.map(({ event }) => event.token)).size, standing.length, "nobody was served twice");
  const gone = standing.flatMap(({ event }) => event.lines).filter(({ item }) => item === "RICE").reduce((sum, { units }) => sum + units, 0);
  assert.ok(gone <= RICE, "no more went out than was there");
  const [rice] = await engine.plan([{ item: "RICE", units: RICE }]);
  assert.equal(rice.available, RICE - gone, "the phone knows what is left");
  return { events: events.length, green: green.size };
}

test(`${SEEDS} phones through days of their own`, async () => {
  let events = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      events += (await days(seed)).events;
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
  assert.ok(events > SEEDS * 10, `${events} events`);
});

for (const [bug, file, right, wrong] of [
  ["a receipt is believed by its id alone", "sync.js", "const event = byHash.get(receipt?.hash);", "const event = batch.find(({ id }) => id === receipt?.id);"],
  ["the chain is kept in the page", "store.js", 'if (chain.seq + 1 !== event.seq || chain.prev !== prev) throw new Refusal("chain_moved");\n        await table("events").put(row);\n        await table("chain").put({ device: event.device, seq: event.seq, prev: event.hash });', 'await table("events").put(row);\n        if (event.seq % 7) await table("chain").put({ device: event.device, seq: event.seq, prev: event.hash });'],
  ["what was sent is thought to be in the pack", "stock.js", "own.receiptAt !== null && own.generation < generation && own.receiptAt <= issuedAt", "own.receiptAt !== null"],
  ["what was handed out is forgotten when it is sent", "store.js", 'Promise.all([table("history").put(entry), table("events").delete(id)])', 'table("events").delete(id)'],
]) {
  test(`a phone with a bug does not get through them: ${bug}`, async () => {
    const modules = await planted(file, right, wrong);
    await assert.rejects(async () => {
      for (let seed = 1; seed <= 20; seed += 1) await days(seed, modules);
    }, assert.AssertionError);
  });
}

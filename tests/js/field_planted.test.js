/**
 * Promises that must be seen to break: each check passes with the engine as it is, and fails with a copy of it that
 * has one bug planted.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, ISSUED, phoneTime, voucher } from "./support/field.js";
import { planted } from "./support/planted.js";
import { FAULTS, give, world } from "./support/server.js";

/** @param {string} promise @param {(modules?: any) => Promise<void>} check @param {[string, string, string][]} bugs file, right, wrong */
function promised(promise, check, bugs) {
  test(`${promise}: kept`, () => check());
  bugs.forEach(([file, right, wrong], n) => {
    test(`${promise}: bug ${n + 1} is seen (${file})`, async () => {
      const modules = await planted(file, right, wrong);
      await assert.rejects(check(modules), assert.AssertionError);
    });
  });
}

promised(
  "a refusal never empties the queue",
  async (modules) => {
    for (const fault of ["badRequest", "conflict", "notFound", "tooMany", "htmlRefusal", "html", "foreignJson"]) {
      const { engine, phone, server, vouchers } = await world({ modules });
      await give(engine, vouchers[0]);
      server.faults = [FAULTS[fault]];
      await engine.sync();
      assert.equal((await phone.store.events()).length, 1, fault);
    }
  },
  [
    [
      "sync.js",
      'if (reply.kind !== "ok") throw await troubleOf(device, reply);\n      const { receipts',
      'if (reply.kind === "refused") { await store.settle(batch.map((one) => ({ ...one, outcome: "x", receiptAt: 1 }))); continue; }\n      if (reply.kind !== "ok") throw await troubleOf(device, reply);\n      const { receipts',
    ],
    [
      "sync.js",
      'if (!Array.isArray(receipts) || !Number.isFinite(at)) throw new Refusal("no_answer", { why: "body" });',
      'if (!Array.isArray(receipts)) { await store.settle(batch.map((one) => ({ ...one, outcome: "x", receiptAt: 1 }))); continue; }',
    ],
  ],
);

promised(
  "a receipt counts only for the body it names",
  async (modules) => {
    const { engine, phone, server, vouchers } = await world({ modules });
    await give(engine, vouchers[0]);
    server.faults = [FAULTS.otherHash];
    await engine.sync();
    assert.equal((await phone.store.events()).length, 1, "the server holds another body under this id");
    server.faults = [FAULTS.otherId];
    await engine.sync({ now: true });
    assert.equal((await phone.store.events()).length, 1);
  },
  [["sync.js", "const event = byHash.get(receipt?.hash);", "const event = batch.find(({ id }) => id === receipt?.id);"]],
);

promised(
  "the store too lets an event go only with its own body's hash",
  async (modules) => {
    const { engine, phone, vouchers } = await world({ modules });
    const { id } = await give(engine, vouchers[0]);
    await phone.store.settle([{ id, hash: "another", outcome: "recorded", receiptAt: 1, generation: 1 }]);
    assert.equal((await phone.store.events()).length, 1);
  },
  [["store.js", "if (!event || event.hash !== hash) return null;", "if (!event) return null;"]],
);

promised(
  "the event is on the disk before the screen may turn green",
  async (modules) => {
    const { engine, phone, vouchers } = await world({ modules });
    // the browser is killed in the moment in which the page could show green
    await give(engine, vouchers[0]).then(() => (phone.storeFaults.gone = true));
    phone.storeFaults.gone = false;
    const written = [...phone.disk.get("events").values()];
    assert.equal(written.length, 1);
    const verdict = await engine.look(vouchers[1].code, "camera");
    phone.storeFaults.full = true;
    const green = await engine.handout({ id: crypto.randomUUID(), verdict }).then(() => true, () => false);
    assert.equal(green, false, "no green where nothing could be written");
  },
  [["events.js", "const other = await store.append(event, chain.prev);", "const other = null; setTimeout(() => store.append(event, chain.prev).catch(() => {}), 20);"]],
);

promised(
  "a pack lives by trusted time, not by the phone's clock",
  async (modules) => {
    const time = phoneTime();
    const { engine, phone, vouchers } = await world({ modules, time });
    time.pass(71 * HOUR);
    time.shift(-60 * HOUR);
    time.pass(2 * HOUR);
    assert.equal((await engine.look(vouchers[0].code, "camera")).code, "pack_too_old", "turned back while it was open");
    engine.close();
    time.restart(-20 * HOUR);
    const again = await phone.open();
    assert.equal((await again.look(vouchers[0].code, "camera")).code, "pack_too_old", "turned back while it was closed");
    const other = await world({ modules, time: phoneTime(ISSUED + HOUR) });
    other.phone.time.shift(30 * 24 * HOUR);
    assert.equal((await other.engine.look(other.vouchers[0].code, "camera")).code, "ready", "a clock set ahead while it was open");
  },
  [
    ["trusted.js", "now: () => reading().est,", "now: () => wall(),"],
    ["trusted.js", "const counted = state.boot === boot ? state.at + Math.max(0, now.mono - state.mono) : state.at;", "const counted = -Infinity;"],
    ["trusted.js", "const at = gap ? Math.max(counted, shown) : counted;", "const at = gap ? shown : counted;"],
  ],
);

promised(
  "a clock set back while the page was closed hides nothing for longer than 12 hours of use",
  async (modules) => {
    const time = phoneTime();
    const { engine, phone, vouchers } = await world({ modules, time });
    time.pass(10 * HOUR);
    await engine.status();
    await phone.store.setting("clock"); // what was saved before is there
    engine.close();
    time.restart(-24 * HOUR); // a week in truth
    const again = await phone.open();
    assert.equal((await again.look(vouchers[0].code, "camera")).code, "ready", "nobody is sent home at noon");
    const { pack } = await again.status();
    assert.deepEqual([pack.turnedBack, pack.leftMs], [true, 12 * HOUR]);
    await phone.store.setting("clock");
    again.close();
    time.restart(HOUR);
    const later = await phone.open();
    time.pass(12 * HOUR);
    assert.equal((await later.look(vouchers[0].code, "camera")).code, "pack_too_old");
    await later.sync({ now: true });
    assert.equal((await later.status()).pack.turnedBack, false);
  },
  [
    ["trusted.js", "if (gap && shown < counted - TURNED_BACK_MS)", "if (false)"],
    ["trusted.js", "offset: at - now.wall, contact: state.contact, until };", "offset: at - now.wall, contact: state.contact };"],
    ["judge.js", "leftOf(pack, now, until)", "leftOf(pack, now)"],
  ],
);

promised(
  "an unsigned voucher opens nothing",
  async (modules) => {
    const { engine, centre, vouchers } = await world({ modules });
    const other = await voucher(centre, { voucher: vouchers[0].id, index: 100 }, { high: true });
    const forged = `${vouchers[0].code.slice(0, 100)}${vouchers[1].code.slice(100)}`;
    for (const code of [other.code, forged]) assert.equal((await engine.look(code, "camera")).code, "bad_signature");
  },
  [
    ["voucher.js", 'if (!genuine) throw new Refusal("bad_signature");', ""],
    ["voucher.js", 'if (above(signature.subarray(32), HALF_ORDER)) throw new Refusal("bad_signature");', ""],
  ],
);

promised(
  "what was collected here is known after the sync too",
  async (modules) => {
    const { engine, vouchers } = await world({ modules });
    await give(engine, vouchers[0]);
    await engine.sync();
    assert.equal((await engine.look(vouchers[0].code, "camera")).code, "already_collected");
  },
  [["store.js", 'Promise.all([table("history").put(entry), table("events").delete(id)])', 'table("events").delete(id)']],
);

promised(
  "page and service worker send one after the other",
  async (modules) => {
    const { engine, phone, server, vouchers } = await world({ modules });
    for (const one of vouchers) await give(engine, one);
    const worker = await phone.open();
    server.atOnce = 0;
    server.calls.length = 0;
    await Promise.all([engine.sync(), worker.sync()]);
    assert.equal(server.atOnce, 1);
    assert.equal(server.calls.filter(({ body }) => body && JSON.parse(body).events.length).length, 1);
  },
  [["sync.js", "running = locks.request(LOCK, () => run(now)).finally", "running = run(now).finally"]],
);

promised(
  "two tabs keep one chain",
  async (modules) => {
    const { engine, phone, vouchers } = await world({ modules });
    const tabs = [engine, await phone.open({ locks: { request: (_name, work) => work() } })];
    await Promise.all(vouchers.map((one, n) => give(tabs[n % 2], one)));
    const seqs = (await phone.store.events()).map(({ seq }) => seq);
    assert.deepEqual(seqs, [1, 2, 3, 4, 5]);
  },
  [["store.js", 'if (chain.seq + 1 !== event.seq || chain.prev !== prev) throw new Refusal("chain_moved");', ""]],
);

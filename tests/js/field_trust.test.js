import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256, toB64, utf8 } from "../../aidtrack/static/js/field/bytes.js";
import { stretched } from "../../aidtrack/static/js/field/pack.js";
import { world } from "./support/server.js";

const CODE = "7K2MQ9XT4X";

/** A phone with a card open and a supervisor beside it: both ways of giving something out. */
async function ready() {
  const how = { salt: toB64(utf8("another salt 16.")), iterations: 10 };
  const hash = toB64(await sha256(await stretched(CODE, how, 256)));
  const made = await world({ head: { supervisors: [{ id: 7, name: "Керівниця", ...how, hash }] } });
  const { engine, vouchers } = made;
  const verdict = await engine.look(vouchers[0].code, "camera");
  const word = { supervisor: 7, code: CODE, family: "Тестенко О.", reason: "ваучер згорів", lines: [{ item: "RICE", units: 500 }] };
  return {
    ...made,
    gives: {
      handout: () => engine.handout({ id: crypto.randomUUID(), verdict }),
      withoutVoucher: () => engine.withoutVoucher({ id: crypto.randomUUID(), ...word }),
    },
  };
}

for (const kind of ["handout", "withoutVoucher"]) {
  for (const code of ["device_revoked", "person_deactivated"]) {
    test(`${kind}: a phone that heard ${code} gives nothing out, and writes nothing`, async () => {
      const { engine, phone, server, gives } = await ready();
      server.devices.get((await phone.store.activeDevice()).id).refused = code;
      await engine.sync({ now: true });
      await assert.rejects(gives[kind](), (error) => error.code === code);
      assert.deepEqual(await phone.store.events(), []);
    });
  }

  test(`${kind}: a pack that grew too old while the card lay open gives nothing out`, async () => {
    const { phone, gives } = await ready();
    phone.time.pass(259_200_000 + 1);
    await assert.rejects(gives[kind](), (error) => error.code === "pack_too_old");
    assert.deepEqual(await phone.store.events(), []);
  });

  test(`${kind}: with a fresh pack it does`, async () => {
    const { phone, gives } = await ready();
    await gives[kind]();
    assert.equal((await phone.store.events()).length, 1);
  });
}

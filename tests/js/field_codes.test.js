import assert from "node:assert/strict";
import { test } from "node:test";
import { fromB64, fromBase32, hex, toB64, toBase32 } from "../../aidtrack/static/js/field/bytes.js";
import { localDay } from "../../aidtrack/static/js/field/day.js";
import { checkCode } from "../../aidtrack/static/js/field/papercode.js";
import { codeOf, decode, keyring, verify } from "../../aidtrack/static/js/field/voucher.js";
import { TAG, centreKey, voucher } from "./support/field.js";
import { vectors } from "./vectors.js";

const { good, bad, deployment_tag: tag, key_id: keyId, public_key_hex: point } = vectors("voucher_codes");
const bytesOf = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const keys = keyring([{ id: keyId, key: toB64(bytesOf(point)), withdrawn: false }]);
const refusedAs = (code) => (error) => error.code === code;

for (const { name, text, code, claims } of good) {
  test(`a good code verifies and says what was signed: ${name}`, async () => {
    const decoded = decode(text);
    assert.equal(decoded.token, code);
    const { keyId: id, deployment, round, voucher: uuid, index, profile, firstDay, lastDay } = await verify(decoded, keys, tag);
    assert.deepEqual({ id, deployment, round, uuid: hex(uuid), index, profile, firstDay, lastDay }, {
      id: claims.key_id, deployment: claims.deployment_tag, round: claims.round_tag, uuid: claims.voucher_id.replace(/-/g, ""),
      index: claims.status_index, profile: claims.profile, firstDay: claims.first_day, lastDay: claims.last_day,
    });
  });
}

for (const { name, text, error } of bad) {
  test(`a bad code is refused by its own name: ${name} (${error})`, async () => {
    await assert.rejects(async () => verify(decode(text), keys, tag), refusedAs(error));
  });
}

test("a genuine code under a withdrawn key is void; a forged one under it stays forged", async () => {
  const leaked = { ...(await centreKey(4)), withdrawn: true };
  const ring = keyring([leaked]);
  const { code } = await voucher(leaked);
  await assert.rejects(verify(decode(code), ring, TAG), refusedAs("void_voucher"));
  const forged = await voucher(await centreKey(4));
  await assert.rejects(verify(decode(forged.code), ring, TAG), refusedAs("bad_signature"));
});

test("of the two forms of a signature only the one with the smaller s is a voucher's", async () => {
  const centre = await centreKey();
  const id = new Uint8Array(16).fill(3);
  await verify(decode((await voucher(centre, { voucher: id })).code), keyring([centre]), TAG);
  const high = await voucher(centre, { voucher: id }, { high: true });
  await assert.rejects(verify(decode(high.code), keyring([centre]), TAG), refusedAs("bad_signature"));
});

test("base32 and base64url go there and back at every length", () => {
  for (let length = 0; length <= 100; length += 5) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    assert.deepEqual(fromBase32(toBase32(bytes)), bytes);
  }
  for (let length = 0; length < 70; length += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    assert.deepEqual(fromB64(toB64(bytes)), bytes);
  }
  for (const wrong of ["a", "a=", "a+b/", "йц", null, 5]) assert.throws(() => fromB64(wrong), SyntaxError);
  assert.equal(codeOf(fromBase32(good[0].code.slice(5))), good[0].code);
});

test("typed codes are understood however they are typed, and a wrong character is found", () => {
  for (const typed of ["7K2MQ-9XT4X", "7k2mq 9xt4x", "7К2МQ–9ХТ4Х", " 7K2MQ9XT4X "]) {
    assert.throws(() => checkCode(typed.replace("9", "8")), refusedAs("bad_check_character"));
    assert.equal(checkCode(typed), "7K2MQ9XT4X");
  }
  for (const typed of ["", "7K2MQ", "7K2MQ-9XT4XX", "UUUUUUUUUU", "💧".repeat(10)]) assert.throws(() => checkCode(typed), refusedAs("not_a_code"));
});

test("days are those of the site, also around midnight and when the clocks change", () => {
  assert.equal(localDay(Date.parse("2026-11-21T21:59:59Z"), "Europe/Kyiv"), "2026-11-21");
  assert.equal(localDay(Date.parse("2026-11-21T22:00:00Z"), "Europe/Kyiv"), "2026-11-22");
  assert.equal(localDay(Date.parse("2026-10-25T21:30:00Z"), "Europe/Kyiv"), "2026-10-25");
  assert.equal(localDay(Date.parse("2026-07-01T21:30:00Z"), "Europe/Kyiv"), "2026-07-02");
});

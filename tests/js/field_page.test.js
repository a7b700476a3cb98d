// The phone's page without a browser: words for verdicts and states, signatures, invitations.

import assert from "node:assert/strict";
import test from "node:test";

import { Refusal } from "../../aidtrack/static/js/field/refusal.js";
import { HEIGHT, isSigned, pathOf, WIDTH } from "../../aidtrack/static/js/field/page/ink.js";
import { createPerformer } from "../../aidtrack/static/js/field/page/performer.js";
import * as say from "../../aidtrack/static/js/field/page/sentences.js";
import { holdPage } from "../../aidtrack/static/js/field/page/tabs.js";
import { invitationIn } from "../../aidtrack/static/js/field/page/welcome.js";

const words = {
  now: "now", minutes: "%(num)s min", hours: "%(num)s h", days: "%(num)s d", kilobytes: "%(num)s kB", megabytes: "%(num)s MB",
  persons_one: "%(num)s особа", persons_few: "%(num)s особи", persons_many: "%(num)s осіб", persons_other: "%(num)s особи",
  title_other: "not done", text_other: "cannot", title_expired_voucher: "expired", text_expired_voucher: "until %(last_day)s",
  text_already_collected: "here at %(at)s", text_already_collected_elsewhere: "by the data of %(at)s",
  outcome_none: "here", outcome_recorded: "received", outcome_extra: "elsewhere too", outcome_kept: "read", outcome_undone: "back",
  note_recorded: "The centre has it.", note_extra: "A supervisor looks.", note_kept: "Read first.",
  online: "connected", offline: "no network", silent: "no answer", stopped: "stopped", sending: "sending",
  pack_line: "data of %(at)s, %(size)s, until %(until)s", pack_dead: "data of %(at)s too old", pack_none: "none",
  unsent_aloud: "%(num)s, %(age)s", all_sent_aloud: "all", lot: "%(lot)s, %(donor)s, %(day)s", lot_undated: "%(lot)s, %(donor)s",
  no_name: "no name", no_name_text: "compare",
};
const uk = { words, language: "uk", zone: "Europe/Kyiv" };
const en = { words, language: "en", zone: "Europe/Kyiv" };
const NOON = Date.parse("2026-09-05T09:00:00Z"); // 12:00 in Kyiv

test("ages, sizes, days and moments as people write them", () => {
  assert.deepEqual([30_000, 120_000, 7_200_000, 200_000_000].map((ms) => say.ageOf(ms, words)), ["now", "2 min", "2 h", "2 d"]);
  assert.equal(say.sizeOf(312_400, en), "312 kB");
  assert.equal(say.sizeOf(1_440_000, uk), "1,4 MB");
  assert.equal(say.sizeOf(10, en), "1 kB");
  assert.equal(say.dayOf("2026-09-05", "uk"), "05.09.2026");
  assert.equal(say.dayOf("2026-09-05", "en"), "5 Sept 2026");
  assert.equal(say.momentOf(NOON, uk, NOON), "12:00");
  assert.equal(say.momentOf(NOON, uk, NOON + 86_400_000), "05.09, 12:00");
  assert.equal(say.momentOf(Date.parse("2026-09-04T21:30:00Z"), uk, NOON), "00:30", "the site's day, not UTC's");
});

test("persons in the three forms of the language", () => {
  assert.deepEqual([1, 3, 5, 21].map((count) => say.personsOf(count, uk)), ["1 особа", "3 особи", "5 осіб", "21 особа"]);
});

test("a refusal speaks in the words of its code, with its facts", () => {
  assert.equal(say.titleOf({ code: "expired_voucher" }, words), "expired");
  assert.equal(say.sentenceOf({ code: "expired_voucher", facts: { last_day: "2026-09-05" } }, uk, NOON), "until 05.09.2026");
  assert.equal(say.sentenceOf({ code: "of_tomorrow", facts: {} }, uk, NOON), "cannot");
  assert.equal(say.sentenceOf({ code: "already_collected", facts: { at: "2026-09-05T09:00:00.000Z" } }, uk, 0), "here at 05.09, 12:00");
  assert.equal(say.sentenceOf({ code: "already_collected", facts: { at: "" } }, uk, NOON), "by the data of 05.09, 12:00");
});

test("a fact is no pattern for another fact", () => {
  assert.equal(say.fill("%(a)s %(b)s %(c)s", { a: "%(b)s", b: "$&" }), "%(b)s $& %(c)s");
});

const line = {
  item: "RICE", item_id: "RICE", name_uk: "Рис", name_en: "Rice", unit: "g", due: 15_000, available: 12_000, packs: [1_000],
  picks: [{ lot: "L1", donor: "WFP", expires_on: "2027-01-31", units: 10_000 }, { lot: "L2", donor: "MIN", expires_on: null, units: 2_000 }],
};

test("a verdict becomes the answer that the counter's page knows", () => {
  const verdict = { code: "ready", tone: "green", facts: {}, card: { name: "Олена Т.", persons: 3, proxy: null }, lines: [line], own: null };
  const answer = say.answerOf(/** @type {any} */ (verdict), uk, NOON);
  assert.deepEqual(answer.card, { name: "Олена Т.", size: "3 особи", proxy: null });
  const shown = answer.lines[0];
  assert.equal(shown.short, "3\u00a0кг");
  assert.deepEqual(shown.lots, ["10\u00a0кг: L1, WFP, 31.01.2027", "2\u00a0кг: L2, MIN"]);
  assert.equal(say.answerOf(/** @type {any} */ ({ ...verdict, card: { name: null, persons: null, proxy: null } }), uk, NOON).card.name, "no name");
});

test("outcomes that a supervisor looks at are amber, all others quiet", () => {
  const of = (/** @type {any} */ own) => say.outcomeOf({ sent: true, outcome: null, undone: false, ...own }, words);
  assert.deepEqual(of({ sent: false }), { tone: "neutral", badge: "here", note: "" });
  assert.equal(of({ outcome: "recorded" }).tone, "good");
  assert.equal(of({ outcome: "already_recorded" }).badge, "received");
  assert.deepEqual(of({ outcome: "extra" }), { tone: "warn", badge: "elsewhere too", note: "A supervisor looks." });
  assert.equal(of({ outcome: "of_tomorrow" }).badge, "read", "an outcome this page does not know yet");
  assert.equal(of({ sent: false, undone: true }).badge, "back");
});

test("the strip says what matters most", () => {
  const pack = { issuedAt: NOON, leftMs: 3_600_000, bytes: 312_000, alive: true };
  const status = { pack, unsent: { count: 0, oldest: null }, trouble: null, now: NOON };
  const strip = (/** @type {any} */ changes, now = { online: true, sending: false }) => say.stripOf({ ...status, ...changes }, now, en);
  assert.equal(strip({}).data, "data of 12:00, 312 kB, until 5 Sept, 13:00");
  assert.equal(strip({}).word, "connected");
  assert.equal(strip({}, { online: false, sending: true }).line, "offline");
  assert.equal(strip({ trouble: "no_answer" }).line, "silent");
  assert.equal(strip({ trouble: "device_revoked" }, { online: false, sending: false }).line, "stopped");
  assert.equal(strip({ unsent: { count: 3, oldest: NOON - 1_500_000 } }).aloud, "3, 25 min");
  assert.equal(strip({ pack: { ...pack, alive: false } }).data, "data of 12:00 too old");
  assert.deepEqual([strip({}).brief, strip({ pack: { ...pack, alive: false } }).brief, strip({ pack: null }).brief], ["12:00 · 312 kB", "data of 12:00 too old", "none"]);
  assert.equal(strip({ pack: null }).data, "none");
});

test("a signature is a path that fits, however long it was drawn", () => {
  const long = Array.from({ length: 9_000 }, (_, n) => /** @type {[number, number]} */ ([n % WIDTH, (n * 7) % HEIGHT]));
  assert.ok(pathOf([long]).length <= 7_900);
  assert.match(pathOf([[[1, 2], [30, 40]], [[5, 5]]]), /^M1 2L30 40M5 5h1$/);
  assert.equal(isSigned([[[5, 5]], [[9, 9], [10, 10]]]), false);
  assert.equal(isSigned([[[0, 0], [100, 0]]]), true);
});

test("an invitation is found in an address, and nothing else is one", () => {
  const token = "A".repeat(43);
  assert.equal(invitationIn(`https://host/field/#enrol=${token}`), token);
  assert.equal(invitationIn(`#enrol=${token}`), token);
  for (const text of ["", "AID1:ABC", `#enrol=${token}x`, `#enrol=${token.slice(1)}`, `?enrol=${token}`]) assert.equal(invitationIn(text), "");
});

const verdict = { code: "ready", tone: "green", facts: {}, card: { name: "О.", persons: 1, proxy: null }, lines: [line], needsSignature: true, own: null };

/** @param {Record<string, any>} engine */
function performing(engine) {
  let kept = 0;
  const performer = createPerformer(/** @type {any} */ ({ look: async () => verdict, ...engine }), () => uk, { kept: () => (kept += 1) });
  return { performer, kept: () => kept };
}

test("green comes after the phone has written it down, with the order's own id", async () => {
  /** @type {any} */
  let order = null;
  const { performer, kept } = performing({ handout: async (/** @type {any} */ given) => ((order = given), { id: given.id, seq: 1, at: NOON, partial: true, repeated: false }) });
  await performer.scan("code", "camera");
  assert.equal(performer.needsSignature, true);
  const outcome = await performer.give("id-1", { quantities: { RICE: 10_000 }, reason: "less", collector: "proxy", ink: "M1 1L9 9" });
  assert.deepEqual(outcome, { kind: "answer", body: { receipt: { id: "id-1", serial: "12:00", at: "2026-09-05T09:00:00.000Z", partial: true } } });
  assert.deepEqual(order, { id: "id-1", verdict, units: { RICE: 10_000 }, reason: "less", collector: "proxy", ink: "M1 1L9 9" });
  assert.equal(kept(), 1);
});

test("what the phone could not write is refused in words, and counts as nothing", async () => {
  const { performer, kept } = performing({ handout: async () => { throw new Refusal("storage_full"); } });
  await performer.scan("code", "typed");
  const outcome = await performer.give("id-1", {});
  assert.equal(outcome.kind, "refused");
  assert.equal(/** @type {any} */ (outcome).body.code, "storage_full");
  assert.equal(kept(), 0);
});

test("a mistake of ours is not shown as a refusal", async () => {
  const { performer } = performing({ handout: async () => { throw new TypeError("bug"); } });
  await performer.scan("code", "typed");
  await assert.rejects(performer.give("id-1", {}), TypeError);
});

test("a supervisor's permission serves one family", async () => {
  /** @type {any[]} */
  const asked = [];
  const { performer } = performing({
    withoutVoucher: async (/** @type {any} */ given) => (asked.push(given), { id: given.id, seq: 1, at: NOON, partial: false, repeated: false }),
  });
  performer.open({ supervisor: 7, code: "C", family: "Сім’я", reason: "lost", number: 1, name: "К." }, /** @type {any} */ (verdict));
  assert.equal(performer.needsSignature, false);
  await performer.give("id-2", { quantities: { RICE: 0 } });
  assert.deepEqual(asked, [{ id: "id-2", supervisor: 7, code: "C", family: "Сім’я", reason: "lost", lines: [] }]);
  assert.equal(performer.needsSignature, true, "the next one is an ordinary card again");
});

test("one window has the page; another may take it over", async () => {
  /** @type {string[]} */
  const heard = [];
  const tell = (/** @type {string} */ who) => ({ had: () => heard.push(`${who} had`), lost: () => heard.push(`${who} lost`), taken: () => heard.push(`${who} taken`) });
  /** @type {((error: Error) => void) | null} */
  let robbed = null;
  const locks = /** @type {any} */ ({
    request: (/** @type {string} */ _name, /** @type {any} */ { steal }, /** @type {(lock: any) => any} */ work) => {
      if (steal) robbed?.(Object.assign(new Error(), { name: "AbortError" }));
      else if (robbed) return Promise.resolve(work(null));
      work({});
      return new Promise((_, reject) => (robbed = reject));
    },
  });
  holdPage(tell("first"), locks);
  const second = holdPage(tell("second"), locks);
  second.takeOver();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(heard, ["first had", "second lost", "second had", "first taken"]);
  holdPage(tell("old browser"), null);
  assert.equal(heard.at(-1), "old browser had");
});

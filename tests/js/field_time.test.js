import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock, laterOf, leftOf } from "../../aidtrack/static/js/field/trusted.js";
import { HOUR, ISSUED, phoneTime } from "./support/field.js";

const DAY = 24 * HOUR;
const pack = { head: { good_for_s: 259_200 }, issuedAt: ISSUED };

/** A phone whose page can be closed and opened again; the clock's savings are what outlives it. */
function phone(offset = 0) {
  const time = phoneTime(ISSUED + offset);
  let saved = null;
  let boots = 0;
  let hidden = false;
  const self = {
    time,
    open() {
      boots += 1;
      self.clock = createClock({ saved, wall: time.wall, mono: time.mono, boot: `boot-${boots}`, save: (one) => (saved = laterOf(saved, one)), hidden: () => hidden });
    },
    /** Killed without a word; `off` ms later the page is opened again. */
    restart(off) {
      time.restart(off);
      self.open();
    },
    hide(value) {
      hidden = value;
      self.clock.slept();
    },
    now: () => self.clock.now(),
    left: () => leftOf(pack, self.clock.now(), self.clock.until),
    get saved() {
      return saved;
    },
  };
  self.open();
  self.clock.anchor(ISSUED);
  return self;
}

test("time goes on from the server's word, whatever the phone's clock says", () => {
  for (const offset of [0, 30 * DAY, -30 * DAY, 400 * DAY]) {
    const one = phone(offset);
    one.time.pass(HOUR);
    assert.equal(one.now(), ISSUED + HOUR);
    one.time.shift(-30 * DAY);
    assert.equal(one.now(), ISSUED + HOUR);
    one.time.pass(HOUR);
    one.time.shift(60 * DAY);
    assert.equal(one.now(), ISSUED + 2 * HOUR);
  }
});

test("a pack lives 72 hours: by the monotonic clock, and through restarts by the corrected wall clock", () => {
  const one = phone(30 * DAY);
  one.time.pass(10 * HOUR);
  assert.equal(one.left(), 62 * HOUR);
  one.restart(14 * HOUR);
  assert.equal(one.left(), 48 * HOUR);
  one.time.pass(47 * HOUR);
  assert.equal(one.left(), HOUR);
  one.restart(2 * HOUR);
  assert.equal(one.left(), 0);
});

test("turning the clock back gives nothing: not while the page is open, not while it is closed", () => {
  const one = phone();
  one.time.pass(71 * HOUR);
  one.time.shift(-71 * HOUR);
  assert.equal(one.left(), HOUR);
  one.time.pass(2 * HOUR);
  assert.equal(one.left(), 0);
  one.restart(-30 * DAY);
  assert.equal(one.left(), 0, "the highest time seen stands");
  one.restart(0);
  assert.equal(one.left(), 0);
});

test("a clock that was set back before a restart stops time only for as long as the phone was off", () => {
  const one = phone();
  one.time.pass(40 * HOUR);
  one.now();
  one.time.shift(-30 * DAY);
  one.restart(0);
  assert.equal(one.now(), ISSUED + 40 * HOUR);
  one.time.pass(10 * HOUR);
  assert.equal(one.now(), ISSUED + 50 * HOUR);
  one.restart(5 * HOUR);
  assert.equal(one.now(), ISSUED + 55 * HOUR, "the wrong clock is known by then");
});

test("a clock set back while the browser was closed leaves a pack half a day at most, whatever it hid", () => {
  const one = phone();
  one.time.pass(10 * HOUR);
  one.now();
  one.restart(30 * DAY - 31 * DAY); // a month passed, and the clock says a day less than before
  assert.equal(one.now(), ISSUED + 10 * HOUR, "no event gets another time by it");
  assert.equal(one.left(), 12 * HOUR);
  assert.equal(one.saved.until, ISSUED + 22 * HOUR, "a page killed now knows it when it comes back");
  one.time.pass(4 * HOUR);
  assert.equal(one.left(), 8 * HOUR);
  one.restart(2 * HOUR);
  assert.equal(one.left(), 6 * HOUR, "a night with an honest clock costs what it costs");
  one.restart(-HOUR);
  assert.equal(one.left(), 3 * HOUR, "once more: half of the rest");
  for (let n = 0; n < 60; n += 1) {
    one.restart(-HOUR);
    one.now();
  }
  assert.equal(one.left(), 0);
  one.clock.anchor(ISSUED + 40 * HOUR);
  assert.equal(one.left(), 32 * HOUR, "the server's word ends it");
  one.restart(HOUR);
  assert.equal(one.left(), 31 * HOUR);
});

test("a pack near its end gains nothing from a clock set back, and one put right by minutes loses nothing", () => {
  const late = phone();
  late.time.pass(70 * HOUR);
  late.now();
  late.restart(-3 * HOUR);
  assert.equal(late.left(), 2 * HOUR);
  const right = phone();
  right.time.pass(HOUR);
  right.now();
  right.restart(-9 * 60_000);
  assert.equal(right.left(), 71 * HOUR);
});

test("a phone that wakes with an earlier clock is cut like one that was off", () => {
  const one = phone();
  one.time.pass(5 * HOUR);
  one.hide(true);
  one.time.shift(-30 * DAY);
  one.hide(false);
  assert.equal(one.left(), 12 * HOUR);
  one.time.shift(40 * DAY);
  one.time.shift(-20 * DAY);
  assert.equal(one.left(), 12 * HOUR, "seen while it happens, it hides nothing and costs nothing");
  one.restart(HOUR);
  assert.equal(one.left(), 11 * HOUR);
});

test("a cut that one run of the browser found holds for the others", () => {
  const one = phone();
  one.clock.adopt({ at: ISSUED, mono: 5, boot: "worker", offset: 0, contact: 1, until: ISSUED + HOUR });
  assert.equal(one.left(), HOUR);
  const saved = { at: 900, mono: 1, boot: "a", offset: 0, contact: 1, until: null };
  assert.equal(laterOf({ ...saved, at: 100, until: 500 }, saved).until, 500);
  assert.equal(laterOf(saved, { ...saved, at: 100, until: 500 }).until, 500);
  assert.equal(laterOf({ ...saved, until: 500 }, { ...saved, contact: 2 }).until, null);
});

test("a clock that jumps back and forth while the page is open moves nothing", () => {
  const one = phone();
  let expected = ISSUED;
  let before = one.now();
  for (let n = 0; n < 500; n += 1) {
    one.time.shift((n % 2 ? 1 : -1) * ((n * 7_919) % 31) * DAY);
    one.time.pass(1_000);
    expected += 1_000;
    const now = one.now();
    assert.equal(now, expected);
    assert.ok(now >= before);
    before = now;
  }
});

test("a phone that slept with the page open is as old as it is", () => {
  const one = phone();
  one.time.pass(HOUR);
  one.hide(true);
  one.time.sleep(14 * HOUR); // the monotonic clock stood still
  one.now(); // a timer that ran before the page was looked at
  one.time.sleep(HOUR);
  one.hide(false);
  assert.equal(one.now(), ISSUED + 16 * HOUR);
  one.hide(true);
  one.time.sleep(30 * DAY);
  one.hide(false);
  assert.equal(one.left(), 0);
});

test("a clock set back while the phone slept never leads back", () => {
  const one = phone();
  one.time.pass(5 * HOUR);
  one.hide(true);
  one.time.shift(-30 * DAY);
  one.hide(false);
  assert.equal(one.now(), ISSUED + 5 * HOUR);
});

test("the server's word counts for more than anything the phone thought", () => {
  const one = phone();
  one.restart(300 * DAY);
  assert.equal(one.left(), 0);
  one.clock.anchor(ISSUED + HOUR);
  assert.equal(one.left(), 71 * HOUR);
  one.restart(HOUR);
  assert.equal(one.now(), ISSUED + 2 * HOUR);
  one.clock.anchor(Number.NaN);
  assert.equal(one.now(), ISSUED + 2 * HOUR);
});

test("a word that was long on its way moves only what it contradicts", () => {
  const one = phone();
  one.time.pass(HOUR);
  one.clock.anchor(ISSUED + HOUR - 20_000, 30_000);
  assert.equal(one.now(), ISSUED + HOUR, "it may have taken those 20 seconds");
  one.clock.anchor(ISSUED + HOUR - 40_000, 30_000);
  assert.equal(one.now(), ISSUED + HOUR - 10_000);
  one.clock.anchor(ISSUED + 2 * HOUR, 30_000);
  assert.equal(one.now(), ISSUED + 2 * HOUR);
});

test("of two pages' savings the later word of the server counts, then the higher time", () => {
  const old = { at: 900, mono: 1, boot: "a", offset: 0, contact: 1 };
  assert.equal(laterOf({ ...old, at: 100, contact: 2 }, old).contact, 2);
  assert.equal(laterOf({ ...old, at: 100 }, old).at, 900);
  assert.equal(laterOf(null, old), old);
});

test("what the service worker heard of the server is taken over, and its own saving is not", () => {
  const one = phone();
  one.time.pass(HOUR);
  one.clock.adopt({ at: ISSUED + 3 * HOUR, mono: 5, boot: "worker", offset: 2 * HOUR, contact: 2 });
  assert.equal(one.now(), ISSUED + 3 * HOUR);
  one.clock.adopt({ at: 5, mono: 5, boot: "worker", offset: 0, contact: 1 });
  one.clock.adopt(null);
  assert.equal(one.now(), ISSUED + 3 * HOUR);
});

test("savings lag less than half a minute behind what was seen", () => {
  const one = phone();
  for (let n = 0; n < 100; n += 1) {
    one.time.pass(7_000);
    const now = one.now();
    assert.ok(now - one.saved.at < 30_000);
  }
});

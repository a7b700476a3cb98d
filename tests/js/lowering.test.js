import assert from "node:assert/strict";
import { test } from "node:test";
import { givesNothing, lowered, loweredOnly, raised, startingWith, stepOf } from "../../aidtrack/static/js/counter/lowering.js";

const line = (changes = {}) => ({
  item_id: 1, name: "Рис", due: 5000, available: 5000, unit: "g", shown: "5 кг", short: null, packs: [], lots: [], ...changes,
});

test("a step is the largest pack that fits several times", () => {
  assert.equal(stepOf(line({ due: 3680, packs: [920, 460] })), 920);
  assert.equal(stepOf(line({ due: 920, packs: [920] })), 50, "one pack alone is not the step to nothing");
  assert.equal(stepOf(line({ due: 5000, packs: [3000] })), 500, "a pack that does not divide it is none");
});

test("without packs a step is about a tenth, pieces go one by one", () => {
  for (const [due, step] of [[25_000, 2_000], [10_000, 1_000], [5_000, 500], [1_000, 100], [7, 1], [1, 1]]) {
    assert.equal(stepOf(line({ due })), step);
  }
  assert.equal(stepOf(line({ due: 40, unit: "piece" })), 1);
});

test("down goes in steps to nothing and no further", () => {
  const bag = line({ due: 920 });
  const seen = [920];
  while (seen.at(-1) > 0) seen.push(lowered(bag, seen.at(-1)));
  assert.deepEqual(seen.slice(0, 3), [920, 900, 850]);
  assert.equal(seen.at(-1), 0);
  assert.equal(lowered(bag, 0), 0);
});

test("up never passes what is due or what is here", () => {
  assert.equal(raised(line(), 4_500), 5_000);
  assert.equal(raised(line(), 5_000), 5_000);
  assert.equal(raised(line({ due: 920 }), 900), 920);
  assert.equal(raised(line({ available: 4_700 }), 4_500), 4_700);
});

test("whatever is pressed stays a whole number between nothing and what is due", () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  for (let n = 0; n < 2_000; n += 1) {
    const due = 1 + random(50_000);
    const one = line({ due, available: random(due + 1), unit: ["g", "ml", "piece"][random(3)], packs: [1 + random(5_000)] });
    let units = startingWith([one]).get(1);
    for (let press = 0; press < 20; press += 1) {
      units = random(2) ? lowered(one, units) : raised(one, units);
      assert.ok(Number.isInteger(units) && units >= 0 && units <= Math.min(due, one.available));
    }
  }
});

test("a full handout names no quantities; a lowered line and a short one are named", () => {
  const lines = [line(), line({ item_id: 2, due: 920, available: 300 })];
  const chosen = startingWith(lines);
  assert.deepEqual(loweredOnly(lines, chosen), { 2: 300 });
  chosen.set(1, 0);
  assert.deepEqual(loweredOnly(lines, chosen), { 1: 0, 2: 300 });
  assert.deepEqual(loweredOnly([line()], startingWith([line()])), {});
});

test("nothing at all is recognised", () => {
  const lines = [line({ available: 0 })];
  assert.equal(givesNothing(lines, startingWith(lines)), true);
  assert.equal(givesNothing([line()], startingWith([line()])), false);
});

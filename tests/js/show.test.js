import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "../../aidtrack/static/js/counter/show.js";
import { vectors } from "./vectors.js";

test("quantities are written as Python writes them", () => {
  const { cases } = vectors("shown_quantities");
  assert.ok(cases.length > 100);
  for (const { units, unit, language, shown } of cases) assert.equal(show(units, unit, language), shown);
});

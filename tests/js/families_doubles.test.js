import assert from "node:assert/strict";
import { test } from "node:test";

/** A page with the least of a form that the warning needs. @param {string} id @param {Record<string, string>} values */
function pageWith(id, values) {
  class Node {
    constructor() {
      this.dataset = {};
      this.hidden = false;
      this.children = [];
    }
    setAttribute() {}
    append(...more) { this.children.push(...more); }
    replaceChildren(...more) { this.children = more; }
    after(one) { this.children.push(one); }
  }
  const group = new Node();
  const form = new Node();
  Object.assign(form, {
    id,
    values,
    addEventListener() {},
    querySelector: () => ({ closest: () => group }),
  });
  const source = new Node();
  source.dataset.doublesAt = "/families/typed";
  source.closest = () => form;
  Object.assign(globalThis, {
    HTMLElement: Node,
    HTMLInputElement: class {},
    FormData: class { constructor(of) { this.get = (name) => of.values[name] ?? null; } },
    document: {
      createElement: () => new Node(), addEventListener() {}, querySelector: () => null,
      querySelectorAll: () => [source],
    },
  });
  return group;
}

const FILLED = { "members-0-surname": "Вигаданенко", "members-0-given_name": "Олена", phone: "0671112233" };
const script = "../../aidtrack/static/js/families/doubles.js";

test("a family carried over from an appeal is looked for in the duplicates at once", async () => {
  const asked = [];
  globalThis.fetch = async (where, how) => {
    asked.push([where, JSON.parse(how.body)]);
    return { ok: true, json: async () => ({ title: "Perhaps", found: [{ number: "DN-22-000001-7", url: "/1", why: "phone" }] }) };
  };
  const group = pageWith("register", FILLED);
  await import(`${script}?filled`);
  await new Promise(setImmediate); // the answer's promises, no time
  assert.equal(asked.length, 1);
  assert.equal(asked[0][0], "/families/typed");
  assert.deepEqual([asked[0][1].surname, asked[0][1].phone], ["Вигаданенко", "0671112233"]);
  const [place] = group.children;
  assert.equal(place.hidden, false);

  pageWith("register", {});
  await import(`${script}?empty`);
  pageWith("member", FILLED); // a member's own form is changed by hand, and asked about then
  await import(`${script}?member`);
  await new Promise(setImmediate);
  assert.equal(asked.length, 1);
});

test("without a birth date a whole name is asked about once the sex, which stands behind the date, is chosen", async () => {
  const asked = [];
  globalThis.fetch = async (_where, how) => {
    asked.push(JSON.parse(how.body));
    return { ok: true, json: async () => ({ title: "Perhaps", found: [] }) };
  };
  const names = { "members-0-surname": "Вигаданенко", "members-0-given_name": "Олена" };
  pageWith("register", { ...names, "members-0-sex": "female" });
  await import(`${script}?half`);
  pageWith("register", { ...names, "members-0-patronymic": "Петрівна" });
  await import(`${script}?dateless`);
  await new Promise(setImmediate);
  assert.equal(asked.length, 0);
  pageWith("register", { ...names, "members-0-patronymic": "Петрівна", "members-0-sex": "female" });
  await import(`${script}?whole`);
  await new Promise(setImmediate);
  assert.deepEqual(asked.map((one) => [one.patronymic, one.birth_date, one.sex]), [["Петрівна", "", "female"]]);
});

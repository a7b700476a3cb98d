// @ts-check
/** A family without a voucher: who allows it, why, and what it receives; then the same card as for everybody. */

import { reasonsOf } from "../../counter/reasons.js";
import { show } from "../../counter/show.js";
import { copyOf, reveal } from "../../counter/view.js";
import { checkCode } from "../papercode.js";
import { Refusal } from "../refusal.js";
import { fill, goodsName, sentenceOf, shownLine } from "./sentences.js";

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {object} how
 * @param {import("../engine.js").Engine} how.engine
 * @param {() => import("./sentences.js").Speech} how.speech
 * @param {(given: import("./performer.js").Unvouchered, verdict: import("../judge.js").Verdict,
 *   answer: import("../../counter/machine.js").Answer) => void} how.opened
 */
export function createWithout(parts, { engine, speech, opened }) {
  const dialog = /** @type {HTMLDialogElement} */ (parts["without-dialog"]);
  const family = /** @type {HTMLInputElement} */ (parts["without-family"]);
  const code = /** @type {HTMLInputElement} */ (parts["without-code"]);
  const supervisor = /** @type {HTMLSelectElement} */ (parts["without-supervisor"]);
  const reasons = reasonsOf("without-reason");
  /** @type {import("../pack.js").Head["profiles"]} */
  let profiles = [];

  /** @param {string} text @param {HTMLElement | null} [where] */
  function complain(text, where = null) {
    parts["without-error"].textContent = text;
    reveal(parts["without-error"], text !== "");
    where?.focus();
  }

  /** @param {import("../stock.js").Line[]} lines */
  const goods = (lines) => lines.map((line) => `${goodsName(line, speech().language)} ${show(line.due, line.unit, speech().language)}`).join(", ");

  async function fillGoods() {
    profiles = await engine.profiles();
    const labels = await Promise.all(profiles.map(async ({ number, lines }) => {
      const { element, places } = copyOf("goods");
      places.goods.textContent = goods(await engine.plan(lines));
      const choice = /** @type {HTMLInputElement} */ (element.querySelector("input"));
      choice.value = String(number);
      choice.checked = profiles.length === 1;
      return element;
    }));
    for (const old of parts["without-goods"].querySelectorAll("label")) old.remove();
    parts["without-goods"].append(...labels);
  }

  async function ask() {
    for (const input of [family, code]) input.value = "";
    reasons.clear();
    complain("");
    try {
      await fillGoods();
      const people = await engine.supervisors();
      supervisor.replaceChildren(...people.map(({ id, name }) => new Option(name, String(id), false, people.length === 1)));
      if (people.length !== 1) supervisor.value = "";
      if (!people.length) complain(speech().words.no_supervisors);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      complain(sentenceOf(error, speech(), 0));
    }
    dialog.showModal();
    family.focus();
  }

  async function submit() {
    const { words } = speech();
    const chosen = /** @type {HTMLInputElement | null} */ (parts["without-goods"].querySelector("input:checked"));
    const profile = profiles.find(({ number }) => String(number) === chosen?.value);
    if (!family.value.trim()) return complain(words.family_missing, family);
    if (!reasons.value()) return complain(words.why_missing, /** @type {HTMLElement} */ (document.querySelector('[name="without-reason"]')));
    if (!profile) return complain(words.goods_missing, parts["without-goods"].querySelector("input"));
    if (!supervisor.value) return complain(words.supervisor_missing, supervisor);
    if (!code.value.trim()) return complain(words.code_missing, code);
    let stored;
    try {
      stored = checkCode(code.value); // however it was typed: hyphens, small letters, the other keyboard
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return complain(sentenceOf(error, speech(), 0), code);
    }
    const name = supervisor.selectedOptions[0]?.text ?? "";
    const given = { supervisor: Number(supervisor.value), code: stored, family: family.value.trim(), reason: reasons.value(), number: profile.number, name };
    const lines = await engine.plan(profile.lines);
    const short = lines.some((line) => line.available < line.due);
    dialog.close();
    code.value = ""; // it lives on in the order alone
    opened(
      given,
      { code: "ready", tone: "green", facts: {}, token: "", entered: "typed", claims: null, card: null, lines, needsSignature: false, own: null },
      {
        tone: short ? "red" : "green", code: "ready", title: words.no_voucher, text: fill(words.no_voucher_text, { name }),
        card: { name: given.family, size: "", proxy: null }, lines: lines.map((line) => shownLine(line, speech())),
      },
    );
    return undefined;
  }

  parts.without.addEventListener("click", ask);
  parts["without-cancel"].addEventListener("click", () => dialog.close());
  parts["without-form"].addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  reasons.changed(() => complain(""));
  return {
    isOpen: () => dialog.open,
    close: () => dialog.close(),
    /** The code was wrong: everything else stays as it was typed. @param {string} text */
    again(text) {
      dialog.showModal();
      complain(text, code);
    },
  };
}

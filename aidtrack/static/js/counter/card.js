// @ts-check
/** The card's own choices: who collects, and how much less goes out and why. */

import { givesNothing, lowered, loweredOnly, raised, startingWith } from "./lowering.js";
import { reasonsOf } from "./reasons.js";
import { show } from "./show.js";
import { copyOf, drawDue, reveal } from "./view.js";

/** @typedef {import("./lowering.js").Line} Line */
const NOT_ENOUGH_HERE = 2; // place among the quick reasons of templates/scanner/_less.html

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {{ words: Record<string, string>, language: string, place: number }} settings
 */
export function createCard(parts, { words, language, place }) {
  const reasons = reasonsOf("less-reason");
  /** @type {Line[]} */
  let lines = [];
  /** @type {Map<number | string, number>} */
  let chosen = new Map();

  const less = () => Object.keys(loweredOnly(lines, chosen)).length > 0;

  function label() {
    parts.press.textContent = less() ? words.give_less : words.give;
  }

  /** @param {string} text */
  function complain(text) {
    parts["card-error"].textContent = text;
    reveal(parts["card-error"], text !== "");
  }

  function drawSteppers() {
    parts.steppers.replaceChildren(
      ...lines.map((line) => {
        const { element, places } = copyOf("stepper");
        places.name.textContent = line.name;
        /** @param {string} name */
        const key = (name) => /** @type {HTMLButtonElement} */ (element.querySelector(`[data-step="${name}"]`));
        const draw = () => {
          const units = chosen.get(line.item_id) ?? line.due;
          const text = show(units, line.unit, language);
          places.units.textContent = units < line.due ? words.given_of.replace("%(given)s", text).replace("%(due)s", line.shown) : text;
          key("down").disabled = key("none").disabled = units === 0;
          key("up").disabled = units >= Math.min(line.due, line.available);
          label();
        };
        /** @param {(units: number) => number} change */
        const press = (change) => () => {
          chosen.set(line.item_id, change(chosen.get(line.item_id) ?? line.due));
          complain("");
          draw();
        };
        for (const name of ["none", "down", "up"]) {
          const words_ = key(name).getAttribute("aria-label") ?? key(name).textContent;
          key(name).setAttribute("aria-label", `${words_}: ${line.name}`);
        }
        key("none").addEventListener("click", press(() => 0));
        key("down").addEventListener("click", press((units) => lowered(line, units)));
        key("up").addEventListener("click", press((units) => raised(line, units)));
        draw();
        return element;
      }),
    );
  }

  /** @param {boolean} open */
  function open(open) {
    reveal(parts.less, open);
    parts["less-opener"].setAttribute("aria-expanded", String(open));
    reveal(parts["less-opener"], !open);
  }

  parts["less-opener"].addEventListener("click", () => {
    open(true);
    /** @type {HTMLElement | null} */ (parts.steppers.querySelector('[data-step="down"]'))?.focus();
  });
  reasons.changed(() => complain(""));

  return {
    complain,
    less,
    /** @param {import("./machine.js").Answer} answer */
    fill(answer) {
      lines = answer.lines ?? [];
      chosen = startingWith(lines);
      const { name, size, proxy } = answer.card ?? { name: "", size: "", proxy: null };
      parts.name.textContent = name;
      parts.size.textContent = size;
      parts["collector-proxy"].textContent = proxy ?? "";
      parts["collector-head"].textContent = name;
      reveal(parts.collector, proxy !== null);
      const head = /** @type {HTMLInputElement} */ (parts.collector.querySelector('[value="head"]'));
      head.checked = true;
      drawDue(parts.due, lines, language);
      reasons.clear();
      complain("");
      open(false);
      drawSteppers();
      if (less()) {
        reasons.choose(NOT_ENOUGH_HERE);
        open(true);
      }
    },
    /** Forget the family: nothing of it stays in the page. */
    empty() {
      lines = [];
      chosen = new Map();
      for (const part of ["name", "size", "collector-head", "collector-proxy"]) parts[part].textContent = "";
      parts.due.replaceChildren();
      parts.steppers.replaceChildren();
      reasons.clear();
      complain("");
      label();
    },
    /** Whether anything at all can go out. */
    get possible() {
      return lines.some((line) => line.available > 0);
    },
    /** The goods of this card in words, for the list of the last handouts. */
    goods() {
      return lines
        .filter((line) => (chosen.get(line.item_id) ?? line.due) > 0)
        .map((line) => `${line.name} ${show(chosen.get(line.item_id) ?? line.due, line.unit, language)}`);
    },
    /**
     * What to send, or null after saying what is missing.
     * @returns {Record<string, unknown> | null}
     */
    order() {
      if (givesNothing(lines, chosen)) {
        complain(words.nothing_left);
        return null;
      }
      const quantities = loweredOnly(lines, chosen);
      const reason = less() ? reasons.value() : "";
      if (less() && !reason) {
        open(true);
        complain(words.reason_missing);
        reasons.focus();
        return null;
      }
      const collector = /** @type {HTMLInputElement | null} */ (parts.collector.querySelector("input:checked"))?.value ?? "head";
      return { place_id: place, collector, quantities, ...(reason ? { reason } : {}) };
    },
  };
}

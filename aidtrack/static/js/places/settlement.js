// @ts-check
/**
 * Suggestions under a field in which a settlement is typed: names repeat, so each stands with its hromada and raion.
 * Without scripts the field is plain text and the code a field beside it.
 */

const WAIT_MS = 150;
const LEAST = 2;

/** @typedef {{code: string, name: string, where: string, district: string | null}} Settlement */

/** @param {HTMLInputElement} input */
function enhance(input) {
  const form = input.form;
  const code = form?.querySelector(`[name="${input.dataset.code ?? "katottg"}"]`);
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `${input.labels?.[0]?.textContent ?? ""} …`); // told from the field itself
  list.hidden = true;
  const where = document.createElement("small");
  where.className = "hint where";
  where.setAttribute("aria-live", "polite");
  input.after(list, where);
  input.setAttribute("role", "combobox");
  input.setAttribute("autocomplete", "off");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  /** @type {Settlement[]} */
  let found = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  /** @param {number} place */
  const point = (place) => {
    at = place;
    for (const [number, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at) {
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      }
    }
  };
  /** @param {Settlement} one */
  const choose = (one) => {
    input.value = one.name;
    if (code instanceof HTMLInputElement) code.value = one.code;
    where.textContent = one.where;
    close();
    input.dispatchEvent(new Event("settlement-chosen", { bubbles: true }));
  };
  const show = () => {
    list.replaceChildren(
      ...found.map((one, number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        const name = document.createElement("strong");
        name.textContent = one.name;
        const beside = document.createElement("small");
        beside.textContent = one.where;
        option.append(name, " ", beside);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault(); // the field keeps the focus
          choose(one);
        });
        return option;
      }),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
  };
  const ask = async () => {
    const typed = input.value.trim();
    const turn = ++asked;
    if (typed.length < LEAST) {
      found = [];
      show();
      return;
    }
    try {
      const answer = await fetch(`${input.dataset.settlements}?q=${encodeURIComponent(typed)}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      const body = await answer.json();
      if (turn !== asked) return; // typed on meanwhile
      found = body.settlements;
      show();
    } catch {
      close(); // without a network the field stays what it is: text
    }
  };
  input.addEventListener("input", () => {
    // another place is being typed: the code of the last one must not stay with it
    if (code instanceof HTMLInputElement) code.value = "";
    where.textContent = "";
    clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden && found.length > 0) show();
    if (list.hidden) return;
    if (event.key === "ArrowDown") point((at + 1) % found.length);
    else if (event.key === "ArrowUp") point((at + found.length - 1) % found.length);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) choose(found[at]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}

/** Every field of the page that asks for a settlement. */
export function settlements() {
  for (const input of document.querySelectorAll("input[data-settlements]")) {
    if (input instanceof HTMLInputElement) enhance(input);
  }
}

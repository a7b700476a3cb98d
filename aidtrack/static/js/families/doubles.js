// @ts-check
/**
 * Says while a family is being typed that somebody like this is registered already.
 *
 * What stands in one person's fields, and the family's phone, is posted to the address in `data-doubles-at`; the answer
 * has registration numbers and reasons, no name. Sending the form stops at certain doubles, with or without scripts.
 */
import { csrfToken } from "../app/forms.js";

const PAUSE_MS = 500;
const PERSON = ["surname", "given_name", "patronymic", "birth_date", "document", "tax_id"];

/**
 * The values of one person's fields; `prefix` is "members-0-" in a form with several.
 * @param {HTMLFormElement} form
 * @param {string} prefix
 * @returns {Record<string, string | number>}
 */
export function typed(form, prefix) {
  /** @type {Record<string, string | number>} */
  const body = {};
  const values = new FormData(form);
  for (const name of [...PERSON, "sex"]) body[name] = String(values.get(prefix + name) ?? "");
  body.phone = String(values.get("phone") ?? "");
  return body;
}

/**
 * @param {HTMLElement} place
 * @param {{title: string, found: {number: string, url: string, why: string}[]}} answer
 */
export function show(place, answer) {
  place.replaceChildren();
  place.hidden = answer.found.length === 0;
  if (place.hidden) return;
  const title = document.createElement("strong");
  title.textContent = answer.title;
  const list = document.createElement("ul");
  for (const one of answer.found) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = one.url;
    link.target = "_blank"; // what is typed here stays
    link.rel = "noopener";
    link.textContent = one.number;
    line.append(link, `: ${one.why}`);
    list.append(line);
  }
  place.append(title, list);
}

/**
 * The hour's looks are used up: why nothing is shown, and where more are asked for. What is typed stays.
 * @param {HTMLElement} place
 * @param {{title: string, message: string, url: string | null, link: string | null, stays: string}} words
 */
export function showRefusal(place, words) {
  place.replaceChildren();
  place.hidden = false;
  const title = document.createElement("strong");
  title.textContent = words.title;
  const message = document.createElement("p");
  message.textContent = words.message;
  const more = document.createElement("p");
  if (words.url && words.link) {
    const link = document.createElement("a");
    link.href = words.url;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = words.link;
    more.append(link, ". ");
  }
  more.append(words.stays);
  place.append(title, message, more);
}

/** @param {HTMLElement} source */
function watch(source) {
  const form = source.closest("form");
  if (!form) return;
  /** @type {Map<string, {place: HTMLElement, timer: number, asked: number, last: string, refused: boolean}>} */
  const people = new Map();

  /** @param {string} prefix */
  const about = (prefix) => {
    let known = people.get(prefix);
    if (!known) {
      const place = document.createElement("div");
      place.className = "doubles";
      place.setAttribute("role", "status");
      place.hidden = true;
      const field = form.querySelector(`[name="${prefix}surname"]`);
      const group = field?.closest("fieldset.line");
      if (group) group.append(place);
      else source.after(place);
      known = { place, timer: 0, asked: 0, last: "", refused: false };
      people.set(prefix, known);
    }
    return known;
  };

  /** @param {string} prefix */
  const ask = async (prefix) => {
    const one = about(prefix);
    const body = { ...typed(form, prefix), ...(source.dataset.besides ? { besides: Number(source.dataset.besides) } : {}) };
    const text = JSON.stringify(body);
    // the sex stands behind the birth date: once it is chosen, an empty date is meant
    const whole = body.birth_date || (body.patronymic && body.sex);
    const enough = (body.surname && body.given_name && whole) || body.document || body.tax_id || body.phone;
    if (!enough || text === one.last) return;
    one.last = text;
    const turn = ++one.asked;
    try {
      const answer = await fetch(source.dataset.doublesAt ?? "", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
        body: text,
      });
      if (turn !== one.asked) return;
      one.refused = answer.status === 429;
      if (answer.ok) show(one.place, await answer.json());
      else if (one.refused) showRefusal(one.place, await answer.json());
    } catch {
      // away: sending the form stops at certain doubles all the same
    }
  };

  form.addEventListener("input", (event) => {
    const name = event.target instanceof HTMLInputElement ? event.target.name : "";
    const match = /^(members-\d+-)?(.+)$/.exec(name);
    if (!match || ![...PERSON, "sex", "phone"].includes(match[2])) return;
    const prefix = match[1] ?? (form.querySelector('[name="members-0-surname"]') ? "members-0-" : "");
    const one = about(prefix);
    clearTimeout(one.timer);
    one.timer = window.setTimeout(ask, PAUSE_MS, prefix);
  });
  // back from the tab in which more looks were asked for
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    for (const [prefix, one] of people) {
      if (!one.refused) continue;
      one.last = "";
      void ask(prefix);
    }
  });
  // a new family's form comes filled when it is registered from an appeal
  if (form.id === "register") void ask("members-0-");
}

for (const source of document.querySelectorAll("[data-doubles-at]")) {
  if (source instanceof HTMLElement) watch(source);
}

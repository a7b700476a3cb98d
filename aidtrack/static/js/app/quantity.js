// @ts-check
/**
 * Shows how the server reads a typed quantity, before anything is saved.
 *
 * An input with `data-reads-at="/address"` asks GET /address?text=… and shows the answer's `shown`, or its
 * `message` when it is refused. `data-reads-with="#item,#unit"` names further inputs whose values go along
 * under their names. Reading stays on the server: two programs that read would one day disagree.
 */
const PAUSE_MS = 250;

export function readings() {
  for (const input of document.querySelectorAll("input[data-reads-at]")) {
    if (input instanceof HTMLInputElement) watch(input);
  }
}

/** @param {HTMLInputElement} input */
export function watch(input) {
  const output = document.getElementById(`${input.id}-reading`);
  if (!output) return;
  const partners = [...document.querySelectorAll(input.dataset.readsWith || "#\\0none")];
  let timer = 0;
  /** @type {AbortController | null} */
  let asking = null;
  const ask = async () => {
    asking?.abort();
    output.classList.remove("refused");
    if (!input.value.trim()) {
      output.textContent = "";
      return;
    }
    asking = new AbortController();
    const query = new URLSearchParams({ text: input.value });
    for (const partner of partners) {
      if (partner instanceof HTMLInputElement || partner instanceof HTMLSelectElement) {
        query.set(partner.dataset.readsAs || partner.name, partner.value);
      }
    }
    try {
      const answer = await fetch(`${input.dataset.readsAt}?${query}`, {
        headers: { Accept: "application/json" },
        signal: asking.signal,
      });
      const body = await answer.json();
      output.textContent = answer.ok ? body.shown : body.message;
      output.classList.toggle("refused", !answer.ok);
    } catch {
      output.textContent = ""; // away or overtaken by newer typing: the form itself will say
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE_MS);
  };
  input.addEventListener("input", later);
  for (const partner of partners) partner.addEventListener("change", later);
  if (input.value) later();
}

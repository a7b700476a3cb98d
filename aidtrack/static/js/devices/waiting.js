// @ts-check
/** The page with a phone's code asks whether the phone came, until it did or the code is too old. */
const EVERY_MS = 2000;

for (const place of document.querySelectorAll("[data-waits]")) {
  if (place instanceof HTMLElement) ask(place);
}

/** @param {HTMLElement} place */
async function ask(place) {
  try {
    const answer = await fetch(place.dataset.waits ?? "", { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const { state, url } = await answer.json();
      show(place, state, url);
      if (state !== "waiting") return;
    }
  } catch {
    // no answer this time; the link below the code asks without a script
  }
  setTimeout(() => ask(place), EVERY_MS);
}

/** @param {HTMLElement} place @param {string} state @param {string | null} url */
function show(place, state, url) {
  for (const part of place.querySelectorAll("[data-state]")) {
    if (part instanceof HTMLElement) part.hidden = part.dataset.state !== state;
  }
  const link = place.querySelector("[data-link]");
  if (link instanceof HTMLAnchorElement && url) link.href = url;
}

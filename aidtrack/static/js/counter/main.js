// @ts-check
/** The counter with a network: the server judges and records. */

import { call } from "./calls.js";
import { openCounter } from "./page.js";
import { reveal } from "./view.js";

const TALLY_EVERY_MS = 60_000;
const KNOCK_EVERY_MS = 5_000;

const root = /** @type {HTMLElement} */ (document.getElementById("counter"));
const place = Number(root.dataset.place);
const undoMs = Number(root.dataset.undoSeconds) * 1000;

const page = openCounter(root, {
  place,
  mayUndo: (one) => Date.now() - Date.parse(one.at) < undoMs,
  performer: {
    scan: (code) => call("POST", root.dataset.scanUrl ?? "", { code, place_id: place }),
    give: (id, body) => call("PUT", `${root.dataset.handoutsUrl}${id}`, body),
    undo: (handout, body) => call("POST", `${root.dataset.handoutsUrl}${handout}/undo`, body),
    tally: async () => {
      const outcome = await call("GET", root.dataset.todayUrl ?? "");
      return outcome.kind === "answer" ? outcome.body : null;
    },
  },
});

const network = () => reveal(page.parts.offline, !navigator.onLine);
addEventListener("offline", network);
addEventListener("online", () => {
  network();
  knock();
});
network();

const waiting = () => ["unsure", "undoUnsure", "scanLost"].includes(page.state.phase);
/** Asks for something harmless first, so that a dead line does not flicker and sound again and again. */
async function knock() {
  if (!(await page.tally()) || !waiting()) return;
  page.happen({ type: "press" }); // the same id once more: what is in doubt settles itself as soon as it can
}
setInterval(() => {
  if (waiting()) knock();
}, KNOCK_EVERY_MS);
setInterval(() => {
  if (document.visibilityState === "visible") page.tally();
}, TALLY_EVERY_MS);

root.hidden = false;

// @ts-check
/** Sending with the page closed, for the service worker. The lock inside `sync` keeps page and worker apart. */

import * as idb from "../../../vendor/idb.js";
import { openEngine } from "../engine.js";
import { openStore } from "../store.js";

/** Fails while something is left, so that the browser tries again later. */
export async function sendInBackground() {
  const engine = await openEngine({ store: openStore(idb), app: "background" });
  try {
    const report = await engine.sync({ now: true });
    if (report.left > 0) throw new Error(report.trouble ?? "left");
  } finally {
    engine.close();
  }
  for (const client of await /** @type {any} */ (self).clients.matchAll()) client.postMessage({ type: "synced" });
}

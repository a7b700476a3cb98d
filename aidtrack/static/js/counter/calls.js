// @ts-check
/** The page's calls to the server. Codes travel in bodies only: never in an address, a history or a log. */

import { csrfToken } from "../app/forms.js";

/** The server itself waits up to ten seconds for a busy database. */
const PATIENCE_MS = 15_000;

/**
 * What became of a call. `lost`: nobody knows whether it had its effect, so it is sent again as it was.
 * @typedef {{ kind: "answer" | "refused", body: any } | { kind: "lost", why: "network" | "server" }
 *   | { kind: "signedOut" } | { kind: "outdated" }} Outcome
 */

/**
 * @param {string} method
 * @param {string} url
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<Outcome>}
 */
export async function call(method, url, body) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        Accept: "application/json",
        ...(body ? { "Content-Type": "application/json", "X-CSRFToken": csrfToken() } : {}),
      },
      body: body ? JSON.stringify(body) : undefined,
      credentials: "same-origin",
      cache: "no-store",
      signal: patience.signal,
    });
    return await outcomeOf(response);
  } catch {
    return { kind: "lost", why: "network" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {{ status: number, ok: boolean, json: () => Promise<any> }} response
 * @returns {Promise<Outcome>}
 */
export async function outcomeOf(response) {
  if (response.status === 401) return { kind: "signedOut" };
  if (response.status >= 500) return { kind: "lost", why: "server" };
  let body;
  try {
    body = await response.json();
  } catch {
    // a page of somebody else's network answers in our place
    return { kind: "lost", why: "network" };
  }
  if (body === null || typeof body !== "object") return { kind: "lost", why: "server" };
  if (body.code === "form_not_verified") return { kind: "outdated" };
  return { kind: response.ok ? "answer" : "refused", body };
}

// The page's keeper. The server puts before this text which files this version is made of (KEPT), and where the
// browser can, the sending with the page closed. It answers from its cache and never for what is sent.
/* global KEPT */

const CACHE = `aidtrack-field-${KEPT.build}`;
const CHOICE = "aidtrack-choice"; // the language last looked at
const LANGUAGE_AT = "/field/language";

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

async function keep() {
  const cache = await caches.open(CACHE);
  const pages = Object.values(KEPT.pages).map((page) => new Request(page, { cache: "reload", credentials: "omit" }));
  await cache.addAll([...pages, ...KEPT.files]);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(settle());
});

async function settle() {
  for (const name of await caches.keys()) {
    if (name.startsWith("aidtrack-field-") && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (/^\/field\/(uk|en)?$/.test(url.pathname)) event.respondWith(page(url));
  } else if (KEPT.files.includes(url.pathname)) event.respondWith(kept(url.pathname, request));
});

async function page(url) {
  const named = Object.keys(KEPT.pages).find((code) => KEPT.pages[code] === url.pathname);
  const choice = await caches.open(CHOICE);
  if (named) await choice.put(LANGUAGE_AT, new Response(named)).catch(() => {});
  const before = named ? null : await (await choice.match(LANGUAGE_AT))?.text();
  return kept(KEPT.pages[named ?? before ?? KEPT.fallback] ?? KEPT.pages[KEPT.fallback], url);
}

async function kept(address, otherwise) {
  const found = await (await caches.open(CACHE)).match(address, { ignoreVary: true });
  return found ?? fetch(otherwise);
}

self.addEventListener("sync", (event) => {
  if (event.tag === "aidtrack-field-sync" && self.sendInBackground) event.waitUntil(self.sendInBackground());
});

// @ts-nocheck
/*
 * The shell of the page for when the service is away: what the page is made of, never what it tells. The network comes
 * first, so that an update is seen at once; what is kept answers only when the network does not. What the API says is
 * never kept. One cache a version of the service, filled by following the page's own links and imports.
 */
const PREFIX = "sitwell-shell-";
/** A network that says nothing for this long is as good as none. */
const PATIENCE_MS = 4000;
const SHELL = /^(?:$|index\.html$|manifest\.webmanifest$|icon[\w-]*\.(?:svg|png)$|(?:js|style|vendor)\/(?!swagger))/;
const LINKS = [/(?:href|src)="\.\/([\w./-]+)"/g, /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[\w./-]+)["']/g, /"src": "\.\/([\w./-]+)"/g];

/** One after the other: every page that is open tells its version. */
let keeping = Promise.resolve();

const root = new URL("./", self.location.href);
const path = (url) => url.href.slice(root.href.length).split(/[?#]/)[0];
const own = (url) => url.origin === root.origin && url.pathname.startsWith(root.pathname) && SHELL.test(path(url));
/** The page is one whatever its question is. */
const key = (url) => (path(url) === "index.html" ? root.href : new URL(path(url), root).href);

self.addEventListener("install", () => void self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data?.version) event.waitUntil((keeping = keeping.then(() => keepVersion(String(event.data.version)).catch(() => undefined))));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !own(url)) return;
  event.respondWith(answer(event.request, url));
  if (event.request.mode === "navigate") event.waitUntil(leaveIfReplaced());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(answered(event.notification.data ?? {}, event.action));
});

/** A button of a notification answers the alert; all else, and what was not taken, brings the page forward. */
async function answered({ alert, minutes = 10, address = "#/" }, action) {
  const call = { snooze: ["snooze", { minutes }], fine: ["acknowledge", { feedback: "fine" }] }[action];
  if (call && alert) {
    const url = new URL(`api/v1/alerts/${encodeURIComponent(alert)}/${call[0]}`, root);
    const body = JSON.stringify(call[1]);
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
    if (answer?.ok) return;
  }
  await comeForward(address);
}

async function answer(request, url) {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE_MS);
  try {
    const response = await fetch(request.mode === "navigate" ? request : new Request(request, { cache: "no-cache" }), { signal: waiting.signal });
    if (response.status < 500) return response;
    return (await kept(url)) ?? response;
  } catch (error) {
    const found = await kept(url);
    if (found) return found;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function kept(url) {
  for (const name of await names()) {
    const found = await (await caches.open(name)).match(key(url));
    if (found) return found;
  }
  return undefined;
}

async function names() {
  return (await caches.keys()).filter((it) => it.startsWith(PREFIX));
}

/** Keeps all of the shell of a version; what another one was made of goes once that is whole. */
async function keepVersion(version) {
  const name = PREFIX + version;
  const cache = await caches.open(name);
  if (await cache.match(root.href)) return;
  const found = new Map();
  await follow(found, [root.href, new URL("manifest.webmanifest", root).href]);
  const parts = ["frame", "service", ...[...found.keys()].flatMap((it) => /js\/pages\/([\w-]+)\.js$/.exec(it)?.[1] ?? [])];
  for (const language of languagesOf(await text(found, "js/languages.js"))) {
    await follow(found, parts.map((it) => new URL(`js/languages/${language}/${it}.js`, root).href));
  }
  const page = found.get(root.href);
  if (!page) return;
  await Promise.all([...found].map(([address, response]) => response && response !== page && cache.put(address, response)));
  await cache.put(root.href, page); // the last: with it, all is there
  for (const other of await names()) if (other !== name) await caches.delete(other);
}

/** Fetches what is asked for, and what that asks for. */
async function follow(found, asked) {
  const todo = [...asked];
  while (todo.length) {
    const batch = [...new Set(todo.splice(0))].filter((it) => !found.has(it) && own(new URL(it)));
    await Promise.all(batch.map(async (address) => {
      const response = await fetch(address, { cache: "no-cache" });
      found.set(address, response.ok ? response : null);
      const read = response.ok && /html|javascript|manifest/.test(response.headers.get("content-type"));
      if (read) todo.push(...links(address, await response.clone().text()));
    }));
  }
}

/** What a part of the shell asks for. */
function links(address, text) {
  const base = address.endsWith(".js") || address.endsWith(".mjs") ? address : root;
  return LINKS.flatMap((pattern) => [...text.matchAll(pattern)].map((it) => new URL(it[1], base).href));
}

async function text(found, name) {
  return (await found.get(new URL(name, root).href)?.clone().text()) ?? "";
}

/** The languages that words are kept apart for; English is in the modules themselves. */
function languagesOf(module) {
  return [...(/LANGUAGES = .*?\[(\[.*\])\]/.exec(module)?.[1] ?? "").matchAll(/\["(\w+)"/g)].map((it) => it[1]).filter((it) => it !== "en");
}

/** Another service, or an older one, may live at this address by now: this file is not there, and nothing is held back. */
async function leaveIfReplaced() {
  try {
    const answer = await fetch(self.location.href, { method: "HEAD", cache: "no-store" });
    if (answer.status !== 404 && answer.status !== 410) return;
  } catch {
    return; // away is not replaced
  }
  for (const name of await names()) await caches.delete(name);
  await self.registration.unregister();
}

/** The page, where it is open; else a new one. */
async function comeForward(address) {
  const target = new URL(address, root);
  if (target.origin !== root.origin) return;
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((it) => it.visibilityState === "visible") ?? pages[0];
  if (!page) return void (await self.clients.openWindow(target.href));
  page.postMessage({ goTo: target.hash || "#/" });
  await page.focus().catch(() => undefined); // allowed while a click is answered, and only then
}

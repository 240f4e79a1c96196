// @ts-check
/** The pages behind one address: `#/history/month/2026-11` is the page `history` with the words `month`, `2026-11`. */

import { ApiError } from "./api.js";
import { byId, h, s, say, show } from "./dom.js";
import { learn, t, told } from "./languages.js";

/** @typedef {import("./picture.js").Picture} Picture */

/**
 * What a page does with new words of the address, and when it is left.
 * @typedef {{go?: (words: string[]) => void, leave?: () => void}} Shown
 */

/**
 * A page's module: `mount(place, page, words)` fills the empty `place`; what it draws while it is shown it stops at `leave`.
 * @typedef {{mount: (place: HTMLElement, page: Picture, words: string[]) => Shown|Promise<Shown>}} Module
 */

/**
 * name: the first word of its address, of its module pages/NAME.js and of languages/LANGUAGE/NAME.js; null: the frame itself.
 * bar: whether it is in the bar of a narrow screen too; null: in none, so that More leads there. sign: drawn in 24 x 24 with one stroke width.
 * @typedef {{name: string, title: string, bar: boolean|null, sign: string, load: (() => Promise<Module>)|null}} Entry
 * @type {Entry[]}
 */
export const PAGES = [
  { name: "now", title: "Now", bar: true, load: null, sign: "M12 4.500a1.800 1.800 0 1 0 .1 0zM11.500 9.500v6h5v5M7 20.500v-10" },
  { name: "day", title: "Day", bar: true, load: () => import("./pages/day.js"), sign: "M4 6.500h16v13H4zM4 10.500h16M8.500 4v5M15.500 4v5M8 15h8" },
  { name: "history", title: "History", bar: true, load: () => import("./pages/history.js"), sign: "M4.500 5.500h15v14h-15zM4.500 10h15M9.500 10v9.500M14.500 10v9.500M4.500 14.800h15M8.500 3v4M15.500 3v4" },
  { name: "alerts", title: "Alerts", bar: true, load: () => import("./pages/alerts.js"), sign: "M12 4a5.500 5.500 0 0 0-5.500 5.500v4L4.500 17h15l-2-3.500v-4A5.500 5.500 0 0 0 12 4zM10 19.500a2 2 0 0 0 4 0" },
  { name: "sensors", title: "Sensors", bar: false, load: () => import("./pages/sensors.js"), sign: "M8.500 8.500h7v7h-7zM4.500 15a9 9 0 0 1 0-6M19.500 15a9 9 0 0 0 0-6" },
  { name: "settings", title: "Settings", bar: false, load: () => import("./pages/settings.js"), sign: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5" },
  { name: "tokens", title: "Tokens", bar: null, load: () => import("./pages/tokens.js"), sign: "M8 8.500a3.500 3.500 0 1 0 .1 7 3.500 3.500 0 1 0-.1-7M11.500 12H20.500v3M17 12v2.500" },
  { name: "data", title: "Data", bar: null, load: () => import("./pages/data.js"), sign: "M5 6.500c0-3 14-3 14 0v11c0 3-14 3-14 0zM5 6.500c0 3 14 3 14 0M5 12c0 3 14 3 14 0" },
  { name: "about", title: "About", bar: null, load: () => import("./pages/about.js"), sign: "M12 3.500a8.500 8.500 0 1 0 .1 0zM12 11v5.500M12 7.500h.1" },
  { name: "more", title: "More", bar: true, load: () => import("./pages/more.js"), sign: "M5 12h.1M12 12h.1M19 12h.1" },
  { name: "welcome", title: "Welcome", bar: null, load: () => import("./pages/welcome.js"), sign: "" },
];

/** A page that takes longer than this says what it waits for. */
const WAIT_MS = 400;

/** Where the page is, without the page's frame. @returns {{name: string, words: string[]}} */
export function place() {
  const words = location.hash.startsWith("#/") ? location.hash.slice(2).split("/").filter(Boolean).map(decodeURIComponent) : [];
  return { name: words[0] ?? "now", words: words.slice(1) };
}

/** Whether the address carries a login secret, which is spent before anything is asked; first-paint.js looks for itself. */
export function isLoginLink() {
  return location.hash.startsWith("#login=");
}

/** @param {string} name @param {...string} words @returns {string} for a link */
export function address(name, ...words) {
  return name === "now" ? "#/" : `#/${[name, ...words].map(encodeURIComponent).join("/")}`;
}

/** @param {string} name @param {...string} words */
export function goTo(name, ...words) {
  location.hash = address(name, ...words);
}

export class Router {
  /** @type {string|null} */
  #name = null;
  /** @type {Shown} */
  #shown = {};
  #turn = 0;
  /** Title of the page shown, empty for the frame's own. */
  title = "";

  /** @param {Picture} page */
  constructor(page) {
    this.page = page;
    this.frame = /** @type {HTMLElement} */ (document.querySelector(".columns"));
    this.view = byId("view");
    this.links = mountNavigation(byId("navigation"));
    window.addEventListener("hashchange", () => void this.show());
    document.querySelector(".skip")?.addEventListener("click", (event) => {
      event.preventDefault(); // the part behind # is the page's address
      byId("main").focus();
    });
  }

  /** Shows what the address says. */
  async show() {
    const { name, words } = place();
    if (name === this.#name) return this.#shown.go?.(words);
    const turn = ++this.#turn;
    const first = this.#name === null;
    const entry = PAGES.find((it) => it.name === name);
    this.#shown.leave?.();
    this.#shown = {};
    this.#name = name;
    this.page.shows(entry?.load ? { start: -Infinity, end: Infinity } : null); // a page that shows less says so
    for (const [other, link] of this.links) {
      if (other === name || (other === "more" && entry?.bar === null && name !== "welcome")) link.setAttribute("aria-current", other === name ? "page" : "true");
      else link.removeAttribute("aria-current");
    }
    this.title = entry?.load ? t(entry.title) : "";
    document.title = [this.title, "Sitwell"].filter(Boolean).join(" · ");
    document.documentElement.dataset.page = name;
    show(this.frame, Boolean(entry) && !entry?.load);
    show(this.view, !entry || Boolean(entry.load));
    const place_ = h("div", { class: `page page-${name}`, "data-testid": `page-${name}` });
    this.view.replaceChildren(place_);
    if (!entry) place_.append(h("h2", {}, t("There is no such page")), h("p", {}, h("a", { href: address("now") }, t("Now"))));
    else if (entry.load) await this.#mount(entry, place_, words, turn);
    if (first || turn !== this.#turn) return;
    window.scrollTo(0, 0);
    byId("main").focus({ preventScroll: true });
  }

  /** @param {Entry} entry @param {HTMLElement} place @param {string[]} words @param {number} turn */
  async #mount(entry, place, words, turn) {
    const waiting = h("p", { class: "hint", role: "status", "data-testid": "page-waiting" }, t("Asking the service for this page."));
    const late = window.setTimeout(() => turn === this.#turn && place.before(waiting), WAIT_MS);
    try {
      const [module] = await Promise.all([/** @type {() => Promise<Module>} */ (entry.load)(), learn(entry.name)]);
      if (turn !== this.#turn) return;
      const shown = await module.mount(place, this.page, words);
      if (turn === this.#turn) this.#shown = shown;
      else shown.leave?.();
    } catch (error) {
      if (turn !== this.#turn) return;
      const again = h("button", { type: "button" }, t("Try again"));
      again.addEventListener("click", () => {
        this.#name = null;
        void this.show();
      });
      const forbidden = error instanceof ApiError && error.status === 403;
      place.replaceChildren(h("div", { class: "notice", "data-testid": "page-broken" },
        h("p", { class: "what" }, forbidden ? t("You may not see this page.") : t("This page could not be loaded.")),
        h("p", {}, error instanceof ApiError ? told(error.message) : t("The service is not answering.")),
        h("p", { class: "command" }, ...(forbidden ? [] : [again]))));
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    } finally {
      window.clearTimeout(late);
      waiting.remove();
    }
  }
}

/** @param {HTMLElement} root @returns {Map<string, HTMLElement>} */
function mountNavigation(root) {
  /** @type {Map<string, HTMLElement>} */
  const links = new Map();
  for (const { name, title, bar, sign } of PAGES) {
    if (bar === null) continue;
    const link = h("a", { href: address(name), "data-testid": `to-${name}` },
      h("span", { class: "pictogram" }), h("span", {}, t(title)));
    link.firstElementChild?.append(s("svg", { class: "sign", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, s("path", { d: sign })));
    links.set(name, link);
    root.append(h("li", { class: bar ? "bar" : "rest" }, link));
  }
  show(root, PAGES.length > 1);
  return links;
}

/** Says a text once somebody goes on with it. @param {string} text */
export function announce(text) {
  say(byId("announce"), text);
}

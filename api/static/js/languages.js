// @ts-check
/**
 * What the page says, in the wearer's language. English is written in the code and is the key; the others are
 * modules of languages/, one for the frame and one for each page, asked for only by who reads them.
 */

/** @typedef {Record<string, string|number>} Values */

const KEY = "sitwell.language";
/** Tag and own name of each language there is. */
export const LANGUAGES = /** @type {const} */ ([["en", "English"], ["de", "Deutsch"]]);
const SOURCE = "en";
/** Attributes that are read by people. */
const ATTRIBUTES = ["aria-label", "title", "placeholder", "content"];

let language = SOURCE;
/** @type {Map<string, string>} */
const words = new Map();
/** @type {Set<string>} */
const loaded = new Set();
/** What was asked for and has no words in the present language, for the tests. @type {Set<string>} */
export const missing = new Set();

/** The tag of the language spoken. */
export function spoken() {
  return language;
}

/** The language of the last visit, or the browser's, or English. */
export function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept && known(kept)) return kept;
  } catch {
    // storage is switched off: the browser's it is
  }
  return navigator.languages.map((it) => it.slice(0, 2)).find(known) ?? SOURCE;
}

/** @param {string} tag */
function known(tag) {
  return LANGUAGES.some(([it]) => it === tag);
}

/**
 * Speaks another language from now on; what has been said already stays. The frame's words are there when it returns.
 * @param {string} tag
 */
export async function speak(tag) {
  language = known(tag) ? tag : SOURCE;
  document.documentElement.lang = language;
  words.clear();
  loaded.clear();
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // as above
  }
  await learn("frame");
}

/**
 * Loads the words of one part of the page.
 * @param {string} part `frame`, or the name of a page
 */
export async function learn(part) {
  if (language === SOURCE || loaded.has(part)) return;
  const asked = language;
  /** @type {{words: Record<string, string>}} */
  let module;
  try {
    module = await import(`./languages/${asked}/${part}.js`);
  } catch {
    return; // the service is away: English is better than nothing
  }
  if (asked !== language) return;
  loaded.add(part);
  for (const [key, text] of Object.entries(module.words)) words.set(key, text);
}

/**
 * @param {string} english with `{name}` where a value goes
 * @param {Values} [values]
 */
export function t(english, values = {}) {
  let text = english;
  if (language !== SOURCE) {
    const found = words.get(english);
    if (found === undefined) missing.add(english);
    else text = found;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * One of two texts, by number; `{n}` is the number.
 * @param {number} n
 * @param {string} one
 * @param {string} many
 * @param {Values} [values]
 */
export function plural(n, one, many, values = {}) {
  return t(n === 1 ? one : many, { n, ...values });
}

/** The locale for dates, times and figures: the browser's own where it is of the language spoken. */
export function locale() {
  return navigator.languages.find((it) => it.slice(0, 2) === language) ?? { en: "en-GB" }[language] ?? language;
}

/** The first day of a week here, 1 Monday to 7 Sunday (CLDR, by the browser). @returns {number} */
export function firstWeekday() {
  const it = /** @type {any} */ (new Intl.Locale(locale()).maximize());
  return (it.getWeekInfo?.() ?? it.weekInfo)?.firstDay ?? 1;
}

/** Turns what the document says into the language spoken. @param {ParentNode} root */
export function translate(root) {
  if (language === SOURCE) return;
  const walker = document.createTreeWalker(/** @type {Node} */ (root), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? "";
    const key = text.trim();
    if (/\p{L}/u.test(key) && !node.parentElement?.closest("script, style, [translate=no]")) node.nodeValue = text.replace(key, t(key));
  }
  for (const name of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      if (name === "content" && element.getAttribute("name") !== "description") continue;
      element.setAttribute(name, t(element.getAttribute(name) ?? ""));
    }
  }
}

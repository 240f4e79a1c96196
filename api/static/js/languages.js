// @ts-check
/**
 * What the page says, in the wearer's language. English is written in the code and is the key; the others are
 * modules of languages/, one for the frame and one for each page, asked for only by who reads them.
 */

/** @typedef {Record<string, string|number>} Values */

/** What somebody chose in this browser, and what was spoken last, so that the next visit begins with it. */
const CHOSEN = "sitwell.language";
const LAST = "sitwell.language.last";
/** Tag and own name of each language there is. */
export const LANGUAGES = /** @type {const} */ ([["en", "English"], ["de", "Deutsch"]]);
const SOURCE = "en";
/** Attributes that are read by people. */
const ATTRIBUTES = ["aria-label", "title", "placeholder", "content"];

let language = SOURCE;
/** @type {Map<string, string>} */
const words = new Map();
/** What the service says, with values in it, as patterns of its English. @type {[RegExp, string][]} */
const patterns = [];
/** @type {Set<string>} */
const loaded = new Set();
/**
 * What the document said in English and where; `said`: what it says since, unless somebody else says something there.
 * @type {{node: Node, name: string, english: string, said: string}[]}
 */
const places = [];
/** What was asked for and has no words in the present language, for the tests. @type {Set<string>} */
export const missing = new Set();

/** The tag of the language spoken. */
export function spoken() {
  return language;
}

/** @param {string} key @returns {string|null} */
function kept(key) {
  try {
    const tag = localStorage.getItem(key);
    return tag && known(tag) ? tag : null;
  } catch {
    return null; // storage is switched off: nothing lasts longer than the page
  }
}

/** @param {string} key @param {string|null} tag */
function keep(key, tag) {
  try {
    if (tag === null) localStorage.removeItem(key);
    else localStorage.setItem(key, tag);
  } catch {
    return; // as above
  }
}

/** What was chosen in this browser; null: the wearer's own language it is. */
export function chosen() {
  return kept(CHOSEN);
}

/** Chooses a language for this browser, null: the wearer's own. The page is to be loaded anew. @param {string|null} tag */
export function choose(tag) {
  keep(CHOSEN, tag);
}

/** What to begin with: the language chosen, that of the last visit, the browser's, or English. */
export function remembered() {
  return kept(CHOSEN) ?? kept(LAST) ?? navigator.languages.map((it) => it.slice(0, 2)).find(known) ?? SOURCE;
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
  patterns.length = 0;
  loaded.clear();
  keep(LAST, language);
  await Promise.all([learn("frame"), learn("service")]);
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
  for (const [key, text] of Object.entries(module.words)) {
    words.set(key, text);
    if (part === "service" && key.includes("{")) patterns.push([pattern(key), text]);
  }
}

/** @param {string} key with `{name}` where a value goes */
function pattern(key) {
  const parts = key.split(/\{(\w+)\}/).map((it, i) => (i % 2 ? `(?<${it}>.+?)` : it.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`);
}

/**
 * Marks texts that are said later: translated by `t` when they are said, since no words are there while modules load.
 * @template {Record<string, string>} T
 * @param {T} table
 * @returns {T}
 */
export function texts(table) {
  return table;
}

/**
 * What the service says in English (a reason, a problem), in the language spoken; its values are translated too where
 * they have words.
 * @param {string} english
 */
export function told(english) {
  if (language === SOURCE || !english || words.has(english)) return t(english);
  for (const [each, text] of patterns) {
    const found = each.exec(english);
    if (found) return filled(text, Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, it]) => [name, words.get(it) ?? it])));
  }
  missing.add(english);
  return english;
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
  return filled(text, values);
}

/** @param {string} text @param {Values} values */
function filled(text, values) {
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

/** How an hour stands before its minutes here: `9:05 AM`, but `09:05`. @returns {"numeric"|"2-digit"} */
export function hourForm() {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric" }).resolvedOptions().hour12 ? "numeric" : "2-digit";
}

/** The first day of a week here, 1 Monday to 7 Sunday (CLDR, by the browser). @returns {number} */
export function firstWeekday() {
  const it = /** @type {any} */ (new Intl.Locale(locale()).maximize());
  return (it.getWeekInfo?.() ?? it.weekInfo)?.firstDay ?? 1;
}

/**
 * Turns what the document says into the language spoken; called again, it turns it into another one.
 * @param {ParentNode} [root] what has not been looked through yet
 */
export function translate(root) {
  if (root) gather(root);
  for (const place of places) {
    const element = place.name ? /** @type {Element} */ (place.node) : null;
    if ((element ? element.getAttribute(place.name) : place.node.nodeValue) !== place.said) continue;
    const key = place.english.trim();
    place.said = place.english.replace(key, () => t(key));
    if (element) element.setAttribute(place.name, place.said);
    else place.node.nodeValue = place.said;
  }
}

/** @param {ParentNode} root */
function gather(root) {
  const add = (/** @type {Node} */ node, /** @type {string} */ name, /** @type {string} */ english) => {
    if (/\p{L}/u.test(english)) places.push({ node, name, english, said: english });
  };
  const walker = document.createTreeWalker(/** @type {Node} */ (root), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement?.closest("script, style, noscript, [translate=no]")) add(node, "", node.nodeValue ?? "");
  }
  for (const name of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      if (name !== "content" || element.getAttribute("name") === "description") add(element, name, element.getAttribute(name) ?? "");
    }
  }
}

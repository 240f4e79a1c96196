// @ts-check
/** The head of History: what length of time, the one before and after, from and to, and which measure. */

import { h, say, setAttributes, show } from "../dom.js";
import { t } from "../languages.js";
import { address, goTo } from "../router.js";
import { daysBetween, plus } from "../local-day.js";
import { sourceTag } from "../source.js";
import { nextTo } from "./calendar.js";
import { measures, shortWord } from "./measures.js";

/** @typedef {import("./calendar.js").Span} Span */

const KEY = "sitwell.measure";

export class Frame {
  /** @type {Span|null} */
  #span = null;

  /**
   * @param {HTMLElement} place
   * @param {string} timeZone
   * @param {() => void} onMeasure
   */
  constructor(place, timeZone, onMeasure) {
    this.timeZone = timeZone;
    this.links = ["day", "week", "month", "year", "all"].map((name) => h("a", { href: "#", "data-testid": `to-span-${name}` }, spanWord(name)));
    const list = h("ul", { class: "spans" }, ...this.links.map((it) => h("li", {}, it)));
    this.before = h("a", { "data-testid": "before", rel: "prev" }, t("Before"));
    this.after = h("a", { "data-testid": "after", rel: "next" }, t("After"));
    this.title = h("h3", { class: "span-title", "data-testid": "span-title", "aria-live": "polite" });
    this.from = h("input", { type: "date", id: "span-from", "data-testid": "span-from" });
    this.to = h("input", { type: "date", id: "span-to", "data-testid": "span-to" });
    this.wrong = h("p", { class: "wrong", id: "span-wrong", role: "status" });
    this.measure = h("select", { id: "measure", "data-testid": "measure" }, ...measures().map((it) => h("option", { value: it.name }, shortWord(it.name))));
    this.measureBox = h("div", { class: "measure" }, h("label", { for: "measure" }, t("What is shown")), this.measure);
    this.measure.value = kept();
    if (!this.measure.value) this.measure.value = "sitting";
    this.measure.addEventListener("change", () => {
      keep(this.measure.value);
      onMeasure();
    });
    const go = h("button", { type: "submit", class: "quiet", "data-testid": "span-show" }, t("Show"));
    this.form = h("form", { class: "span-form" },
      h("label", { for: "span-from" }, t("From")), this.from, h("label", { for: "span-to" }, t("To")), this.to, go, this.wrong);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    place.append(
      h("div", { class: "heading" }, h("h2", {}, t("History")), sourceTag(), h("nav", { "aria-label": t("Length of time") }, list)),
      h("div", { class: "span-line" }, this.before, this.title, this.after),
      h("div", { class: "span-tools" }, this.form, this.measureBox),
    );
  }

  /** @param {Span} span @param {string} today */
  show(span, today) {
    this.#span = span;
    say(this.title, span.title);
    const middle = span.last < today ? span.last : today;
    const targets = [["day", middle], ["history", "week", middle], ["history", "month", middle.slice(0, 7)], ["history", "year", middle.slice(0, 4)], ["history", "all"]];
    this.links.forEach((link, i) => {
      const [page, ...words] = targets[i];
      setAttributes(link, { href: address(page, ...words), "aria-current": words[0] === span.kind ? "true" : null });
    });
    for (const [link, step] of /** @type {const} */ ([[this.before, -1], [this.after, 1]])) {
      const words = nextTo(span, step, this.timeZone);
      show(link, words !== null);
      if (words) setAttributes(link, { href: address("history", ...words) });
    }
    show(this.measureBox, span.start === null);
    this.from.value = span.first;
    this.to.value = span.last;
    this.#say("");
  }

  #submit() {
    const [from, to] = [this.from.value, this.to.value];
    if (!from || !to) return this.#say(t("Both days are wanted, from and to."));
    if (to < from) return this.#say(t("The last day lies before the first."));
    if (daysBetween(from, to) > 5 * 366) return this.#say(t("At most five years are shown at once."));
    if (from === to) return goTo("history", `${from}T00:00`, `${plus(from, 1)}T00:00`);
    goTo("history", from, to);
  }

  /** @param {string} text */
  #say(text) {
    say(this.wrong, text);
    for (const input of [this.from, this.to]) setAttributes(input, { "aria-invalid": text ? "true" : null, "aria-describedby": text ? "span-wrong" : null });
    if (text) this.to.focus();
  }

  /** The words of an address beside this one, for the keys of the page. @param {-1|1} step */
  step(step) {
    const words = this.#span && nextTo(this.#span, step, this.timeZone);
    if (words) goTo("history", ...words);
  }
}

/** @param {string} name */
function spanWord(name) {
  return /** @type {Record<string, string>} */ ({ day: t("Day"), week: t("Week"), month: t("Month"), year: t("Year"), all: t("All") })[name];
}

function kept() {
  try {
    return localStorage.getItem(KEY) ?? "sitting";
  } catch {
    return "sitting"; // storage is switched off
  }
}

/** @param {string} name */
function keep(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    return; // as above
  }
}

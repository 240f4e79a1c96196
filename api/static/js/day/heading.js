// @ts-check
/** The head of a day: which one, the way to others, its sums, and how much of it is shown. */

import { h, s, say, show } from "../dom.js";
import { plural, t } from "../languages.js";
import { plus } from "../local-day.js";
import { address, goTo } from "../router.js";
import { sourceTag } from "../source.js";
import { duration, number } from "../words.js";

const RANGES = /** @type {const} */ (["day", "4h", "1h"]);

/** @param {string} d of its path @param {string} label @param {string|null} href null: there is no such day */
function step(d, label, href) {
  const sign = s("svg", { class: "sign", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, s("path", { d }));
  return href === null
    ? h("span", { class: "step off", "aria-hidden": "true" }, sign)
    : h("a", { class: "step", href, "aria-label": label, title: label }, sign);
}

/**
 * @param {import("./data.js").DayData} data
 * @param {string} today YYYY-MM-DD
 * @param {(range: string) => void} onRange
 * @param {(factor: number) => void} onZoom
 */
export function heading(data, today, onRange, onZoom) {
  const { page, name } = data;
  const before = step("M14.500 5.500L8 12l6.500 6.500", t("The day before"), address("day", plus(name, -1)));
  const after = step("M9.500 5.500L16 12l-6.500 6.500", t("The day after"), name < today ? address("day", plus(name, 1)) : null);
  before.dataset.testid = "day-before";
  after.dataset.testid = "day-after";
  const input = h("input", { type: "date", value: name, max: today, "aria-label": t("Go to a day"), "data-testid": "day-input" });
  input.addEventListener("change", () => input.value && input.value <= today && goTo("day", input.value));
  const words = { day: t("Day"), "4h": t("4 h"), "1h": t("1 h") };
  const radios = RANGES.map((range) => {
    const radio = h("input", { type: "radio", name: "day-range", value: range });
    radio.addEventListener("change", () => onRange(range));
    return h("label", {}, radio, h("span", {}, words[range]));
  });
  const zoom = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {number} */ factor) => {
    const button = h("button", { type: "button", class: "icon", "aria-label": label, title: label }, sign);
    button.addEventListener("click", () => onZoom(factor));
    return button;
  };
  const sum = (/** @type {string} */ word) => {
    const value = h("dd", { "data-testid": `day-${word}` });
    const note = h("dd", { class: "note" });
    return { value, note };
  };
  const [sitting, longest, breaks, slouch] = ["sitting", "longest", "breaks", "slouch"].map(sum);
  const title = page.hours.day(data.start + 3 * 3600);
  const root = h("header", { class: "day-head" },
    h("div", { class: "day-title" }, h("div", { class: "day-which" }, before, h("h2", { "data-testid": "day-title" }, title), after), sourceTag(),
      name === today ? null : h("a", { href: address("day"), "data-testid": "day-today" }, t("Today")), input),
    h("dl", { class: "sums" },
      h("div", {}, h("dt", {}, t("Sitting")), sitting.value), h("div", {}, h("dt", {}, t("Longest")), longest.value),
      h("div", {}, h("dt", {}, t("Breaks")), breaks.value, breaks.note), h("div", {}, h("dt", {}, t("Slouching")), slouch.value, slouch.note)),
    h("div", { class: "day-zoom" },
      h("fieldset", { class: "range", "data-testid": "range" }, h("legend", { class: "unseen" }, t("Time shown")), ...radios),
      zoom("−", t("Show more time"), 1.6), zoom("+", t("Show less time"), 1 / 1.6),
      h("p", { class: "hint" }, t("Ctrl and wheel or two fingers zoom, dragging moves."))));
  return {
    root,
    /** @param {string} range */
    draw(range) {
      const day = data.day;
      for (const radio of root.querySelectorAll("input[type=radio]")) /** @type {HTMLInputElement} */ (radio).checked = /** @type {HTMLInputElement} */ (radio).value === range;
      if (!day) return;
      const there = data.minutes.all().length > 0;
      for (const part of root.querySelectorAll(".sums, .day-zoom")) show(/** @type {HTMLElement} */ (part), there);
      say(sitting.value, duration(day.seconds.sitting ?? 0));
      say(longest.value, duration(day.longest_sitting_s));
      say(breaks.value, day.breaks === null ? t("unknown") : number(day.breaks));
      say(breaks.note, day.full_breaks ? t("{n} of 5 min or more", { n: day.full_breaks }) : "");
      say(slouch.value, duration(day.slouch_s));
      say(slouch.note, day.slouches ? plural(day.slouches, "{n} time", "{n} times") : "");
    },
  };
}

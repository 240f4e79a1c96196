// @ts-check
/** Hours of the week as windows with days and two times; the service's text for them is made and read here. */

import { h, say, setAttributes, show } from "../../dom.js";
import { button } from "../../form.js";
import { firstWeekday, t } from "../../languages.js";
import { DAYS, dayWord } from "./names.js";

/** @typedef {{days: boolean[], begin: string, end: string}} Window days: Monday first */

const WINDOW = /^(?:([a-z]{3})(?:-([a-z]{3}))? +)?(\d\d:\d\d)-(\d\d:\d\d)$/;

/** The windows of a text; null when it is written in a way that this page cannot show. @param {string} text @returns {Window[]|null} */
export function windowsOf(text) {
  /** @type {Window[]} */
  const windows = [];
  for (const part of text.split(",").map((it) => it.trim().toLowerCase()).filter(Boolean)) {
    const match = WINDOW.exec(part);
    if (!match) return null;
    const [, first, last = first, begin, end] = match;
    const days = DAYS.map(() => first === undefined);
    if (first !== undefined) {
      const [one, other] = [DAYS.indexOf(first), DAYS.indexOf(last)];
      if (one < 0 || other < 0) return null;
      for (let n = 0; n <= (other - one + 7) % 7; n += 1) days[(one + n) % 7] = true;
    }
    windows.push({ days, begin, end });
  }
  /** Windows of the same hours are one with all their days. @type {Window[]} */
  const merged = [];
  for (const it of windows) {
    const same = merged.find((one) => one.begin === it.begin && one.end === it.end);
    if (same) it.days.forEach((on, day) => (same.days[day] ||= on));
    else merged.push(it);
  }
  return merged;
}

/** @param {Window[]} windows @returns {string} */
export function textOf(windows) {
  return windows.flatMap(({ days, begin, end: until }) => {
    const end = until === "00:00" ? "24:00" : until;
    if (days.every(Boolean)) return [`${begin}-${end}`];
    /** @type {string[]} */
    const parts = [];
    for (let day = 0; day < 7; day += 1) {
      if (!days[day]) continue;
      let last = day;
      while (days[last + 1]) last += 1;
      const named = last > day ? [DAYS[day], DAYS[last]] : [DAYS[day]];
      parts.push(`${named.join("-")} ${begin}-${end}`);
      day = last;
    }
    return parts;
  }).join(", ");
}

/** An editor of windows; nothing is sent before `Save`. */
export class HoursEditor {
  /** @type {Window[]} */
  #windows = [];
  #text = "";

  /**
   * @param {string} name of the setting, for ids
   * @param {string} label
   * @param {(text: string) => Promise<unknown>} save
   */
  constructor(name, label, save) {
    this.name = name;
    this.list = h("ul", { class: "windows" });
    this.error = h("p", { class: "error", role: "status", id: `setting-${name}-window` });
    this.saving = h("p", { class: "hours-buttons", hidden: true },
      button(t("Save"), () => this.#save(save), { class: "primary quiet", "data-testid": "hours-save" }),
      button(t("Discard"), async () => this.take(this.#text), { class: "quiet" }));
    this.add = button(t("Add hours"), async () => {
      this.#windows.push({ days: DAYS.map((_, day) => day < 5 || name === "quiet_hours"), begin: name === "quiet_hours" ? "22:00" : "09:00", end: name === "quiet_hours" ? "07:00" : "17:00" });
      this.#draw();
      this.list.lastElementChild?.querySelector("input")?.focus();
    }, { class: "quiet", "data-testid": "hours-add" });
    this.root = h("div", { class: "hours", role: "group", "aria-label": label }, this.list, h("p", {}, this.add), this.saving, this.error);
  }

  /** @param {string} text what holds */
  take(text) {
    this.#text = text;
    const windows = windowsOf(text);
    this.#windows = windows ?? [];
    say(this.error, windows ? "" : t("These hours are written in a way that cannot be shown here: {text}", { text }));
    this.#draw();
  }

  /** @param {boolean} on */
  disable(on) {
    this.root.querySelectorAll("input, button").forEach((it) => setAttributes(it, { disabled: on }));
  }

  /** @param {(text: string) => Promise<unknown>} save */
  async #save(save) {
    const empty = this.#windows.find((it) => !it.days.some(Boolean) || !it.begin || !it.end);
    if (empty) return say(this.error, t("Choose at least one day and two times, or take these hours away."));
    say(this.error, "");
    await save(textOf(this.#windows));
  }

  #changed() {
    show(this.saving, textOf(this.#windows) !== textOf(windowsOf(this.#text) ?? []));
  }

  #draw() {
    const order = [...Array(7).keys()].map((n) => (firstWeekday() - 1 + n) % 7);
    this.list.replaceChildren(...this.#windows.map((window, index) => {
      const time = (/** @type {"begin"|"end"} */ end, /** @type {string} */ label) => {
        const input = h("input", { type: "time", value: window[end] === "24:00" ? "00:00" : window[end], "aria-label": label });
        input.addEventListener("change", () => {
          window[end] = input.value;
          this.#changed();
        });
        return input;
      };
      const days = order.map((day) => {
        const box = h("input", { type: "checkbox", checked: window.days[day], "aria-label": dayWord(day, "long") });
        box.addEventListener("change", () => {
          window.days[day] = box.checked;
          this.#changed();
        });
        return h("label", { class: "day-box" }, box, h("span", { "aria-hidden": "true" }, dayWord(day)));
      });
      const remove = button(t("Take away"), async () => {
        this.#windows.splice(index, 1);
        this.#draw();
        this.add.focus();
      }, { class: "quiet" });
      return h("li", {}, h("span", { class: "days" }, ...days),
        h("span", { class: "times" }, time("begin", t("beginning")), h("span", { "aria-hidden": "true" }, "\u2013"), time("end", t("end")), remove));
    }));
    this.#changed();
  }
}

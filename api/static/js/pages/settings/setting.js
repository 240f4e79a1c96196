// @ts-check
/** One setting: its control, what it does with its value, its range and source, and the ways back. */

import { h, say, setAttributes, show } from "../../dom.js";
import { button } from "../../form.js";
import { t } from "../../languages.js";
import { address } from "../../router.js";
import { HoursEditor } from "./hours.js";
import { effectWords, settingWord, sourceWords, unitWord, valueWords } from "./names.js";

/** @typedef {import("./names.js").Setting} Setting */
/** @typedef {import("./names.js").Value} Value */

/** A slider that is moved with keys says so many values in a row; it is sent when it rests. */
const REST_MS = 500;

/** A row that is kept and changed, so that focus stays. */
export class SettingRow {
  /** Until it is sent, 0 where nothing waits. */
  #timer = 0;
  /** How many values are on their way. */
  #sent = 0;
  /** Whether what holds has become another meanwhile. */
  #missed = false;

  /**
   * @param {Setting} setting
   * @param {{writes: boolean, change: (name: string, value: Value|null) => Promise<boolean>, undo: () => void}} acts change:
   *   null takes it back; false when it was refused
   */
  constructor(setting, acts) {
    const { name } = setting;
    this.setting = setting;
    this.acts = acts;
    this.id = `setting-${name}`;
    this.effect = h("p", { class: "effect", id: `${this.id}-effect`, "data-testid": "effect" });
    this.source = h("p", { class: "source", id: `${this.id}-source`, "data-testid": "source" });
    this.error = h("p", { class: "error", id: `${this.id}-error`, role: "status", "data-testid": "setting-error" });
    this.marker = h("span", { class: "changed", "data-testid": "changed" });
    this.back = button(t("Back to the default"), () => {
      this.#forget();
      return acts.change(name, null);
    }, { class: "link", "data-testid": "back" });
    this.undo = button(t("Undo"), async () => {
      this.#forget();
      acts.undo();
    }, { class: "link", "data-testid": "undo", hidden: true });
    this.origin = h("p", { class: "origin" }, this.marker, this.back, this.undo);
    this.root = h("li", { class: "setting", "data-setting": name, "data-testid": `setting-${name}` },
      ...this.#control(), this.effect, this.source, this.origin, this.error);
    this.take(setting);
  }

  /** @returns {Node[]} */
  #control() {
    const { setting, id } = this;
    const label = settingWord(setting.name);
    const described = { "aria-describedby": `${id}-effect ${id}-source ${id}-error`, disabled: !this.acts.writes };
    if (setting.kind === "hours") {
      this.hours = new HoursEditor(setting.name, label, (text) => this.#send(text));
      return [h("p", { class: "setting-name" }, label), this.hours.root];
    }
    if (setting.kind === "switch") {
      this.box = h("input", { type: "checkbox", class: "switch", role: "switch", id, ...described });
      this.box.addEventListener("change", () => void this.#send(/** @type {HTMLInputElement} */ (this.box).checked));
      return [h("div", { class: "setting-line" }, h("label", { for: id, class: "setting-name" }, label), this.box)];
    }
    if (setting.kind === "choice") {
      this.select = h("select", { id, ...described }, ...setting.choices.map((it) => h("option", { value: it }, valueWords(setting, it))));
      this.select.addEventListener("change", () => void this.#send(/** @type {HTMLSelectElement} */ (this.select).value));
      return [h("div", { class: "setting-line" }, h("label", { for: id, class: "setting-name" }, label), this.select)];
    }
    const [low, high] = [setting.low ?? 0, setting.high ?? 0];
    const step = setting.kind === "whole" ? 1 : stepOf(setting.unit, high - low);
    const number = h("input", { type: "number", id, min: low, max: high, step, inputmode: "decimal", "data-testid": "number", ...described });
    const slider = h("input", { type: "range", min: low, max: high, step, "aria-label": label, "data-testid": "slider", ...described });
    slider.addEventListener("input", () => {
      number.value = slider.value;
      setAttributes(slider, { "aria-valuetext": valueWords(setting, Number(slider.value)) });
      this.#later(() => this.#sendNumber(slider.value));
    });
    number.addEventListener("input", () => say(this.error, ""));
    number.addEventListener("change", () => this.#later(() => this.#sendNumber(number.value)));
    this.number = number;
    this.slider = slider;
    return [
      h("div", { class: "setting-line" }, h("label", { for: id, class: "setting-name" }, label),
        h("span", { class: "with-unit" }, number, h("span", { class: "unit" }, unitWord(setting)))),
      h("div", { class: "slider" }, slider, h("span", { class: "ends", "aria-hidden": "true" },
        h("span", {}, valueWords(setting, low)), h("span", {}, valueWords(setting, high)))),
    ];
  }

  /** @param {() => void} send */
  #later(send) {
    this.#forget();
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      send();
    }, REST_MS);
  }

  /** What waits to be sent is not. */
  #forget() {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** Whether the control shows what holds: nothing newer waits or is on its way. */
  get #idle() {
    return this.#timer === 0 && this.#sent === 0;
  }

  /** @param {string} text */
  #sendNumber(text) {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) return this.problem(t("This wants a number."));
    if (value !== this.setting.value) void this.#send(value);
    else this.problem("");
  }

  /** @param {Value} value */
  async #send(value) {
    this.#sent += 1;
    try {
      await this.acts.change(this.setting.name, value);
    } finally {
      this.#sent -= 1;
    }
    if (this.#idle && (this.#missed || this.box || this.select)) this.#fill(); // a refused figure stays as it was typed, to be mended
  }

  /** @param {string} text what is wrong; the control keeps what was typed */
  problem(text) {
    say(this.error, text);
    const control = this.number ?? this.box ?? this.select;
    if (control) setAttributes(control, { "aria-invalid": text ? "true" : null });
  }

  /** @param {Setting} setting @param {string|null} [preset] whose values it goes back to */
  take(setting, preset = null) {
    this.setting = setting;
    if (this.#idle) this.#fill();
    else this.#missed = true;
    this.problem("");
    say(this.effect, effectWords(setting));
    const given = t("default {value}", { value: valueWords(setting, setting.default) });
    const range = setting.low === null || setting.high === null ? ""
      : t("{low} to {high}", { low: valueWords(setting, setting.low), high: valueWords(setting, setting.high) });
    say(this.source, [range, given, t("from: {source}", { source: sourceWords(setting) })].filter(Boolean).join(" \u00b7 "));
    const own = setting.own !== null;
    this.root.classList.toggle("is-own", own || setting.origin === "adjusted");
    this.marker.replaceChildren(...originWords(setting));
    say(this.back, preset ? t("Back to the preset") : t("Back to the default"));
    show(this.back, own && this.acts.writes);
    if (this.hours) this.hours.disable(!this.acts.writes);
    this.offerUndo(false);
  }

  #fill() {
    const { value } = this.setting;
    this.#missed = false;
    if (this.number && this.slider) {
      this.number.value = String(value);
      this.slider.value = String(value);
      setAttributes(this.slider, { "aria-valuetext": valueWords(this.setting, value) });
    }
    if (this.box) this.box.checked = value === true;
    if (this.select) this.select.value = String(value);
    this.hours?.take(String(value));
  }

  /** @param {boolean} on whether it was the last to be changed */
  offerUndo(on) {
    show(this.undo, on);
    show(this.origin, on || this.setting.origin !== "default" || this.setting.own !== null);
  }
}

/** @param {Setting} setting @returns {(Node|string)[]} */
function originWords(setting) {
  if (setting.origin === "own") return [t("Yours")];
  if (setting.origin === "preset") return [t("From the preset")];
  if (setting.origin === "ramp_up") return [t("On the way to the preset")];
  if (setting.origin === "configuration") return [t("From the configuration file")];
  if (setting.origin === "adjusted") return [`${t("Moved by “that was fine”")} `, h("a", { href: address("alerts") }, t("take steps back"))];
  return setting.own === null ? [] : [t("Yours")];
}

/** A step that fits the range. @param {string} unit @param {number} width of the range */
function stepOf(unit, width) {
  if (unit === "h") return 0.5;
  if (width >= 300) return unit === "min" ? 10 : 5;
  return unit === "min" && width > 60 ? 5 : 1;
}

// @ts-check
/** All settings of alerts: asked for, changed one by one, and taken back; the rows that show them follow. */

import { ApiError } from "../../api.js";
import { h } from "../../dom.js";
import { detailWords, problemWords } from "../../form.js";
import { t } from "../../languages.js";
import { toast } from "../../toast.js";
import { SETTINGS_OF, settingWord, valueWords } from "./names.js";
import { SettingRow } from "./setting.js";

/** @typedef {import("./names.js").Setting} Setting */
/** @typedef {import("./names.js").Value} Value */
/** @typedef {{name: string, departures: {name: string, value: Value, reason: string}[]}} Preset */

/**
 * @typedef {{wearer: string, revision: string, preset: string|null, ramp_up_since: string|null, ramp_up_day: number|null,
 *   items: Setting[], presets: Preset[]}} Answer
 */

export class AlertSettings {
  /** @type {Answer|null} */
  #answer = null;
  /** @type {Map<string, SettingRow>} */
  #rows = new Map();
  /** @type {(() => void)[]} */
  #listeners = [];
  /** What the last change replaced. @type {{name: string, own: Value|null}|null} */
  #before = null;
  /** One change after the other: each names the revision that the one before it made. @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /**
   * @param {import("../../picture.js").Picture} page
   * @param {boolean} writes
   */
  constructor(page, writes) {
    this.page = page;
    this.writes = writes;
    this.path = `wearers/${encodeURIComponent(page.wearer.id)}/alert-settings`;
  }

  /** What holds; asked for before anything else. @returns {Answer} */
  get answer() {
    if (!this.#answer) throw new Error("the settings have not been asked for");
    return this.#answer;
  }

  /** Calls `listener` after each answer. @param {() => void} listener */
  onAnswer(listener) {
    this.#listeners.push(listener);
  }

  async ask() {
    this.take(await this.page.api.get(this.path));
  }

  /** @param {Answer} answer */
  take(answer) {
    this.#answer = answer;
    for (const setting of answer.items) this.#rows.get(setting.name)?.take(setting, answer.preset);
    this.#listeners.forEach((it) => it());
  }

  /** @param {string} name @returns {Setting|undefined} */
  of(name) {
    return this.answer.items.find((it) => it.name === name);
  }

  /** The rows of a group. @param {string} id @returns {HTMLElement} */
  group(id) {
    const names = SETTINGS_OF[id] ?? [];
    return h("ul", { class: "settings" }, ...names.flatMap((name) => this.row(name)));
  }

  /** What is new in the service and has no place here yet. @returns {[string, string, HTMLElement][]} */
  others() {
    const placed = new Set([...Object.values(SETTINGS_OF).flat(), "language"]);
    const names = this.answer.items.map((it) => it.name).filter((it) => !placed.has(it));
    return names.length ? [["others", t("More"), h("ul", { class: "settings" }, ...names.flatMap((name) => this.row(name)))]] : [];
  }

  /** The row of one setting, none when the service does not know it. @param {string} name @returns {HTMLElement[]} */
  row(name) {
    const setting = this.of(name);
    if (!setting) return [];
    const made = new SettingRow(setting, { writes: this.writes, change: (it, value) => this.change(it, value), undo: () => void this.undo() });
    made.take(setting, this.answer.preset);
    this.#rows.set(name, made);
    return [made.root];
  }

  /**
   * Sets one, or takes it back with null. What went wrong is said in its row.
   * @param {string} name
   * @param {Value|null} value
   * @returns {Promise<boolean>} whether it holds now
   */
  change(name, value) {
    return this.#inTurn(() => this.#change(name, value));
  }

  /** Takes the last change back. */
  undo() {
    return this.#inTurn(() => this.#undo());
  }

  /** @template T @param {() => Promise<T>} call @returns {Promise<T>} */
  #inTurn(call) {
    const done = this.#turn.then(call);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** @param {string} name @param {Value|null} value */
  async #change(name, value) {
    const own = this.of(name)?.own ?? null;
    if (!(await this.#send(name, value))) return false;
    this.#before = { name, own };
    const setting = this.of(name);
    if (setting) {
      this.#rows.get(name)?.offerUndo(true);
      const text = value === null ? t("{name}: back to {value}.", { value: valueWords(setting, setting.value), name: settingWord(name) })
        : t("{name}: changed to {value}.", { value: valueWords(setting, setting.value), name: settingWord(name) });
      toast(text, () => void this.undo());
    }
    return true;
  }

  async #undo() {
    const before = this.#before;
    if (!before || !(await this.#send(before.name, before.own))) return;
    this.#before = null;
    const setting = this.of(before.name);
    if (setting) toast(t("{name}: {value} again.", { value: valueWords(setting, setting.value), name: settingWord(before.name) }));
    /** @type {HTMLElement|null} */ (document.getElementById(`setting-${before.name}`))?.focus();
  }

  /** @param {string} name @param {Value|null} value */
  async #send(name, value) {
    try {
      this.take(await this.page.api.send("PATCH", this.path, { values: { [name]: value }, revision: this.answer.revision }));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409) await this.ask().catch(() => undefined); // changed elsewhere: that is shown now
      const pointed = error.errors.find(({ pointer }) => pointer?.startsWith(`/body/values/${name}`));
      const text = pointed ? this.#refused(name, pointed.detail) : error.status === 409
        ? t("These settings were changed somewhere else meanwhile. Here they are as they are now; change it again if you like.") : problemWords(error);
      this.#rows.get(name)?.problem(text);
      return false;
    }
  }

  /** @param {string} name @param {string} detail of the service, in English */
  #refused(name, detail) {
    const setting = this.of(name);
    if (!setting || setting.low === null || setting.high === null || !/ is not in /.test(detail)) return detailWords(detail);
    return t("This can be {low} to {high}.", { low: valueWords(setting, setting.low), high: valueWords(setting, setting.high) });
  }
}

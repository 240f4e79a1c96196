// @ts-check
/** Why something on the day says what it says, beside it: what was measured, held against what, by which sensor, calibrated how. */

import { AlertView } from "../alerts.js";
import { ApiError } from "../api.js";
import { seconds } from "../clock.js";
import { h, show } from "../dom.js";
import { spoken, t, texts } from "../languages.js";
import { total } from "../series.js";
import { capital, degrees, duration, episodeWord, figure, number, percent, placeWord } from "../words.js";

/** @typedef {import("../types.js").Episode} Episode */
/** @typedef {import("../types.js").Alert} Alert */

/**
 * @typedef {{name: string, words: string, value: number|null, unit: string, limit: number|null, comparison: string, note: string}} WhyRow
 * @typedef {{sensor: string, name: string, placement: string, decided: boolean, received_hz: number|null, lost_share: number|null,
 *   calibration: {method: string, made_at: string, sigma_deg: number|null}|null}} WhySensor
 * @typedef {{about: string, start: string, end: string|null, headline: string, because: string, rows: WhyRow[], sensors: WhySensor[],
 *   quality: {word: string, words: string}[], confidence: number|null, confidence_from: string, settings: Record<string, number>, unknown: string[],
 *   algorithm_version: string|null}} Why
 */

/** What can be explained: an episode, an alert, or a second. @typedef {{episode?: Episode, alert?: Alert, time?: number}} Chosen */

/** Units that languages write in their own way. @type {Record<string, string>} */
const UNITS = texts({ "deg min": "deg min", "deg/s": "deg/s", "1/min": "a minute" });

export class WhyPanel {
  #turn = 0;
  /** @type {HTMLElement|null} */
  #from = null;
  /** @type {{view: AlertView, id: string}|null} */
  #alert = null;

  /**
   * @param {import("./data.js").DayData} data
   * @param {(chosen: Chosen) => void} onChoose another thing of the same time was chosen
   * @param {() => void} onClose
   */
  constructor(data, onChoose, onClose) {
    this.data = data;
    this.page = data.page;
    this.onChoose = onChoose;
    this.onClose = onClose;
    const close = h("button", { type: "button", class: "icon close", "aria-label": t("Close"), "data-testid": "day-why-close" }, "×");
    close.addEventListener("click", () => this.close());
    this.title = h("h3", { tabindex: -1 });
    this.body = h("div", { class: "why-body", role: "status" });
    this.panel = h("div", { class: "why-panel", hidden: true, "data-testid": "day-why" }, h("div", { class: "why-head" }, this.title, close), this.body);
    this.hint = h("p", { class: "hint" }, t("Choose a place on the strip, a mark above it or an alert, and here it says why."));
    this.root = h("aside", { class: "day-why", "aria-label": t("Why") }, this.hint, this.panel);
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  /** @param {Chosen} chosen @param {Chosen[]} others of the same time */
  async open(chosen, others) {
    const turn = ++this.#turn;
    if (!this.panel.contains(document.activeElement)) this.#from = /** @type {HTMLElement|null} */ (document.activeElement);
    show(this.panel, true);
    show(this.hint, false);
    this.#alert = null;
    this.title.textContent = this.#name(chosen);
    this.body.replaceChildren(h("p", { class: "hint" }, t("Asking why.")));
    this.title.focus({ preventScroll: true });
    const parts = [];
    if (chosen.alert) {
      const view = new AlertView(chosen.alert, this.page, "card", "day-");
      /** @type {HTMLElement|null} */ (view.element.querySelector(".why"))?.click();
      this.#alert = { view, id: chosen.alert.id };
      parts.push(view.element);
    }
    const asked = await this.#ask(chosen);
    if (turn !== this.#turn) return;
    if (asked) parts.push(asked);
    if (others.length) parts.push(this.#others(others));
    this.body.replaceChildren(...parts);
  }

  /** Takes a newer state of the alert that is shown. */
  update() {
    const alert = this.#alert && this.page.alerts.get(this.#alert.id);
    if (alert) this.#alert?.view.update(alert);
  }

  close() {
    this.#turn += 1;
    show(this.panel, false);
    show(this.hint, true);
    if (this.#from?.isConnected) this.#from.focus({ preventScroll: true });
    this.onClose();
  }

  /** @param {Chosen} chosen */
  #name({ episode, alert, time }) {
    const { hours } = this.page;
    if (alert) return t("Alert at {time}", { time: hours.at(seconds(alert.opened_at)) });
    if (episode) return t("{what} at {time}", { what: episodeWord(episode.kind), time: hours.at(seconds(episode.start)) });
    return t("At {time}", { time: hours.exactly(time ?? 0) });
  }

  /** @param {Chosen} chosen @returns {Promise<HTMLElement|null>} */
  async #ask({ episode, alert, time }) {
    const { api, wearer } = this.page;
    const id = episode?.id ?? (alert && this.data.episodes.find((it) => it.id === alert.episode)?.id);
    if (alert && !id) return null; // not of an episode of this day: it has explained itself
    const bucket = this.data.minutes.at(time ?? 0);
    if (!id && (!bucket || total(bucket) === 0)) return h("p", {}, t("Nothing was measured in this second, or its seconds are no longer kept."));
    try {
      const why = id
        ? await api.get(`episodes/${encodeURIComponent(id)}/explanation`, { language: spoken() })
        : await api.get("explain", { wearer: wearer.id, time: new Date(Math.floor(time ?? 0) * 1000).toISOString(), language: spoken() });
      return this.#drawn(why);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return h("p", {}, t("Nothing was measured in this second, or its seconds are no longer kept."));
      if (error.status === 403) return h("p", {}, t("You may not see this: {why}", { why: error.message }));
      return h("p", {}, t("It cannot be said now: {why}", { why: error.message }));
    }
  }

  /** @param {Why} why */
  #drawn(why) {
    const section = (/** @type {string} */ title, /** @type {(Node|string)[]} */ lines, /** @type {boolean} */ list = true) =>
      (lines.length ? [h("h4", {}, title), list ? h("ul", { class: "why-list" }, ...lines.map((it) => h("li", {}, it))) : h("div", {}, ...lines)] : []);
    const settings = Object.entries(why.settings).map(([name, value]) => h("div", {}, h("dt", {}, h("code", {}, name)), h("dd", {}, number(value, Number.isInteger(value) ? 0 : 2))));
    return h("div", { class: "why-text", "data-testid": "day-why-text" },
      h("p", { class: "why-headline" }, why.headline),
      h("p", {}, why.because),
      ...section(t("Measured, against the limit"), why.rows.map((it) => this.#row(it)), false),
      ...section(t("Sensors"), why.sensors.map((it) => this.#sensor(it))),
      ...section(t("To be held against it"), why.quality.map((it) => it.words)),
      ...section(t("How certain"), [why.confidence === null ? t("Nobody can say.")
        : h("span", {}, percent(why.confidence), ...(why.confidence_from ? [": ", why.confidence_from] : []))]),
      ...section(t("Not known"), why.unknown),
      settings.length ? h("details", { class: "table" }, h("summary", {}, t("Settings that decided")), h("dl", { class: "why-settings" }, ...settings)) : null,
      why.algorithm_version ? null : h("p", { class: "hint" }, t("What decided then was not kept; this is told from the figures alone.")));
  }

  /** @param {WhyRow} row */
  #row(row) {
    const limit = row.limit === null ? "" : t(row.comparison === "over" ? "over {limit}" : "under {limit}", { limit: withUnit(row.limit, row.unit) });
    return h("div", { class: "why-row" },
      h("span", {}, capital(row.words)), h("strong", {}, row.value === null ? t("unknown") : withUnit(row.value, row.unit)), h("span", { class: "hint" }, limit),
      row.note ? h("span", { class: "hint note" }, row.note) : null);
  }

  /** @param {WhySensor} sensor */
  #sensor(sensor) {
    const it = sensor.calibration;
    const parts = [t("{place}, {name}", { place: capital(placeWord(sensor.placement)), name: sensor.name })];
    if (sensor.decided) parts.push(t("decided"));
    if (sensor.received_hz !== null) parts.push(t("{n} samples a second", { n: number(sensor.received_hz) }));
    if (sensor.lost_share) parts.push(t("{share} lost", { share: percent(sensor.lost_share) }));
    parts.push(it === null ? t("not calibrated") : it.sigma_deg === null
      ? t("calibrated on {day}", { day: this.page.hours.day(seconds(it.made_at)) })
      : t("calibrated on {day}, good to {angle}", { day: this.page.hours.day(seconds(it.made_at)), angle: degrees(Math.max(1, Math.round(it.sigma_deg))) }));
    return parts.join(" · ");
  }

  /** @param {Chosen[]} others */
  #others(others) {
    return h("p", { class: "why-others" }, t("At the same time:"), ...others.map((it) => {
      const button = h("button", { type: "button", class: "quiet" }, this.#name(it));
      button.addEventListener("click", () => this.onChoose(it));
      return button;
    }));
  }
}

/** A duration to the second, as the headline has it. @param {number} s */
function exactly(s) {
  const rest = s % 60;
  return s > 60 && s < 3600 && rest ? `${duration(s)} ${rest} s` : duration(s);
}

/** @param {number} value @param {string} unit */
function withUnit(value, unit) {
  if (unit === "s") return exactly(Math.round(value));
  if (unit === "deg") return degrees(Math.round(value));
  if (unit === "" && value >= 0 && value <= 1) return percent(value);
  return `${figure(value, Math.abs(value) < 1 ? 2 : 0)} ${unit in UNITS ? t(UNITS[unit]) : unit}`.trim();
}

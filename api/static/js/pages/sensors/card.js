// @ts-check
/** One sensor: how it is now, how it is calibrated, what can be done with it; its past below. */

import { ApiError } from "../../api.js";
import { ask } from "../../ask.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { locale, t } from "../../languages.js";
import { linkReason, linkWord } from "../../links.js";
import { address } from "../../router.js";
import { batterySign, chargingWords, fact, lossText, signalSign } from "../../sensors.js";
import { doneWords } from "../../sensing/calibration.js";
import { placeName, placeOf } from "../../sensing/places.js";
import { nearness } from "../../sensing/signals.js";
import { duration, number } from "../../words.js";
import { mountPast } from "./past.js";

/** @typedef {import("../../types.js").Sensor} Sensor */
/** @typedef {import("../../picture.js").Picture} Picture */

/** Older than this the last sample is old, s: what flows comes at least every two. */
const FRESH_S = 5;

/** @param {Sensor} sensor @param {Picture} page @returns {string|null} */
function lastSample(sensor, page) {
  if (!sensor.last_sample_at) return null;
  const age = page.clock.now() - seconds(sensor.last_sample_at);
  return age < FRESH_S ? t("just now") : t("{time} ago", { time: duration(age) });
}

/** @param {Sensor} sensor @param {Picture} page */
function calibrated(sensor, page) {
  const it = sensor.calibration;
  if (!placeOf(sensor.placement)?.poses) return t("Nothing to calibrate at this place.");
  if (!it) return placeOf(sensor.placement)?.poses === 1 ? t("Not calibrated; it works without.") : t("Not calibrated: how far you lean is not known.");
  const day = new Intl.DateTimeFormat(locale(), { timeZone: page.wearer.timezone, dateStyle: "long" }).format(seconds(it.made_at) * 1000);
  const shifted = page.now?.quality.includes("reference_shifted") && page.now.placements.length === 1 && page.now.placements[0] === sensor.placement;
  const worth = shifted ? t("It does not fit any more: the sensor seems to have moved.") : doneWords(sensor);
  return `${t("Calibrated on {day}.", { day })} ${worth}`;
}

export class SensorCard {
  /** @param {Picture} page @param {Sensor} sensor @param {boolean} mayWrite */
  constructor(page, sensor, mayWrite) {
    this.page = page;
    this.sensor = sensor;
    this.name = h("h3", { tabindex: -1 });
    this.where = h("p", { class: "where" });
    this.link = h("p", { class: "link", "data-testid": "card-link" });
    this.why = h("p", { class: "why-link" });
    this.facts = h("dl", { class: "facts" });
    this.calibration = h("p", { "data-testid": "card-calibration" });
    this.device = h("p", { class: "hint" });
    this.answer = h("p", { class: "hint", role: "status", "data-testid": "card-answer" });
    const way = (/** @type {string} */ to, /** @type {string} */ testid, /** @type {string} */ text) =>
      h("a", { class: "action", href: address("sensors", sensor.id, to), "data-testid": testid }, text);
    this.calibrate = way("calibrate", "card-calibrate", "");
    this.shows = h("button", { type: "button", "data-testid": "card-identify" }, t("Let it blink or buzz"));
    const place = way("place", "card-place", t("Rename or move"));
    const unpair = h("button", { type: "button", "data-testid": "card-unpair" }, t("Unpair"));
    this.shows.addEventListener("click", () => void this.#identify());
    unpair.addEventListener("click", () => void this.#unpair());
    const past = h("details", { class: "past" }, h("summary", { "data-testid": "card-past" }, t("Battery and link over time, and what became of it")));
    /** @type {{leave: () => void}|null} */
    this.past = null;
    past.addEventListener("toggle", () => {
      if (past.open) this.past ??= mountPast(past, page, sensor);
    });
    this.element = h("article", { class: "sensor-card", "data-testid": "sensor-card", "data-sensor": sensor.id },
      h("div", { class: "head" }, this.name, ...(sensor.simulated ? [h("span", { class: "tag" }, t("simulated"))] : []), this.link),
      this.where, this.why, this.facts, this.calibration, this.device,
      ...(mayWrite ? [h("div", { class: "answers" }, this.calibrate, this.shows, place, unpair)] : []), this.answer, past);
    this.update(sensor);
  }

  leave() {
    this.past?.leave();
  }

  /** @param {Sensor} sensor */
  update(sensor) {
    this.sensor = sensor;
    const { page } = this;
    const streaming = sensor.state === "streaming";
    this.element.dataset.state = sensor.state;
    this.element.classList.toggle("off", !streaming);
    say(this.name, sensor.name);
    say(this.where, `${placeName(sensor.placement)} · ${sensor.driver_title}`);
    const since = sensor.state_since && !streaming ? ` · ${duration(Math.max(1, page.clock.now() - seconds(sensor.state_since)))}` : "";
    const state = page.up ? linkWord(sensor.state) + since : t("not known while the service is away");
    if (this.link.textContent !== state) this.link.replaceChildren(h("span", { class: "dot" }), state);
    const reason = linkReason(sensor);
    say(this.why, streaming ? "" : reason);
    show(this.why, !streaming && reason !== "");
    const battery = sensor.battery_percent;
    const rssi = sensor.rssi_dbm;
    this.facts.replaceChildren(
      fact(t("Battery"), battery === null ? null : `${Math.round(battery)} %${chargingWords(sensor)}`, battery === null ? null : batterySign(battery)),
      fact(t("Signal"), rssi === null ? null : `${nearness(rssi)}, ${number(rssi)} dBm`, rssi === null ? null : signalSign(rssi)),
      fact(t("Rate"), sensor.rate_hz === null ? null : `${Math.round(sensor.rate_hz)} Hz`),
      fact(t("Lost"), lossText(sensor)),
      fact(t("Last sample"), lastSample(sensor, page)));
    say(this.calibration, calibrated(sensor, page));
    say(this.calibrate, sensor.calibration ? t("Calibrate again") : t("Calibrate"));
    show(this.calibrate, (placeOf(sensor.placement)?.poses ?? 0) > 0);
    this.shows.disabled = !streaming;
    const device = [sensor.maker, sensor.model, sensor.firmware && t("firmware {version}", { version: sensor.firmware }), sensor.id].filter(Boolean);
    say(this.device, device.join(" · "));
  }

  async #identify() {
    try {
      await this.page.api.send("POST", `sensors/${encodeURIComponent(this.sensor.id)}/identify`, {});
      say(this.answer, t("It was asked to: look for its light, or feel for its buzz."));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.answer, error.status === 422 ? t("This kind can do neither.") : t("It did not answer."));
    }
  }

  async #unpair() {
    const { sensor, page } = this;
    const sure = await ask({
      title: t("Unpair {name}?", { name: sensor.name }),
      body: [
        h("p", {}, t("Sitwell reads it no longer, and says nothing more from what it measures.")),
        h("p", {}, t("What it measured stays. To wear it again, pair and calibrate it again.")),
      ],
      action: t("Unpair"),
    });
    if (!sure) return;
    try {
      await page.api.send("DELETE", `sensors/${encodeURIComponent(sensor.id)}`);
      page.sensors.delete(sensor.id);
      page.changed("sensors");
      document.getElementById("main")?.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.answer, error.message);
    }
  }
}

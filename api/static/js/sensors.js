// @ts-check
/** The sensors: where each is worn, its battery, link, signal, rate and loss. */

import { seconds } from "./clock.js";
import { byId, h, s, show } from "./dom.js";
import { plural, t } from "./languages.js";
import { linkReason, linkWord } from "./links.js";
import { capital, duration, number, placeWord } from "./words.js";

/** @typedef {import("./types.js").Sensor} Sensor */

/** Signal strengths, dBm, from which one more bar is drawn: common steps of radio displays. */
const BARS_DBM = [-95, -80, -70, -60];
const LOW_BATTERY_PERCENT = 15;

/** @param {number} percent */
export function batterySign(percent) {
  const level = s("rect", { class: "level", x: 4, y: 9, width: (Math.max(4, percent) / 100) * 13, height: 6, rx: 1 });
  return s(
    "svg",
    { class: percent <= LOW_BATTERY_PERCENT ? "sign low" : "sign", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" },
    s("path", { d: "M4.500 6.500h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-12a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM21.500 10.500v3" }),
    level,
  );
}

/** @param {number} dbm */
export function signalSign(dbm) {
  const bars = BARS_DBM.map((limit, i) =>
    s("path", { class: dbm >= limit ? "on" : "off", d: `M${5 + i * 4.5} 19v-${3 + i * 3.6}` }),
  );
  return s("svg", { class: "sign bars", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, ...bars);
}

/** @param {Sensor} sensor */
function lossText(sensor) {
  const sent = sensor.received + sensor.lost;
  if (!sent) return null;
  const share = (sensor.lost / sent) * 100;
  return share > 0 && share < 0.1 ? t("under {n} %", { n: number(0.1, 1) }) : `${number(share, 1)} %`;
}

/**
 * @param {string} name
 * @param {string|null} value null: the sensor does not say
 * @param {SVGSVGElement|null} sign
 */
function fact(name, value, sign = null) {
  const shown = value ?? t("unknown");
  return h("div", { class: value === null ? "fact unknown" : "fact" }, h("dt", {}, name), h("dd", {}, ...(sign ? [sign] : []), shown));
}

/**
 * @param {Sensor} sensor
 * @param {import("./picture.js").Picture} page
 */
function row(sensor, page) {
  const streaming = sensor.state === "streaming";
  const since = sensor.state_since && !streaming ? Math.max(1, page.clock.now() - seconds(sensor.state_since)) : null;
  const notes = [];
  if (!streaming && sensor.reason) notes.push(linkReason(sensor));
  if (sensor.bad_payloads) notes.push(plural(sensor.bad_payloads, "{n} unreadable packet.", "{n} unreadable packets."));
  if (sensor.reconnects) notes.push(plural(sensor.reconnects, "Connected again once.", "Connected again {n} times."));
  notes.push(calibrationNote(sensor, page));
  return h(
    "li",
    { class: streaming ? "sensor" : "sensor off", "data-testid": "sensor", "data-sensor": sensor.id, "data-state": sensor.state },
    h("h3", {}, capital(placeWord(sensor.placement))),
    h("p", { class: "link", "data-testid": "sensor-link" }, h("span", { class: "dot" }), since === null ? linkWord(sensor.state) : t("{link} for {duration}", { link: linkWord(sensor.state), duration: duration(since) })),
    h("p", { class: "device" }, sensor.driver_title + (sensor.simulated ? t(", simulated") : "")),
    h("dl", { class: "facts" },
      fact(t("Battery"), sensor.battery_percent === null ? null : `${number(sensor.battery_percent)} %`,
        sensor.battery_percent === null ? null : batterySign(sensor.battery_percent)),
      fact(t("Signal"), sensor.rssi_dbm === null ? null : `${number(sensor.rssi_dbm)} dBm`, sensor.rssi_dbm === null ? null : signalSign(sensor.rssi_dbm)),
      fact(t("Rate"), sensor.rate_hz === null ? null : `${number(sensor.rate_hz)} Hz`),
      fact(t("Lost"), lossText(sensor))),
    h("p", { class: "notes" }, notes.filter(Boolean).join(" ")),
  );
}

/**
 * @param {Sensor} sensor
 * @param {import("./picture.js").Picture} page
 */
function calibrationNote(sensor, page) {
  const it = sensor.calibration;
  if (it) return t("Upright set on {day}.", { day: page.hours.day(seconds(it.made_at)) });
  return sensor.placement === "thigh" ? "" : t("No upright set yet: sitwell calibrate.");
}

/** @param {import("./picture.js").Picture} page */
export function mountSensors(page) {
  const list = byId("sensor-list");
  const render = () => {
    const sensors = [...page.sensors.values()];
    list.replaceChildren(...sensors.map((sensor) => row(sensor, page)));
    show(byId("sensors"), sensors.length > 0);
  };
  page.on(["sensors"], render);
}

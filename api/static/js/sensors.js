// @ts-check
/** The figures of a sensor and their signs: battery, signal, loss. */

import { h, s } from "./dom.js";
import { t } from "./languages.js";
import { number } from "./words.js";

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

/** What to say behind its battery, where it says now that it charges. @param {Sensor} sensor */
export const chargingWords = (sensor) => sensor.charging === true && sensor.state === "streaming" ? `, ${t("charging")}` : "";

/** @param {number} dbm */
export function signalSign(dbm) {
  const bars = BARS_DBM.map((limit, i) =>
    s("path", { class: dbm >= limit ? "on" : "off", d: `M${5 + i * 4.5} 19v-${3 + i * 3.6}` }),
  );
  return s("svg", { class: "sign bars", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, ...bars);
}

/** @param {Sensor} sensor */
export function lossText(sensor) {
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
export function fact(name, value, sign = null) {
  const shown = value ?? t("unknown");
  return h("div", { class: value === null ? "fact unknown" : "fact" }, h("dt", {}, name), h("dd", {}, ...(sign ? [sign] : []), shown));
}

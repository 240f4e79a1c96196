// @ts-check
/** The sensors in one line on Now: where each is worn, its battery and link, and the way to all there is of them. */

import { seconds } from "./clock.js";
import { byId, h, show } from "./dom.js";
import { t } from "./languages.js";
import { linkReason, linkWord } from "./links.js";
import { PAGES, address } from "./router.js";
import { batterySign, chargingWords, signalSign } from "./sensors.js";
import { capital, duration, number, percent, placeWord } from "./words.js";

/** @typedef {import("./types.js").Sensor} Sensor */

/** @param {Sensor} sensor @param {import("./picture.js").Picture} page */
function item(sensor, page) {
  const streaming = sensor.state === "streaming";
  const battery = sensor.battery_percent === null ? null : h("span", { class: "figure-of" },
    batterySign(sensor.battery_percent), h("span", { class: "unseen" }, t("battery")), ` ${percent(sensor.battery_percent / 100)}${chargingWords(sensor)}`);
  const link = streaming
    ? h("span", { class: "figure-of", "data-testid": "sensor-link" },
      ...(sensor.rssi_dbm === null ? [linkWord(sensor.state)] : [signalSign(sensor.rssi_dbm), h("span", { class: "unseen" }, t("signal {dbm} dBm", { dbm: number(sensor.rssi_dbm) }))]))
    : h("span", { class: "figure-of", "data-testid": "sensor-link" }, h("span", { class: "dot" }), linkWord(sensor.state) + lasting(sensor, page));
  return h("li", { class: streaming ? "worn" : "worn off", "data-testid": "sensor", "data-sensor": sensor.id, "data-state": sensor.state },
    h("span", { class: "place" }, capital(placeWord(sensor.placement))), battery, link,
    sensor.simulated && !page.simulated ? h("span", { class: "tag" }, t("simulated")) : null,
    !streaming && sensor.reason ? h("span", { class: "reason" }, linkReason(sensor)) : null);
}

/** @param {Sensor} sensor @param {import("./picture.js").Picture} page */
function lasting(sensor, page) {
  return sensor.state_since ? ` ${duration(Math.max(1, page.clock.now() - seconds(sensor.state_since)))}` : "";
}

/** @param {import("./picture.js").Picture} page */
export function mountSensorLine(page) {
  const list = byId("sensor-list");
  const title = byId("sensors-title");
  if (PAGES.some((it) => it.name === "sensors")) {
    title.replaceChildren(h("a", { href: address("sensors"), "data-testid": "all-sensors" }, t("Sensors")));
  }
  let shown = "";
  page.on(["sensors"], () => {
    if (document.hidden) return;
    const sensors = [...page.sensors.values()];
    const key = JSON.stringify(sensors.map((it) => [it.id, it.state, it.reason, it.rssi_dbm, it.battery_percent && Math.round(it.battery_percent),
      it.placement, it.charging, it.state === "streaming" ? 0 : Math.floor(page.clock.now() / 10)]));
    show(byId("sensors"), sensors.length > 0);
    if (key === shown) return;
    shown = key;
    list.replaceChildren(...sensors.map((sensor) => item(sensor, page)));
  });
}

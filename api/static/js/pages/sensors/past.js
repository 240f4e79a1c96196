// @ts-check
/** What became of a sensor: battery and link over time as charts with their tables, where it was worn, how it was calibrated. */

import { ApiError } from "../../api.js";
import { ChartCard } from "../../chart.js";
import { axisOption, baseOption } from "../../chart-look.js";
import { seconds } from "../../clock.js";
import { h, s, show as showElement } from "../../dom.js";
import { hourForm, locale, t, texts } from "../../languages.js";
import { figure } from "../../words.js";
import { localDay } from "../../local-day.js";
import { placeName } from "../../sensing/places.js";

const DAY_S = 86400;
/** Days shown, by what the choice is called. @type {Record<string, string>} */
const RANGES = texts({ 1: "24 hours", 7: "7 days", 30: "30 days" });
const POINTS = 240;

/** @typedef {import("../../picture.js").Picture} Picture */
/** @typedef {{resolution_s: number, times: string[], battery_percent: (number|null)[], rssi_dbm: (number|null)[], rate_hz: (number|null)[], lost_share: (number|null)[], streaming_s: number[], observed_s: number[]}} Readings */

/** @param {HTMLElement} root @param {Picture} page @param {import("../../types.js").Sensor} sensor */
export function mountPast(root, page, sensor) {
  const path = `sensors/${encodeURIComponent(sensor.id)}`;
  const battery = new ChartCard(page, { name: "battery", title: t("Battery and connection"), height: 180 });
  const lost = new ChartCard(page, { name: "lost", title: t("Lost on the way"), height: 140 });
  const log = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("Where it was worn, and how it was calibrated"), "data-testid": "sensor-log" });
  let days = 1;
  const name = `past-${sensor.id}`;
  const choice = h("fieldset", { class: "spans" }, h("legend", { class: "unseen" }, t("Time shown")),
    ...Object.keys(RANGES).map((key) => {
      const radio = h("input", { type: "radio", name, value: key, checked: Number(key) === days });
      radio.addEventListener("change", () => {
        days = Number(key);
        void load();
      });
      return h("label", {}, radio, h("span", {}, t(RANGES[key])));
    }));
  battery.controls.append(choice);
  root.append(h("div", { class: "past-body" }, battery.root, lost.root, log));

  const load = async () => {
    battery.wait(t("Reading what it was like."));
    lost.wait(t("Reading what it was like."));
    const end = Math.ceil(page.clock.now() / 60) * 60;
    const start = end - days * DAY_S;
    try {
      const query = { start: new Date(start * 1000).toISOString(), end: new Date(end * 1000).toISOString(), points: POINTS };
      show(page, battery, lost, await page.api.get(`${path}/readings`, query), start, end);
    } catch (error) {
      battery.broken(error, () => void load());
      lost.broken(error, () => void load());
    }
  };
  void load();
  void showLog(log, page, path);
  return {
    leave: () => {
      battery.dispose();
      lost.dispose();
    },
  };
}

/** @param {Picture} page @param {ChartCard} battery @param {ChartCard} lost @param {Readings} it @param {number} start @param {number} end */
function show(page, battery, lost, it, start, end) {
  showElement(lost.root, it.times.length > 0);
  if (!it.times.length) {
    battery.empty(t("Nothing was read in this time. What is read now shows here after a minute."));
    return;
  }
  const day = new Intl.DateTimeFormat(locale(), { timeZone: page.wearer.timezone, day: "numeric", month: "short" });
  const exact = new Intl.DateTimeFormat(locale(), { timeZone: page.wearer.timezone, day: "numeric", month: "short", hour: hourForm(), minute: "2-digit" });
  const times = it.times.map(seconds);
  const said = times.map((time) => exact.format(time * 1000));
  const connected = it.streaming_s.map((s_, i) => (it.observed_s[i] ? (s_ / it.observed_s[i]) * 100 : null));
  const share = it.lost_share.map((value) => (value === null ? null : value * 100));
  const range = `${day.format(start * 1000)} – ${day.format(end * 1000)}`;
  const file = [start, end].map((time) => localDay(time, page.wearer.timezone)).join("-to-");
  const percent = (/** @type {number|null} */ value, digits = 0) => (value === null ? t("unknown") : `${figure(value, digits)} %`);
  const series = (/** @type {(number|null)[]} */ values) => gapped(times, values, it.resolution_s);
  const time = (/** @type {import("../../chart-look.js").Look} */ look) => axisOption(look, {
    type: "time", min: start * 1000, max: end * 1000,
    axisLabel: { formatter: (/** @type {number} */ value) => (end - start > DAY_S ? day.format(value) : page.hours.at(value / 1000)) },
  });
  const line = (/** @type {string} */ color, /** @type {string} */ type, /** @type {(number|null)[]} */ values) =>
    ({ type: "line", showSymbol: values.length < 5, symbolSize: 6, data: series(values), lineStyle: { color, width: 1.75, type }, itemStyle: { color } });
  const mean = average(connected);
  const last = it.battery_percent.findLast((value) => value !== null) ?? null;
  battery.show({
    sentence: t("Battery last {battery}. Connected {share} of the time it was looked for.", { battery: percent(last), share: percent(mean) }),
    range, file,
    table: {
      columns: [t("Time"), t("Battery, %"), t("Connected, %"), t("Signal, dBm"), t("Rate, Hz")],
      rows: times.map((_, i) => [said[i], rounded(it.battery_percent[i]), rounded(connected[i]), rounded(it.rssi_dbm[i]), rounded(it.rate_hz[i], 1)]),
    },
    legend: [{ sign: dash("axis x"), word: t("Battery") }, { sign: dash("axis y"), word: t("Connected") }],
    option: (look) => ({ ...baseOption(look), xAxis: time(look), yAxis: axisOption(look, { type: "value", min: 0, max: 100, interval: 50, axisLabel: { formatter: "{value} %" } }),
      series: [line(look.c.ink, "solid", it.battery_percent), line(look.c.accent, "dashed", connected)] }),
    reading: { at: times.map((value) => value * 1000), read: (i) => ({ heading: said[i], lines: [`${t("Battery")}: ${percent(it.battery_percent[i])}`, `${t("Connected")}: ${percent(connected[i])}`] }) },
  });
  const worst = Math.max(0, ...share.filter((value) => value !== null));
  lost.show({
    sentence: worst === 0 ? t("No sample was lost.") : t("At most {share} of the samples of a stretch were lost.", { share: percent(worst, 1) }),
    range, file,
    table: { columns: [t("Time"), t("Lost, %")], rows: times.map((_, i) => [said[i], rounded(share[i], 2)]) },
    option: (look) => ({ ...baseOption(look), xAxis: time(look), yAxis: axisOption(look, { type: "value", min: 0, max: Math.max(1, Math.ceil(worst)), splitNumber: 2, axisLabel: { formatter: "{value} %" } }),
      series: [line(look.c.ink, "solid", share)] }),
    reading: { at: times.map((value) => value * 1000), read: (i) => ({ heading: said[i], lines: [`${t("Lost")}: ${percent(share[i], 2)}`] }) },
  });
}

/** Lines are not drawn over times in which nothing was looked at. @param {number[]} times @param {(number|null)[]} values @param {number} step_s */
function gapped(times, values, step_s) {
  /** @type {[number, number|null][]} */
  const out = [];
  times.forEach((time, i) => {
    if (i && time - times[i - 1] > step_s * 1.5) out.push([(times[i - 1] + step_s) * 1000, null]);
    out.push([time * 1000, values[i]]);
  });
  return out;
}

/** @param {(number|null)[]} values */
function average(values) {
  const known = values.filter((it) => it !== null);
  return known.length ? known.reduce((sum, it) => sum + it, 0) / known.length : null;
}

/** @param {number|null} value @param {number} [digits] */
function rounded(value, digits = 0) {
  return value === null ? null : Number(value.toFixed(digits));
}

/** @param {string} name */
function dash(name) {
  return s("svg", { class: "trace-sign", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, s("path", { class: name, d: "M0 8H16" }));
}

/** @param {HTMLElement} root @param {Picture} page @param {string} path */
async function showLog(root, page, path) {
  const day = new Intl.DateTimeFormat(locale(), { timeZone: page.wearer.timezone, dateStyle: "medium", timeStyle: "short" });
  const at = (/** @type {string} */ text) => day.format(seconds(text) * 1000);
  try {
    const { assignments, calibrations } = await page.api.get(`${path}/history`);
    const rows = [
      ...assignments.map((/** @type {any} */ it) => [it.since, t("Worn: {place}", { place: placeName(it.placement) }), it.until ? t("until {time}", { time: at(it.until) }) : t("until now")]),
      ...calibrations.map((/** @type {any} */ it) => [it.made_at, it.slouch_deg === null ? t("Calibrated in one pose") : t("Calibrated in two poses"),
        [t("to about {n} deg", { n: Math.max(1, Math.round(it.sigma_deg ?? 1)) }), it.slouch_deg === null ? "" : t("slouch {n} deg", { n: Math.round(it.slouch_deg) }), it.in_force ? t("in force") : ""].filter(Boolean).join(", ")]),
    ].sort((a, b) => seconds(b[0]) - seconds(a[0]));
    root.replaceChildren(h("table", {}, h("caption", {}, t("Where it was worn, and how it was calibrated")),
      h("thead", {}, h("tr", {}, ...[t("Time"), t("What"), t("Details")].map((it) => h("th", { scope: "col" }, it)))),
      h("tbody", {}, ...rows.map(([time, what, more]) => h("tr", {}, h("th", { scope: "row" }, at(time)), h("td", {}, what), h("td", {}, more))))));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    root.replaceChildren(h("p", { class: "hint" }, error.message));
  }
}

// @ts-check
/** How long the trunk was how far forward, to a side and twisted; and held bends, side bends and twists over time. */

import { axisOption, baseOption, decalOf } from "../chart-look.js";
import { swatch, s } from "../dom.js";
import { t, texts } from "../languages.js";
import { daysBetween } from "../local-day.js";
import { capital, duration, figure, listed, number, percent } from "../words.js";
import { dayWords, monthPlus, spanWords, weekStart } from "./calendar.js";
import { daysOf } from "./past.js";

/** @typedef {import("./past.js").Past} Past */
/** @typedef {import("./calendar.js").Span} Span */

const BINS = /** @type {[string, number[]][]} */ ([["lean", [20, 30, 45, 60, 90]], ["side", [10, 20]], ["twist", [10, 20, 30]]]);
const AXES = texts({ lean: "forward", side: "to a side", twist: "twisted" });

/** @param {Past} past @param {Span} span @param {string} last @returns {import("../chart.js").Shown|null} */
export function exposure(past, span, last) {
  const days = daysOf(span.first, last);
  const rows = BINS.flatMap(([name, limits]) => {
    const known = past.sum(days, `${name}_known_s`);
    return limits.map((deg) => ({ name, deg, known, seconds: known ? past.sum(days, `${name}_ge_${deg}_s`) ?? 0 : null }));
  });
  const measured = rows.filter((it) => it.seconds !== null);
  if (!measured.length) return null;
  const told = BINS.map(([name]) => rows.find((it) => it.name === name)).filter((it) => it !== undefined).map((it) =>
    it.seconds === null || !it.known ? t("how far {axis} was not measured", { axis: t(AXES[it.name]) })
      : t("{share} of {known} at {deg} deg or more {axis}", { share: share(it.seconds, it.known), known: duration(it.known), deg: it.deg, axis: t(AXES[it.name]) }));
  const names = measured.map((it) => t("{deg} deg {axis}", { deg: it.deg, axis: t(AXES[it.name]) }));
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: t("Your trunk was, of the time in which it is known: {told}. Each bar is the time at or beyond an angle.", { told: listed(told) }),
    table: {
      columns: [t("At or beyond"), t("Time, min"), t("Known, h"), t("Share")],
      rows: rows.map((it) => [t("{deg} deg {axis}", { deg: it.deg, axis: t(AXES[it.name]) }), it.seconds === null ? null : Math.round(it.seconds / 60), it.known ? Math.round(it.known / 360) / 10 : null,
        it.seconds === null || !it.known ? null : { value: Math.round((it.seconds / it.known) * 10000) / 10000, text: share(it.seconds, it.known) }]),
    },
    option: (look) => ({
      ...baseOption(look),
      grid: { left: look.narrow ? 104 : 132, right: 64, top: 4, bottom: 24 },
      xAxis: axisOption(look, { type: "value", min: 0, splitNumber: look.narrow ? 2 : 5, axisLabel: { formatter: (/** @type {number} */ it) => `${figure(it * 100, 2)} %` } }),
      yAxis: axisOption(look, { type: "category", inverse: true, data: names }),
      series: [{
        type: "bar", animation: false, silent: true, barMaxWidth: 18,
        label: { show: true, position: "right", color: look.c.ink, fontFamily: look.font.fontFamily, formatter: (/** @type {{dataIndex: number}} */ it) => share(measured[it.dataIndex].seconds ?? 0, measured[it.dataIndex].known ?? 1) },
        data: measured.map((it) => ({ value: (it.seconds ?? 0) / (it.known || 1), itemStyle: barOf(it.name, look) })),
      }],
    }),
  };
}

/** @param {string} name @param {import("../chart-look.js").Look} look */
function barOf(name, look) {
  if (name === "lean") return { color: look.c.slouch };
  return { color: look.c.load, decal: decalOf(name === "side" ? "standing" : "moving", look) };
}

/** @param {number} seconds @param {number} known */
function share(seconds, known) {
  const it = seconds / known;
  return it > 0 && it < 0.001 ? t("under 0.1 %") : it < 0.1 ? `${figure(it * 100, 1)} %` : percent(it);
}

/** @typedef {{start: string, days: string[], words: string}} Bucket */

/** Days, weeks or months, so that there are some dozens. @param {Span} span @param {string} last @returns {Bucket[]} */
export function bucketsOf(span, last) {
  const length = daysBetween(span.first, last) + 1;
  /** @type {Bucket[]} */
  const out = [];
  for (const day of daysOf(span.first, last)) {
    const start = length <= 35 ? day : length <= 200 ? weekStart(day) : monthPlus(day, 0);
    const open = out[out.length - 1];
    if (open?.start === start) open.days.push(day);
    else out.push({ start, days: [day], words: "" });
  }
  for (const it of out) {
    const end = it.days[it.days.length - 1];
    it.words = length <= 35 ? dayWords(it.start, { weekday: "short", day: "numeric", month: "short" }) : length <= 200 ? spanWords(it.days[0], end) : dayWords(it.start, { month: "long", year: "numeric" });
  }
  return out;
}

/** Marks of an axis of such. @param {Bucket[]} buckets @param {Span} span @param {string} last */
export function bucketNames(buckets, span, last) {
  const length = daysBetween(span.first, last) + 1;
  return buckets.map((it) => dayWords(it.start, length <= 200 ? { day: "numeric", month: "short" } : { month: "short", ...(it.start.slice(5, 7) === "01" ? { year: "numeric" } : {}) }));
}

const LOADS = texts({ held_bend: "held bends", side_bend: "bends to the side", twist: "twists" });
const COUNTED = texts({ held_bend: "{n} held bends", side_bend: "{n} bends to the side", twist: "{n} twists" });
const ONE = texts({ held_bend: "1 held bend", side_bend: "1 bend to the side", twist: "1 twist" });
const PATTERNS = /** @type {Record<string, string>} */ ({ held_bend: "none", side_bend: "standing", twist: "moving" });

/** @param {Past} past @param {Span} span @param {string} last @returns {import("../chart.js").Shown|null} */
export function loads(past, span, last) {
  const buckets = bucketsOf(span, last);
  const rows = buckets.map(({ days }) => Object.keys(LOADS).map((kind) => {
    const known = days.filter((day) => past.get(day, `${kind}_s`) !== null).length;
    return known ? { s: past.sum(days, `${kind}_s`) ?? 0, n: past.sum(days, `${kind}s`) ?? 0 } : null;
  }));
  if (rows.every((row) => row.every((it) => it === null))) return null;
  const total = (/** @type {number} */ i) => rows.reduce((sum, row) => sum + (row[i]?.s ?? 0), 0);
  const count = (/** @type {number} */ i) => rows.reduce((sum, row) => sum + (row[i]?.n ?? 0), 0);
  const kinds = Object.keys(LOADS);
  const said = kinds.map((kind, i) => ({ kind, n: count(i), time: duration(total(i)) })).filter((it) => it.n)
    .map(({ kind, n, time }) => `${n === 1 ? t(ONE[kind]) : t(COUNTED[kind], { n: number(n) })} (${time})`);
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: said.length ? t("There were {said}. What no sensor that was worn could measure is not among them.", { said: listed(said) }) : t("Nothing was held or twisted for long in this time, as far as it was measured."),
    table: { columns: [t("Time"), ...kinds.flatMap((kind) => [`${capital(t(LOADS[kind]))}, n`, `${capital(t(LOADS[kind]))}, min`])], rows: buckets.map((it, i) => [it.words, ...rows[i].flatMap((cell) => (cell ? [cell.n, Math.round(cell.s / 6) / 10] : [null, null]))]) },
    legend: kinds.map((kind) => ({ sign: loadSign(kind), word: capital(t(LOADS[kind])) })),
    reading: { at: buckets.map((_, i) => i), read: (i) => ({ heading: buckets[i].words, lines: kinds.map((kind, k) => `${capital(t(LOADS[kind]))}: ${rows[i][k] === null ? t("unknown") : `${rows[i][k]?.n}, ${duration(rows[i][k]?.s ?? 0)}`}`) }) },
    option: (look) => ({
      ...baseOption(look),
      grid: { ...baseOption(look).grid, top: 28 },
      xAxis: axisOption(look, { type: "category", data: bucketNames(buckets, span, last) }),
      yAxis: axisOption(look, { type: "value", min: 0, splitNumber: 4, name: t("min"), nameTextStyle: { ...look.font, align: "right" }, nameGap: 12 }),
      series: kinds.map((kind, k) => ({
        type: "bar", stack: "loads", animation: false, silent: true, barMaxWidth: 28,
        itemStyle: { color: kind === "held_bend" ? look.c.slouch : look.c.load, decal: decalOf(PATTERNS[kind], look) },
        data: rows.map((row) => (row[k] ? row[k].s / 60 : null)),
      })),
    }),
  };
}

/** @param {string} kind */
function loadSign(kind) {
  const sign = swatch(PATTERNS[kind] === "none" ? "sitting" : PATTERNS[kind]);
  sign.replaceChildren(s("rect", { class: kind === "held_bend" ? "slouch-mark" : "load-mark", x: 1, y: 1, width: 14, height: 14, rx: 3 }),
    ...(kind === "side_bend" ? [s("path", { class: "ink-dots", d: "M5 5h.1M11 5h.1M5 11h.1M11 11h.1" })] : []), ...(kind === "twist" ? [s("path", { class: "ink-stripes", d: "M2 14L14 2M2 8L8 2M8 14L14 8" })] : []));
  return sign;
}

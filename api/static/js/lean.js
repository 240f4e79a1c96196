// @ts-check
/** The lean of a day as a line with its range, as Apache ECharts draws it on the strip's own time axis. */

import { axisOption, baseOption } from "./chart-look.js";
import { mainState } from "./series.js";
import { number } from "./words.js";

/** Postures in which lean is a matter of posture; the lean of someone who lies or walks is another thing. */
const UPRIGHT = new Set(["sitting", "standing", "unknown"]);
/** The chart shows at least this much and never more than the second pair, deg. */
const LEAST_DEG = [-5, 15];
const MOST_DEG = [-30, 60];

/**
 * Rows of [time, mean, least, range]; a row of nulls wherever data are missing.
 * @param {import("./series.js").Bucket[]} buckets
 */
function rows(buckets) {
  /** @type {(number|null)[][]} */
  const out = [];
  let end = -Infinity;
  for (const it of buckets) {
    const shown = it.lean_deg !== null && UPRIGHT.has(mainState(it));
    if (it.start > end + 1 || !shown) out.push([it.start, null, null, null]);
    const low = it.lean_min_deg ?? it.lean_deg;
    const high = it.lean_max_deg ?? it.lean_deg;
    if (shown && low !== null && high !== null) out.push([it.start + it.length_s / 2, it.lean_deg, low, high - low]);
    end = it.start + it.length_s;
  }
  return out;
}

/** @param {(number|null)[][]} data @param {number|null} entry_deg */
function limits(data, entry_deg) {
  let [low, high] = LEAST_DEG;
  for (const [, mean] of data) {
    if (mean === null) continue;
    low = Math.min(low, mean - 3);
    high = Math.max(high, mean + 3);
  }
  if (entry_deg !== null) high = Math.max(high, entry_deg + 4);
  return [Math.max(MOST_DEG[0], Math.floor(low / 5) * 5), Math.min(MOST_DEG[1], Math.ceil(high / 5) * 5)];
}

/**
 * @param {import("./chart-look.js").Look} look
 * @param {import("./axis.js").TimeAxis} axis
 * @param {import("./series.js").Bucket[]} buckets
 * @param {number|null} entry_deg the wearer's slouch entry
 * @param {{midnight: number, label: (time: number) => string}} time
 */
export function leanOption(look, axis, buckets, entry_deg, time) {
  const { c } = look;
  const data = rows(buckets);
  const [min, max] = limits(data, entry_deg);
  const marks = axis.marks(time.midnight);
  const step = max - min > 40 ? 20 : 10;
  const ticks = [];
  for (let deg = Math.ceil(min / step) * step; deg <= max; deg += step) ticks.push(deg);
  const markLines = [{ yAxis: 0, lineStyle: { color: c.muted, type: "solid", width: 1 } }];
  if (entry_deg !== null) markLines.push({ yAxis: entry_deg, lineStyle: { color: c.slouch, type: "dashed", width: 1.5 } });
  const base = { type: "line", symbol: "none", silent: true, connectNulls: false, animation: false };
  return {
    ...baseOption(look),
    grid: { left: axis.left, right: axis.right, top: 10, bottom: 24 },
    xAxis: axisOption(look, {
      type: "value", min: axis.start, max: axis.end, lines: false,
      axisTick: { show: true, customValues: marks, lineStyle: { color: c.line } },
      axisLabel: { customValues: marks, formatter: time.label, showMinLabel: true, showMaxLabel: true },
    }),
    yAxis: axisOption(look, { type: "value", min, max, lines: false, axisLabel: { customValues: ticks, formatter: (/** @type {number} */ deg) => number(deg) } }),
    series: [
      { ...base, stack: "range", stackStrategy: "all", lineStyle: { opacity: 0 }, data: data.map((row) => [row[0], row[2]]) },
      { ...base, stack: "range", stackStrategy: "all", lineStyle: { opacity: 0 }, areaStyle: { color: c.band, opacity: 1 }, data: data.map((row) => [row[0], row[3]]) },
      {
        ...base,
        lineStyle: { color: c.ink, width: 1.5 },
        data: data.map((row) => [row[0], row[1]]),
        markLine: { symbol: "none", silent: true, animation: false, label: { show: false }, data: markLines },
      },
    ],
  };
}

/**
 * Seconds of the buckets in which the mean lean is beyond a limit, and the mean lean of all, seated or upright.
 * @param {import("./series.js").Bucket[]} buckets
 * @param {number|null} entry_deg
 * @returns {{mean_deg: number|null, beyond_s: number}}
 */
export function leanSums(buckets, entry_deg) {
  let [sum, weight, beyond_s] = [0, 0, 0];
  for (const it of buckets) {
    if (it.lean_deg === null || !UPRIGHT.has(mainState(it))) continue;
    sum += it.lean_deg * it.length_s;
    weight += it.length_s;
    if (entry_deg !== null && it.lean_deg > entry_deg) beyond_s += it.length_s;
  }
  return { mean_deg: weight ? sum / weight : null, beyond_s };
}

// @ts-check
/** Less than three days, down to a minute: states and lean at the finest resolution that there is. */

import { TimeAxis } from "../axis.js";
import { s, swatch } from "../dom.js";
import { t } from "../languages.js";
import { leanSums } from "../lean.js";
import { clockOf, localDay } from "../local-day.js";
import { BucketSeries, mainState, stateRuns } from "../series.js";
import { STATES, Hours, degrees, duration, listed, stateInSentence, stateWord } from "../words.js";
import { shortDay } from "./calendar.js";

const [LEFT, RIGHT, STRIP, LEAN, FOOT] = [40, 14, 34, 150, 24];

/**
 * @param {import("../api.js").Api} api
 * @param {import("../types.js").Wearer} wearer
 * @param {number} start Unix s
 * @param {number} end Unix s
 * @returns {Promise<BucketSeries>}
 */
export async function askFine(api, wearer, start, end) {
  const buckets = new BucketSeries();
  buckets.merge(await api.get(`wearers/${encodeURIComponent(wearer.id)}/series`, {
    start: new Date(start * 1000).toISOString(), end: new Date(end * 1000).toISOString(), points: 900,
  }));
  return buckets;
}

/**
 * @param {BucketSeries} buckets
 * @param {import("./calendar.js").Span} span
 * @param {number} start Unix s
 * @param {number} end Unix s
 * @param {import("../types.js").Wearer} wearer
 * @param {number} now Unix s
 * @returns {import("../chart.js").Shown}
 */
export function fine(buckets, span, start, end, wearer, now) {
  const hours = new Hours(wearer.timezone);
  const all = buckets.between(start, end);
  const at = (/** @type {number} */ time) => (buckets.resolution_s < 60 ? hours.exactly(time) : hours.at(time));
  const when = (/** @type {number} */ time) => (end - start > 86_400 ? `${shortDay(localDay(time, wearer.timezone))}, ${at(time)}` : at(time));
  const lasted = STATES.map((state) => ({ state, s: all.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0) })).filter((it) => it.s >= 1);
  const { mean_deg } = leanSums(all, null);
  const parts = lasted.length ? listed(lasted.map((it) => `${duration(it.s)} ${stateInSentence(it.state)}`)) : t("no data");
  return {
    range: `${shortDay(span.first)}, ${hours.at(start)} – ${shortDay(localDay(end, wearer.timezone))}, ${hours.at(end)}`,
    file: `${localDay(start, wearer.timezone)}-${clockOf(start, wearer.timezone).replace(":", "")}-to-${localDay(end, wearer.timezone)}-${clockOf(end, wearer.timezone).replace(":", "")}`,
    sentence: [
      t("In this time: {parts}.", { parts }),
      mean_deg === null ? t("Lean is not known for this time.") : t("The line is your lean, the band around it its range; it averages {deg}.", { deg: degrees(mean_deg) }),
      t("A step of it is {step}.", { step: duration(buckets.resolution_s) }),
    ].join(" "),
    table: {
      columns: [t("From"), ...STATES.map((it) => `${stateWord(it)}, s`), t("Lean, deg"), t("Least"), t("Most")],
      rows: all.map((it) => [
        { value: new Date(it.start * 1000).toISOString(), text: when(it.start) }, ...STATES.map((state) => it.in_state[state] ?? 0),
        round(it.lean_deg), round(it.lean_min_deg), round(it.lean_max_deg),
      ]),
    },
    legend: lasted.map(({ state }) => ({ sign: swatch(state), word: stateWord(state) })),
    svg: (look) => draw(buckets, start, end, look, now, at),
    reading: (look) => {
      const axis = new TimeAxis(start, end, look.width, LEFT, RIGHT);
      return {
        at: all.map((it) => axis.x(it.start + it.length_s / 2)),
        read: (i) => ({ heading: when(all[i].start), lines: [stateWord(mainState(all[i])), all[i].lean_deg === null ? t("Lean unknown") : t("Lean {deg}", { deg: degrees(all[i].lean_deg ?? 0) })] }),
      };
    },
  };
}

/** @param {number|null} value */
function round(value) {
  return value === null ? null : Math.round(value * 10) / 10;
}

/**
 * @param {BucketSeries} buckets
 * @param {number} start
 * @param {number} end
 * @param {import("../chart-look.js").Look} look
 * @param {number} now
 * @param {(time: number) => string} at
 */
function draw(buckets, start, end, look, now, at) {
  const axis = new TimeAxis(start, end, look.width, LEFT, RIGHT);
  const height = STRIP + 12 + LEAN + FOOT;
  const svg = s("svg", { width: look.width, height, viewBox: `0 0 ${look.width} ${height}` });
  const until = Math.min(end, now);
  for (const run of until > start ? stateRuns(buckets, start, until, axis.pixel_s) : []) {
    svg.append(s("rect", { class: `fill-${run.state}`, x: axis.x(run.start).toFixed(2), y: 0, width: Math.max(0.5, axis.x(run.end) - axis.x(run.start)).toFixed(2), height: STRIP }));
  }
  const all = buckets.between(start, end).filter((it) => it.lean_deg !== null && !["lying", "not_worn"].includes(mainState(it)));
  const low = Math.min(-5, ...all.map((it) => Math.max(-30, it.lean_min_deg ?? 0)));
  const high = Math.max(20, ...all.map((it) => Math.min(90, it.lean_max_deg ?? 0)));
  const y = (/** @type {number} */ deg) => STRIP + 12 + ((high - Math.max(low, Math.min(high, deg))) / (high - low)) * LEAN;
  for (let deg = Math.ceil(low / 10) * 10; deg <= high; deg += high - low > 60 ? 20 : 10) {
    svg.append(s("path", { class: deg ? "hour" : "zero", d: `M${LEFT} ${y(deg)}H${look.width - RIGHT}` }), words(LEFT - 8, y(deg) + 4, `${deg}`, "axis end"));
  }
  for (const run of joined(all)) {
    const x = (/** @type {import("../series.js").Bucket} */ it) => Math.min(look.width - RIGHT, Math.max(LEFT, axis.x(it.start + it.length_s / 2))).toFixed(1);
    const top = run.map((it) => `${x(it)} ${y(it.lean_max_deg ?? it.lean_deg ?? 0).toFixed(1)}`);
    const bottom = run.map((it) => `${x(it)} ${y(it.lean_min_deg ?? it.lean_deg ?? 0).toFixed(1)}`).reverse();
    svg.append(s("path", { class: "usual", d: `M${[...top, ...bottom].join("L")}Z` }), s("path", { class: "lean-line", d: `M${run.map((it) => `${x(it)} ${y(it.lean_deg ?? 0).toFixed(1)}`).join("L")}` }));
  }
  for (const time of axis.marks(start - (start % 3600))) svg.append(words(axis.x(time), height - 4, at(time), axis.x(time) > look.width - 26 ? "axis end" : "axis middle"));
  return svg;
}

/** Runs of buckets that follow each other. @param {import("../series.js").Bucket[]} all */
function joined(all) {
  /** @type {import("../series.js").Bucket[][]} */
  const out = [];
  for (const it of all) {
    const last = out[out.length - 1]?.at(-1);
    if (last && it.start <= last.start + last.length_s + 1) out[out.length - 1].push(it);
    else out.push([it]);
  }
  return out;
}

/** @param {number} x @param {number} y @param {string} text @param {string} name */
function words(x, y, text, name) {
  const it = s("text", { class: name, x, y });
  it.textContent = text;
  return it;
}

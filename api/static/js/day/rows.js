// @ts-check
/** What each row of a day shows, in figures and in words: strip, lean, hours, changes of posture, loads. */

import { seconds } from "../clock.js";
import { s, swatch } from "../dom.js";
import { plural, t } from "../languages.js";
import { legendOf, markSign } from "../legend.js";
import { leanOption, leanSums } from "../lean.js";
import { AIM_PER_H } from "../shifts.js";
import { LOADS, drawStrip, stripRows } from "../strip.js";
import { STATES, degrees, duration, episodeWord, listed, number, outcomeWord, stateInSentence, stateWord } from "../words.js";
import { drawHours, drawLoads, drawShifts, hoursOf } from "./drawings.js";

/** @typedef {import("../chart.js").Shown} Shown */
/** @typedef {import("./data.js").DayData} DayData */
/** @typedef {import("./window.js").DayWindow} DayWindow */

/** @param {number} value s */
const minutes = (value) => ({ value: Math.round(value / 6) / 10, text: value > 0 && value < 30 ? "<1" : number(value / 60) });

/** @param {DayData} data @param {DayWindow} shown */
function times(data, shown) {
  const at = (/** @type {number} */ time) => data.page.hours.at(time);
  const until = Math.min(shown.end, data.until);
  const range = shown.whole ? data.page.hours.day(data.start + 3 * 3600)
    : t("{day}, {start} to {end}", { day: data.page.hours.day(data.start + 3 * 3600), start: at(shown.start), end: at(shown.end) });
  return { at, until, range, file: data.name, time: { midnight: data.start, label: at } };
}

/** @param {DayData} data @param {DayWindow} shown @returns {Shown} */
export function stripShown(data, shown) {
  const { at, until, range, file, time } = times(data, shown);
  const series = data.seriesOf(shown.start, shown.end);
  const buckets = series.between(shown.start, until);
  const parts = STATES.map((state) => ({ state, lasted: buckets.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0) })).filter((it) => it.lasted >= 60);
  const missing = Math.max(0, until - shown.start - buckets.reduce((sum, it) => sum + Object.values(it.in_state).reduce((a, b) => a + b, 0), 0));
  const said = parts.map(({ state, lasted }) => `${duration(lasted)} ${stateInSentence(state)}`);
  if (missing >= 60 && said.length) said.push(t("{duration} without data", { duration: duration(missing) }));
  const draw = (/** @type {number} */ width) => {
    const svg = s("svg", { "aria-hidden": "true", "data-testid": "day-strip" });
    drawStrip(svg, shown.axis(width), series, data.episodes, data.alerts, data.until, time);
    return svg;
  };
  const events = data.episodes.filter((it) => stripRows(it.kind) !== null || it.kind === "sitting" || it.kind === "not_worn")
    .map((it) => ({ start: it.start, end: it.end, what: episodeWord(it.kind), outcome: "" }));
  const told = data.alerts.map((it) => ({ start: it.opened_at, end: it.closed_at, what: it.message, outcome: outcomeWord(it.kind, it.open ? null : it.outcome) }));
  const rows = [...events, ...told].sort((a, b) => seconds(a.start) - seconds(b.start));
  return {
    sentence: shown.whole && until === data.end
      ? t("In all: {states}.", { states: listed(said) || t("no data") })
      : t("From {start} to {end}: {states}.", { start: at(shown.start), end: at(until), states: listed(said) || t("no data") }),
    range,
    file,
    table: {
      columns: [t("Start"), t("End"), t("What"), t("What came of it")],
      rows: rows.map((it) => [{ value: it.start, text: at(seconds(it.start)) }, it.end === null ? { value: null, text: t("goes on") } : { value: it.end, text: at(seconds(it.end)) }, it.what, it.outcome]),
      caption: t("What lasted, and alerts"),
    },
    svg: (look) => draw(look.width),
    legend: legendOf(draw(600)),
    grid: true,
  };
}

/** @param {DayData} data @param {DayWindow} shown @returns {Shown} */
export function leanShown(data, shown) {
  const { until, range, file, time, at } = times(data, shown);
  const entry = data.entry_deg;
  const buckets = data.seriesOf(shown.start, shown.end).between(shown.start, shown.end);
  const { mean_deg, beyond_s } = leanSums(buckets, entry);
  const sentence = mean_deg === null
    ? t("Lean is not known for this time.")
    : entry === null
      ? t("The line is your lean and the band around it its range; it averages {mean}.", { mean: degrees(Math.round(mean_deg)) })
      : t("The line is your lean and the band around it its range; it averages {mean}, and {beyond} lie beyond your limit of {limit} (dashed).", {
        mean: degrees(Math.round(mean_deg)), beyond: duration(beyond_s), limit: degrees(Math.round(entry)) });
  const quarter = [];
  for (let from = Math.floor(shown.start / 900) * 900; from < until; from += 900) {
    const some = data.minutes.between(from, from + 900);
    const { mean_deg: mean } = leanSums(some, null);
    const known = some.filter((it) => it.lean_deg !== null);
    if (!some.length) continue;
    const ends = (/** @type {"lean_min_deg"|"lean_max_deg"} */ name, /** @type {(...values: number[]) => number} */ pick) =>
      (known.length ? Math.round(pick(...known.map((it) => it[name] ?? /** @type {number} */ (it.lean_deg)))) : null);
    quarter.push([{ value: new Date(from * 1000).toISOString(), text: at(from) }, mean === null ? null : Math.round(mean), ends("lean_min_deg", Math.min), ends("lean_max_deg", Math.max)]);
  }
  return {
    sentence,
    range,
    file,
    table: { columns: [t("From"), t("Lean while upright, deg"), t("Least, deg"), t("Most, deg")], rows: quarter, caption: t("Lean by quarters of an hour") },
    option: (look) => leanOption(look, shown.axis(look.width), buckets, entry, time),
  };
}

/** @param {DayData} data @param {DayWindow} shown @returns {Shown} */
export function hoursShown(data, shown) {
  const { range, file, time, at } = times(data, shown);
  const hours = hoursOf(data);
  const most = hours.filter((it) => it.in_state.sitting > 0).sort((a, b) => b.in_state.sitting - a.in_state.sitting)[0];
  const states = [...STATES, "nodata"].filter((state) => hours.some((it) => it.in_state[state] > 0));
  return {
    sentence: most
      ? t("Each bar is an hour. The most you sat in one is {duration}, from {time} on.", { duration: duration(most.in_state.sitting), time: at(most.start) })
      : t("Each bar is an hour. You did not sit in any."),
    range,
    file,
    table: {
      columns: [t("Hour"), ...[...STATES, "nodata"].map((it) => t("{state}, min", { state: stateWord(it) }))],
      rows: hours.map((it) => [{ value: new Date(it.start * 1000).toISOString(), text: at(it.start) }, ...[...STATES, "nodata"].map((state) => minutes(it.in_state[state]))]),
      caption: t("Minutes in each state, by the hour"),
    },
    svg: (look) => drawHours(shown.axis(look.width), hours, time),
    legend: states.map((state) => ({ sign: swatch(state), word: stateWord(state) })),
    grid: true,
  };
}

/** @param {DayData} data @param {DayWindow} shown @returns {Shown} */
export function shiftsShown(data, shown) {
  const { range, file, time, at } = times(data, shown);
  const hours = hoursOf(data);
  const known = hours.filter((it) => it.shifts.per_h !== null);
  const within = known.filter((it) => /** @type {number} */ (it.shifts.per_h) >= AIM_PER_H[0]).length;
  const count = hours.reduce((sum, it) => sum + it.shifts.count, 0);
  const measured_s = hours.reduce((sum, it) => sum + it.shifts.measured_s, 0);
  const [low, high] = AIM_PER_H;
  const sentence = known.length === 0
    ? t("Changes of posture are told of hours with at least 10 min of sitting in which your lean is known; there is none yet.")
    : plural(count, "{n} change of posture in {sat} of sitting, {rate} an hour. The band is {low} to {high}, reached in {within} of {hours} hours.",
      "{n} changes of posture in {sat} of sitting, {rate} an hour. The band is {low} to {high}, reached in {within} of {hours} hours.",
      { sat: duration(measured_s), rate: number((count * 3600) / measured_s), low, high, within, hours: known.length });
  return {
    sentence,
    range,
    file,
    table: {
      columns: [t("Hour"), t("Changes of posture"), t("Sitting with known lean, min"), t("An hour of sitting")],
      rows: hours.map((it) => [{ value: new Date(it.start * 1000).toISOString(), text: at(it.start) }, it.shifts.count, minutes(it.shifts.measured_s),
        it.shifts.per_h === null ? null : Math.round(it.shifts.per_h)]),
      caption: t("Changes of posture, by the hour"),
    },
    svg: (look) => drawShifts(shown.axis(look.width), hours, time),
    grid: true,
  };
}

/** @param {DayData} data @param {DayWindow} shown @returns {Shown} */
export function loadsShown(data, shown) {
  const { range, file, time, at } = times(data, shown);
  const loads = data.episodes.filter((it) => LOADS.includes(it.kind));
  const twistKnown = data.minutes.all().some((it) => it.twist_deg !== null);
  const parts = LOADS.map((kind) => loads.filter((it) => it.kind === kind)).filter((some) => some.length > 0)
    .map((some) => t("{what}: {n}, {duration} in all", { what: episodeWord(some[0].kind), n: some.length, duration: duration(some.reduce((sum, it) => sum + it.duration_s, 0)) }));
  const twists = twistKnown ? "" : t("Twists cannot be measured with what was worn.");
  return {
    sentence: [parts.length ? `${parts.join(" · ")}.` : t("No bends beyond the limits."), twists].filter(Boolean).join(" "),
    range,
    file,
    table: {
      columns: [t("Start"), t("What"), t("Lasted, s"), t("Furthest, deg"), t("Mean, deg")],
      rows: loads.map((it) => [{ value: it.start, text: at(seconds(it.start)) }, episodeWord(it.kind), it.duration_s,
        it.peak === null ? null : Math.round(it.peak), it.mean === null ? null : Math.round(it.mean)]),
      caption: t("Bends and twists"),
    },
    svg: (look) => drawLoads(shown.axis(look.width), loads, twistKnown ? LOADS : LOADS.filter((it) => it !== "twist"), data.until, time),
    legend: loads.length ? [{ sign: markSign("load"), word: t("Bent or twisted") }] : [],
    grid: true,
  };
}

// @ts-check
/** Day after day: each day, its means of 7 and 28 days, and the band of the wearer's usual. */

import { axisOption, baseOption } from "../chart-look.js";
import { s } from "../dom.js";
import { t } from "../languages.js";
import { dayOf, numberOf, plus } from "../local-day.js";
import { goTo } from "../router.js";
import { figure } from "../words.js";
import { dayWords, wholeDay } from "./calendar.js";
import { dayCount } from "./measures.js";
import { BEFORE_DAYS, daysOf, mean, rollingMean, usual } from "./past.js";

/** @typedef {import("./past.js").Past} Past */
/** @typedef {import("./measures.js").Measure} Measure */

/** Beyond so many days single ones are no more to be told apart, and are left to the means. */
const MOST_DOTS = 400;

/**
 * What the trend's card shows.
 * @param {Past} past with 118 days before
 * @param {import("./calendar.js").Span} span
 * @param {string} last the last day that can be there
 * @param {Measure} measure
 * @returns {import("../chart.js").Shown}
 */
export function trend(past, span, last, measure) {
  const days = daysOf(span.first, last);
  const raw = (/** @type {string} */ day) => past.get(day, measure.column);
  const sound = past.sound(raw);
  const values = days.map(sound);
  const seven = rollingMean(days, sound, 7);
  const twenty = rollingMean(days, sound, 28);
  const band = usual(days, sound);
  const scaled = (/** @type {number|null} */ it) => (it === null ? null : it / measure.scale);
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: sentence(values, seven, band, measure),
    table: {
      columns: [t("Day"), `${measure.title}, ${measure.unit}`, t("Mean of 7 days"), t("Mean of 28 days"), t("Usual from"), t("Usual to"), t("Known, h")],
      rows: days.map((day, i) => [
        day, cell(raw(day), measure), cell(seven[i], measure), cell(twenty[i], measure), cell(band[i]?.[0] ?? null, measure), cell(band[i]?.[1] ?? null, measure),
        Math.round(past.known_s(day) / 360) / 10,
      ]),
    },
    legend: legend(days.length, band),
    reading: {
      at: days.map(numberOf),
      read: (i) => ({ heading: wholeDay(days[i]), lines: told(past, days[i], seven[i], twenty[i], band[i], measure) }),
      choose: (i) => goTo("day", days[i]),
    },
    option: (look) => {
      const base = { type: "line", symbol: "none", silent: true, connectNulls: false, animation: false };
      const at = (/** @type {(number|null)[]} */ list) => days.map((day, i) => [numberOf(day), scaled(list[i])]);
      const lower = band.map((it) => (it ? it[0] : null));
      const upper = band.map((it) => (it ? it[1] - it[0] : null));
      const dots = days.length <= MOST_DOTS ? [
        { type: "scatter", silent: true, symbolSize: days.length > 120 ? 3 : 5, itemStyle: { color: look.c.muted }, data: at(values), animation: false },
        { type: "scatter", silent: true, symbolSize: 5, itemStyle: { color: "transparent", borderColor: look.c.control, borderWidth: 1 }, animation: false,
          data: days.map((day, i) => [numberOf(day), values[i] === null ? scaled(raw(day)) : null]) },
      ] : [];
      return {
        ...baseOption(look),
        xAxis: axisOption(look, dayAxis(days[0], days[days.length - 1], look.width)),
        yAxis: axisOption(look, { type: "value", min: 0, splitNumber: 4, name: measure.unit, nameTextStyle: { ...look.font, align: "right" }, nameGap: 12, axisLabel: { formatter: (/** @type {number} */ it) => figure(it, 1) } }),
        grid: { ...baseOption(look).grid, top: 28 },
        series: [
          { ...base, stack: "usual", lineStyle: { opacity: 0 }, data: at(lower) },
          { ...base, stack: "usual", lineStyle: { opacity: 0 }, areaStyle: { color: look.c.band, opacity: 1 }, data: at(upper) },
          ...dots,
          { ...base, lineStyle: { color: look.c.ink, width: 1.5, type: [7, 4] }, data: at(twenty) },
          { ...base, lineStyle: { color: look.c.accent, width: 2.5 }, data: at(seven) },
        ],
      };
    },
  };
}

/** An axis of days, by their numbers. @param {string} first @param {string} last @param {number} width px */
export function dayAxis(first, last, width) {
  const [from, to] = [numberOf(first), numberOf(last)];
  const length = to - from + 1;
  const most = Math.max(2, Math.floor(width / 84));
  const marks = [];
  if (length / most > 14) {
    const months = Math.ceil(length / 30.4 / most);
    const step = [1, 2, 3, 6, 12].find((it) => it >= months) ?? 12;
    for (let day = from; day <= to; day++) {
      const name = dayOf(day);
      if (name.endsWith("-01") && (Number(name.slice(5, 7)) - 1) % step === 0) marks.push(day);
    }
  } else {
    const step = Math.max(1, Math.ceil(length / most));
    for (let day = from; day <= to; day += step > 3 && step < 7 ? 7 : step) marks.push(day);
  }
  const months = length / most > 14;
  const label = (/** @type {number} */ it) => dayWords(dayOf(it), months ? { month: "short", ...(dayOf(it).slice(5, 7) === "01" ? { year: "numeric" } : {}) } : { day: "numeric", month: "short" });
  return {
    type: "value", lines: false, min: from - 0.5, max: to + 0.5, splitLine: { show: false }, axisLine: { show: true },
    axisTick: { show: true, customValues: marks }, axisLabel: { customValues: marks, formatter: label, showMinLabel: true, showMaxLabel: true },
  };
}

/** @param {number|null} value @param {Measure} measure */
export function cell(value, measure) {
  return value === null ? null : { value: Math.round((value / measure.scale) * 100) / 100, text: measure.say(value) };
}

/** What a day has, and why it does not count where it does not. @param {Past} past @param {string} day @param {Measure} measure */
export function sayDay(past, day, measure) {
  const value = past.get(day, measure.column);
  if (value === null) return t("No data");
  const said = measure.say(value);
  if (past.enough(day)) return said;
  return day < past.today ? t("{value}, of less than 4 h that are known", { value: said }) : t("{value} so far", { value: said });
}

/**
 * @param {Past} past
 * @param {string} day
 * @param {number|null} seven
 * @param {number|null} twenty
 * @param {[number, number]|null} band
 * @param {Measure} measure
 */
function told(past, day, seven, twenty, band, measure) {
  if (past.get(day, measure.column) === null) return [t("No data")];
  return [
    sayDay(past, day, measure),
    ...(seven === null ? [] : [t("Mean of 7 days: {value}", { value: measure.say(seven) })]),
    ...(twenty === null ? [] : [t("Mean of 28 days: {value}", { value: measure.say(twenty) })]),
    ...(band === null ? [] : [t("Your usual: {from} to {to}", { from: measure.say(band[0]), to: measure.say(band[1]) })]),
  ];
}

/**
 * @param {(number|null)[]} values
 * @param {(number|null)[]} seven
 * @param {([number, number]|null)[]} band
 * @param {Measure} measure
 */
function sentence(values, seven, band, measure) {
  const known = values.filter((it) => it !== null).length;
  const average = mean(values);
  if (average === null) return t("No day of this time is over and known for 4 h or more, so there is nothing to compare.");
  const parts = [t(measure.mean, { value: measure.say(average) }), t("Only days that are over and known for 4 h or more count: {days}.", { days: dayCount(known) })];
  const i = band.findLastIndex((it, at) => it !== null && seven[at] !== null);
  const [edge, at] = [band[i], seven[i]];
  if (edge && at !== null && at !== undefined) {
    const where = at < edge[0] ? t("below what is usual for you") : at > edge[1] ? t("above what is usual for you") : t("within what is usual for you");
    parts.push(t("The mean of the last 7 days is {value}, {where}: half of your days of the 90 before lie between {from} and {to} (the band).",
      { value: measure.say(at), where, from: measure.say(edge[0]), to: measure.say(edge[1]) }));
  } else parts.push(t("There is no band of your usual yet: it takes 14 days of the 90 before."));
  return parts.join(" ");
}

/** @param {number} length @param {([number, number]|null)[]} band */
function legend(length, band) {
  const sign = (/** @type {SVGElement} */ ...drawn) => s("svg", { class: "swatch", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, ...drawn);
  const dots = length > MOST_DOTS ? [] : [
    { sign: sign(s("circle", { class: "dot", cx: 8, cy: 8, r: 3 })), word: t("A day") },
    { sign: sign(s("circle", { class: "dot hollow", cx: 8, cy: 8, r: 3 })), word: t("Not over, or less than 4 h known: not counted") },
  ];
  return [
    ...dots,
    { sign: sign(s("path", { class: "mean-7", d: "M0 8h16" })), word: t("Mean of 7 days") },
    { sign: sign(s("path", { class: "mean-28", d: "M0 8h16" })), word: t("Mean of 28 days") },
    ...(band.some((it) => it !== null) ? [{ sign: sign(s("rect", { class: "usual", y: 3, width: 16, height: 10 })), word: t("Your usual") }] : []),
  ];
}

/** The first day that has to be known for what is shown. @param {string} first */
export function firstNeeded(first) {
  return plus(first, -BEFORE_DAYS);
}

// @ts-check
/** What of a day is looked at: how it is called, got, told and drawn. */

import { texts, t, plural } from "../languages.js";
import { duration, number } from "../words.js";

/**
 * get: of a day, null where it is not known. say: a value with its unit. axis: a value as an axis has it; step: between
 * marks of an axis; unit: of the axis and of files; scale: what a value is divided by there.
 * @typedef {{name: string, title: string, column: string, say: (value: number) => string, unit: string, scale: number, mean: string}} Measure
 */

const TITLES = texts({
  sitting: "Sitting a day",
  longest: "Longest time sitting",
  breaks: "Breaks a day",
  slouch: "Leaning forward beyond your limit",
  alerts: "Alerts a day",
});
const SHORT = texts({ sitting: "Sitting", longest: "Longest sit", breaks: "Breaks", slouch: "Slouching", alerts: "Alerts" });
const UNITS = texts({ h: "h", min: "min", count: "count" });
const MEANS = texts({
  sitting: "You sat {value} a day on average.",
  longest: "Your longest time sitting was {value} on average.",
  breaks: "You took {value} a day on average.",
  slouch: "You leaned forward beyond your limit for {value} a day on average.",
  alerts: "There were {value} a day on average.",
});
const COLUMNS = /** @type {Record<string, [string, string, number]>} */ ({
  sitting: ["sitting_s", "h", 3600],
  longest: ["longest_sitting_s", "min", 60],
  breaks: ["breaks", "count", 1],
  slouch: ["slouch_s", "min", 60],
  alerts: ["alerts", "count", 1],
});

/** @param {string} name @param {number} value */
function said(name, value) {
  if (COLUMNS[name][1] !== "count") return duration(value);
  const shown = number(value, value >= 10 || Number.isInteger(value) ? 0 : 1);
  if (name === "breaks") return shown === number(1) ? t("1 break") : t("{shown} breaks", { shown });
  return shown === number(1) ? t("1 alert") : t("{shown} alerts", { shown });
}

/** @returns {Measure[]} in the language spoken */
export function measures() {
  return Object.keys(COLUMNS).map((name) => {
    const [column, unit, scale] = COLUMNS[name];
    return { name, title: t(TITLES[name]), column, say: (value) => said(name, value), unit: t(UNITS[unit]), scale, mean: MEANS[name] };
  });
}

/** The word of a measure where there is little room. @param {string} name */
export function shortWord(name) {
  return t(SHORT[name]);
}

/** Days in words. @param {number} n */
export function dayCount(n) {
  return plural(n, "1 day", "{n} days");
}

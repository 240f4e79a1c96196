// @ts-check
/** The days of a wearer as the service gives them: by name, summed up, and against the wearer's own past. */

import { daysBetween, plus } from "../local-day.js";

/** A day of which less is known says little about how the wearer sits: it stays out of means [J]. */
export const ENOUGH_S = 4 * 3600;
/** The past that the band of the usual is made of, days; and how many of them it takes. */
export const USUAL_DAYS = 90;
const LEAST_USUAL = 14;
/** Of the means of 7 and of 28 days so many days have to be known. @type {Record<number, number>} */
const LEAST_MEAN = { 7: 3, 28: 10 };
/** Days that are asked for before those that are shown. */
export const BEFORE_DAYS = USUAL_DAYS + 28;
const KNOWN = ["sitting_s", "standing_s", "moving_s", "lying_s"];

/** @typedef {{days: string[], columns: Record<string, (number|null)[]>, pending: number}} Answer */
/** @typedef {(day: string) => number|null} Value */

export class Past {
  /** @type {Map<string, number>} */
  #index = new Map();

  /** @param {Answer} answer of `days` @param {string} today the wearer's, which is not over */
  constructor(answer, today) {
    this.answer = answer;
    this.today = today;
    answer.days.forEach((day, i) => this.#index.set(day, i));
  }

  /** @param {string} day @param {string} column @returns {number|null} null: nothing stored, or not known */
  get(day, column) {
    const i = this.#index.get(day);
    return i === undefined ? null : this.answer.columns[column]?.[i] ?? null;
  }

  /** Seconds of a day in which the posture is known. @param {string} day */
  known_s(day) {
    return KNOWN.reduce((sum, it) => sum + (this.get(day, it) ?? 0), 0);
  }

  /** Whether a day is told against others: it is over, for half a day is half of everything, and known long enough. @param {string} day */
  enough(day) {
    return day < this.today && this.known_s(day) >= ENOUGH_S;
  }

  /** The value of a day that counts. @param {Value} value @returns {Value} */
  sound(value) {
    return (day) => (this.enough(day) ? value(day) : null);
  }

  /** Sum of a column over days. @param {string[]} days @param {string} column @returns {number|null} null when it is known of none */
  sum(days, column) {
    const values = days.map((day) => this.get(day, column)).filter((it) => it !== null);
    return values.length ? values.reduce((a, b) => a + b, 0) : null;
  }
}

/** @param {string} first @param {string} last both included @returns {string[]} */
export function daysOf(first, last) {
  return Array.from({ length: Math.max(0, daysBetween(first, last) + 1) }, (_, i) => plus(first, i));
}

/**
 * The mean of so many days up to each one, null where too few are known.
 * @param {string[]} days
 * @param {Value} value
 * @param {7|28} length
 * @returns {(number|null)[]}
 */
export function rollingMean(days, value, length) {
  if (!days.length) return [];
  const all = daysOf(plus(days[0], 1 - length), days[days.length - 1]).map(value);
  let [sum, n] = [0, 0];
  const out = [];
  for (let i = 0; i < all.length; i++) {
    const [added, gone] = [all[i], i >= length ? all[i - length] : null];
    if (added !== null) [sum, n] = [sum + added, n + 1];
    if (gone !== null) [sum, n] = [sum - gone, n - 1];
    if (i >= length - 1) out.push(n >= LEAST_MEAN[length] ? sum / n : null);
  }
  return out;
}

/**
 * Between which values the middle half of the 90 days before each one lies: the wearer's usual.
 * @param {string[]} days
 * @param {Value} value
 * @returns {([number, number]|null)[]}
 */
export function usual(days, value) {
  if (!days.length) return [];
  const all = daysOf(plus(days[0], -USUAL_DAYS), days[days.length - 1]).map(value);
  /** @type {number[]} */
  const sorted = [];
  const place = (/** @type {number} */ it) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < it) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  /** @type {([number, number]|null)[]} */
  const out = [];
  all.forEach((it, i) => {
    if (i >= USUAL_DAYS) out.push(sorted.length < LEAST_USUAL ? null : [quantile(sorted, 0.25), quantile(sorted, 0.75)]);
    if (it !== null) sorted.splice(place(it), 0, it);
    const gone = i >= USUAL_DAYS ? all[i - USUAL_DAYS] : null;
    if (gone !== null) sorted.splice(place(gone), 1);
  });
  return out;
}

/** @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const [low, high] = [Math.floor(at), Math.ceil(at)];
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** @param {(number|null)[]} values @returns {number|null} */
export function mean(values) {
  const known = values.filter((it) => it !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

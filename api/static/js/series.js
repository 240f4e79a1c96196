// @ts-check
/** The buckets of a day: how long each state lasted in each, and the lean. What is missing stays missing. */

import { seconds } from "./clock.js";
import { STATES } from "./words.js";

/**
 * @typedef {object} Bucket
 * @property {number} start Unix s
 * @property {number} length_s
 * @property {Record<string, number>} in_state seconds per state
 * @property {number|null} lean_deg mean
 * @property {number|null} lean_min_deg
 * @property {number|null} lean_max_deg
 * @property {number|null} twist_deg mean, to the left is positive
 * @property {number|null} cadence_spm mean, with the seconds in which nobody walked
 */

const UNKNOWN = { lean_deg: null, lean_min_deg: null, lean_max_deg: null, twist_deg: null, cadence_spm: null };

export class BucketSeries {
  /** @type {Map<number, Bucket>} */
  #buckets = new Map();
  /** @type {Bucket[]|null} */
  #sorted = null;
  resolution_s = 60;

  /** Forgets everything. */
  clear() {
    this.#buckets.clear();
    this.#sorted = null;
  }

  /**
   * Takes an answer of the service; newer buckets replace older ones of the same start.
   * @param {import("./types.js").Series} series
   */
  merge(series) {
    if (series.times.length && series.resolution_s !== this.resolution_s) {
      this.clear();
      this.resolution_s = series.resolution_s;
    }
    series.times.forEach((text, i) => {
      /** @type {Record<string, number>} */
      const in_state = {};
      for (const state of STATES) in_state[state] = series.seconds[state]?.[i] ?? 0;
      const start = seconds(text);
      this.#buckets.set(start, {
        start,
        length_s: series.resolution_s,
        in_state,
        lean_deg: series.means.lean_deg?.[i] ?? null,
        lean_min_deg: series.lean_min_deg[i] ?? null,
        lean_max_deg: series.lean_max_deg[i] ?? null,
        twist_deg: series.means.twist_deg?.[i] ?? null,
        cadence_spm: series.means.cadence_spm?.[i] ?? null,
      });
    });
    this.#sorted = null;
  }

  /**
   * Adds what is so now to the bucket it falls in, until the service's own bucket replaces it.
   * @param {import("./types.js").Now} now
   * @param {number} lasted_s how long it has been so since the last call
   */
  extend(now, lasted_s) {
    if (now.time === null) return;
    const time = seconds(now.time);
    const start = Math.floor(time / this.resolution_s) * this.resolution_s;
    let bucket = this.#buckets.get(start);
    if (!bucket) {
      bucket = { ...UNKNOWN, start, length_s: this.resolution_s, in_state: {} };
      this.#buckets.set(start, bucket);
      this.#sorted = null;
    }
    const lean = now.lean_deg;
    if (lean !== null) {
      const share = Math.min(1, lasted_s / Math.max(lasted_s, total(bucket) + lasted_s));
      bucket.lean_deg = bucket.lean_deg === null ? lean : bucket.lean_deg + (lean - bucket.lean_deg) * share;
      bucket.lean_min_deg = Math.min(bucket.lean_min_deg ?? lean, lean);
      bucket.lean_max_deg = Math.max(bucket.lean_max_deg ?? lean, lean);
    }
    const room = this.resolution_s - total(bucket);
    bucket.in_state[now.activity] = (bucket.in_state[now.activity] ?? 0) + Math.max(0, Math.min(lasted_s, room));
  }

  /** @returns {Bucket[]} by time */
  all() {
    this.#sorted ??= [...this.#buckets.values()].sort((a, b) => a.start - b.start);
    return this.#sorted;
  }

  /**
   * @param {number} start Unix s
   * @param {number} end Unix s
   */
  between(start, end) {
    return this.all().filter((bucket) => bucket.start + bucket.length_s > start && bucket.start < end);
  }

  /**
   * The bucket that holds a time, if there is one.
   * @param {number} time Unix s
   */
  at(time) {
    return this.#buckets.get(Math.floor(time / this.resolution_s) * this.resolution_s);
  }
}

/**
 * Seconds of a bucket that have data.
 * @param {Bucket} bucket
 */
export function total(bucket) {
  let sum = 0;
  for (const value of Object.values(bucket.in_state)) sum += value;
  return sum;
}

/**
 * The state a bucket is shown as: the one that lasted longest, `nodata` when most of it is missing.
 * @param {Bucket|undefined} bucket
 * @param {number} [length_s] how much of it can have data yet
 * @returns {string}
 */
export function mainState(bucket, length_s) {
  if (!bucket) return "nodata";
  let best = "nodata";
  let most = Math.max(0, Math.min(bucket.length_s, length_s ?? bucket.length_s) - total(bucket));
  for (const state of STATES) {
    const value = bucket.in_state[state] ?? 0;
    if (value > most) [best, most] = [state, value];
  }
  return best;
}

/**
 * @typedef {{start: number, end: number, state: string}} Run
 */

/**
 * The runs of states between two times, as they are drawn: nothing shorter than a column.
 * @param {BucketSeries} series
 * @param {number} start Unix s
 * @param {number} end Unix s
 * @param {number} column_s seconds to a column of the drawing
 * @returns {Run[]}
 */
export function stateRuns(series, start, end, column_s) {
  const step = Math.max(column_s, series.resolution_s);
  /** @type {Run[]} */
  const runs = [];
  for (let time = start; time < end; time += step) {
    const until = Math.min(end, time + step);
    const state = columnState(series, time, until);
    const last = runs.at(-1);
    if (last && last.state === state) last.end = until;
    else runs.push({ start: time, end: until, state });
  }
  return runs;
}

/**
 * @param {BucketSeries} series
 * @param {number} start Unix s
 * @param {number} end Unix s
 */
function columnState(series, start, end) {
  const size = series.resolution_s;
  const first = Math.floor(start / size) * size;
  if (end - first <= size) return mainState(series.at(start), end - first);
  /** @type {Bucket} */
  const sum = { ...UNKNOWN, start, length_s: end - start, in_state: {} };
  for (let time = first; time < end; time += size) {
    const bucket = series.at(time);
    if (!bucket) continue;
    const share = (Math.min(end, time + size) - Math.max(start, time)) / size;
    for (const [state, value] of Object.entries(bucket.in_state)) {
      sum.in_state[state] = (sum.in_state[state] ?? 0) + value * share;
    }
  }
  return mainState(sum);
}

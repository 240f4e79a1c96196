// @ts-check
/** What the last seconds of raw samples say: how restless they are, where up is, how many come. */

/** @typedef {[number, number, number]} Vector */

/** Seconds that are kept. */
export const KEPT_S = 8;
/** The service's limit for a pose held still, in g (analysis, section 2). */
export const STILL_G = 0.02;
/** Somebody moved it: well above what breathing and a desk do [J]. */
export const MOVED_G = 0.06;

export class Motion {
  /** @type {number[]} */
  times = [];
  /** @type {Vector[]} */
  acc_g = [];
  received = 0;
  lost = 0;

  /** @param {import("./stream.js").Samples} samples */
  take(samples) {
    this.times.push(...samples.times);
    this.acc_g.push(...samples.acc_g);
    this.received += samples.times.length;
    this.lost += samples.lost_before;
    const end = this.times.at(-1) ?? 0;
    const from = this.times.findIndex((time) => time > end - KEPT_S);
    if (from > 0) {
      this.times.splice(0, from);
      this.acc_g.splice(0, from);
    }
  }

  /** Samples of the last `seconds`. @param {number} seconds @returns {Vector[]} */
  last(seconds) {
    const end = this.times.at(-1) ?? 0;
    const from = this.times.findIndex((time) => time > end - seconds);
    return from < 0 ? [] : this.acc_g.slice(from);
  }

  /** The largest standard deviation of the axes over `seconds`, g; null before there are samples. @param {number} seconds */
  spread(seconds) {
    const rows = this.last(seconds);
    return rows.length < 3 ? null : spreadOf(rows);
  }

  /** Samples a second, null before that can be said. */
  rate() {
    const span = (this.times.at(-1) ?? 0) - (this.times[0] ?? 0);
    return span < 1 ? null : (this.times.length - 1) / span;
  }
}

/** @param {Vector[]} rows */
export function spreadOf(rows) {
  const mean = meanOf(rows);
  const sums = [0, 0, 0];
  for (const row of rows) row.forEach((value, axis) => (sums[axis] += (value - mean[axis]) ** 2));
  return Math.sqrt(Math.max(...sums) / rows.length);
}

/** @param {Vector[]} rows @returns {Vector} */
export function meanOf(rows) {
  const sums = /** @type {Vector} */ ([0, 0, 0]);
  for (const row of rows) row.forEach((value, axis) => (sums[axis] += value));
  return /** @type {Vector} */ (sums.map((sum) => sum / rows.length));
}

/** The angle between two directions, deg. @param {Vector} one @param {Vector} other */
export function angleBetween(one, other) {
  const dot = one.reduce((sum, value, axis) => sum + value * other[axis], 0);
  const length = Math.hypot(...one) * Math.hypot(...other);
  return length === 0 ? 0 : (Math.acos(Math.min(1, Math.max(-1, dot / length))) * 180) / Math.PI;
}

// @ts-check
/** The one time axis that every row of today shares: time to pixels and back, and where its marks are. */

const STEPS_S = [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600];
/** Least distance between two time labels, px. */
const LABEL_PX = 58;

export class TimeAxis {
  /**
   * @param {number} start Unix s
   * @param {number} end Unix s
   * @param {number} width px of the whole drawing
   * @param {number} left px that the rows' labels take
   * @param {number} right px
   */
  constructor(start, end, width, left, right) {
    this.start = start;
    this.end = Math.max(end, start + 60);
    this.width = width;
    this.left = left;
    this.right = right;
    this.span_px = Math.max(1, width - left - right);
  }

  /** Seconds to one px. */
  get pixel_s() {
    return (this.end - this.start) / this.span_px;
  }

  /** @param {number} time Unix s @returns {number} px */
  x(time) {
    return this.left + (time - this.start) / this.pixel_s;
  }

  /** @param {number} x px @returns {number} Unix s, inside the axis */
  time(x) {
    return Math.min(this.end, Math.max(this.start, this.start + (x - this.left) * this.pixel_s));
  }

  /**
   * Round times of day inside the axis.
   * @param {number} midnight Unix s of the day's start; marks count from there
   * @returns {number[]}
   */
  marks(midnight) {
    const step = STEPS_S.find((it) => it / this.pixel_s >= LABEL_PX) ?? 21600;
    const out = [];
    for (let time = midnight + Math.ceil((this.start - midnight) / step) * step; time <= this.end; time += step) out.push(time);
    return out;
  }
}

/**
 * @typedef {"day"|"4h"|"1h"} Range
 */

/**
 * What part of the day is shown.
 * @param {Range} range
 * @param {{start: number, end: number}} day Unix s
 * @param {number|null} first first time with something to see, Unix s
 * @param {number} now Unix s
 * @returns {{start: number, end: number}}
 */
export function windowOf(range, day, first, now) {
  const hour = (/** @type {number} */ time) => day.start + Math.floor((time - day.start) / 3600) * 3600;
  if (range !== "day") {
    const length = range === "4h" ? 4 * 3600 : 3600;
    return { start: Math.max(day.start, now - length), end: Math.max(day.start + length, now) };
  }
  const start = Math.max(day.start, hour(Math.min(first ?? now, now)));
  const end = Math.max(start + 6 * 3600, hour(now) + 3600);
  return { start: Math.max(day.start, Math.min(start, day.end - 6 * 3600)), end: Math.min(day.end, end) };
}

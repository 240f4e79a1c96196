// @ts-check
/** Changes of posture against the time sat in which they could be seen. */

import { seconds } from "./clock.js";

/** An hour of sitting, from how many changes on low-back discomfort was lower and up to how many were tried. Source: Akkarakittichoke 2017, 2023 (docs/dashboard.md). */
export const AIM_PER_H = [20, 30];
/** With less sitting than this there is nothing to be told of an hour. Own judgement. */
export const LEAST_S = 600;
const HOUR_S = 3600;

/**
 * @typedef {object} Shifts
 * @property {number} count changes of posture
 * @property {number} sat_s seconds of sitting
 * @property {number} measured_s of them those whose lean is known, without which no change can be seen
 * @property {number|null} per_h changes an hour of sitting, null with too little of it
 */

/**
 * @param {import("./series.js").BucketSeries} minutes
 * @param {Iterable<import("./types.js").Episode>} episodes
 * @param {number} start Unix s
 * @param {number} end Unix s
 * @returns {Shifts}
 */
export function shiftsBetween(minutes, episodes, start, end) {
  let [sat_s, measured_s, count] = [0, 0, 0];
  for (const it of minutes.between(start, end)) {
    const sat = it.in_state.sitting ?? 0;
    sat_s += sat;
    if (it.lean_deg !== null) measured_s += sat;
  }
  for (const it of episodes) {
    if (it.kind !== "shift") continue;
    const at = seconds(it.start);
    if (at >= start && at < end) count += 1;
  }
  return { count, sat_s, measured_s, per_h: measured_s >= LEAST_S ? (count * HOUR_S) / measured_s : null };
}

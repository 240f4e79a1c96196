// @ts-check
/** The rows of a day that are drawn by hand, since their states carry patterns: hours stacked, changes of posture, loads. */

import { seconds } from "../clock.js";
import { s } from "../dom.js";
import { AIM_PER_H, shiftsBetween } from "../shifts.js";
import { timeMarks } from "../strip.js";
import { STATES, episodeWord, number } from "../words.js";

/** @typedef {import("../axis.js").TimeAxis} TimeAxis */
/** @typedef {{midnight: number, label: (time: number) => string}} TimeOf */

const HOUR_S = 3600;
const TOP = 8;
const HEIGHT = 120;
const LABELS = 22;
/** What is stacked, from the ground up: what is known of the body first, what is not on top. */
const STACK = ["sitting", "standing", "moving", "lying", "unknown", "not_worn", "nodata"];

/** @typedef {{start: number, end: number, until: number, in_state: Record<string, number>, shifts: import("../shifts.js").Shifts}} Hour */

/**
 * The hours of a day that have begun. A day may have 23 of them, or 25.
 * @param {import("./data.js").DayData} data
 * @returns {Hour[]}
 */
export function hoursOf(data) {
  const out = [];
  for (let start = data.start; start < data.until; start += HOUR_S) {
    const end = start + HOUR_S;
    const until = Math.min(end, data.until);
    /** @type {Record<string, number>} */
    const in_state = {};
    const buckets = data.minutes.between(start, end);
    for (const state of STATES) in_state[state] = buckets.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0);
    in_state.nodata = Math.max(0, until - start - Object.values(in_state).reduce((a, b) => a + b, 0));
    out.push({ start, end, until, in_state, shifts: shiftsBetween(data.minutes, data.episodes, start, end) });
  }
  return out;
}

/** @param {TimeAxis} axis @param {number} height px of what is drawn above the times @param {TimeOf} time */
function ground(axis, height, time) {
  const whole = TOP + height + LABELS;
  const svg = s("svg", { "aria-hidden": "true", viewBox: `0 0 ${axis.width} ${whole}`, width: axis.width, height: whole });
  const id = `day-clip-${++clips}`;
  const inside = s("g", { "clip-path": `url(#${id})` });
  svg.append(
    s("clipPath", { id }, s("rect", { x: axis.left, y: 0, width: axis.span_px, height: TOP + height })),
    inside,
    s("path", { class: "time-tick", d: `M${axis.left} ${TOP + height}h${axis.span_px}` }),
    ...timeMarks(axis, time, TOP + height + 17));
  return { svg, inside };
}

let clips = 0;

/** @param {TimeAxis} axis @param {number} y @param {string} text */
function level(axis, y, text) {
  const label = s("text", { class: "time-label", x: axis.left - 6, y: y + 4, "text-anchor": "end" });
  label.textContent = text;
  return [s("path", { class: "grid-line", d: `M${axis.left} ${y.toFixed(1)}h${axis.span_px}` }), label];
}

/** x and width of an hour's bar. @param {TimeAxis} axis @param {Hour} hour */
function bar(axis, hour) {
  const [from, to] = [axis.x(hour.start), axis.x(hour.end)];
  const gap = Math.min(6, (to - from) * 0.15);
  return { x: from + gap / 2, width: Math.max(1, to - from - gap) };
}

/** @param {TimeAxis} axis @param {Hour[]} hours @param {TimeOf} time */
export function drawHours(axis, hours, time) {
  const { svg, inside } = ground(axis, HEIGHT, time);
  const y = (/** @type {number} */ s_) => TOP + HEIGHT - (s_ / HOUR_S) * HEIGHT;
  svg.prepend(...[0, 1800, 3600].flatMap((it) => level(axis, y(it), number(it / 60))));
  for (const hour of hours) {
    const { x, width } = bar(axis, hour);
    let sum = 0;
    for (const state of STACK) {
      const lasted = hour.in_state[state];
      if (lasted < 1) continue;
      const [top, bottom] = [y(sum + lasted), y(sum)];
      sum += lasted;
      inside.append(s("rect", { class: `fill-${state} box-${state}`, "data-state": state, "data-hour": time.label(hour.start),
        x: x.toFixed(2), width: width.toFixed(2), y: top.toFixed(2), height: Math.max(0.5, bottom - top).toFixed(2) }));
    }
  }
  return svg;
}

/** @param {TimeAxis} axis @param {Hour[]} hours @param {TimeOf} time */
export function drawShifts(axis, hours, time) {
  const { svg, inside } = ground(axis, HEIGHT, time);
  const rates = hours.map((it) => it.shifts.per_h ?? 0);
  const most = Math.max(35, Math.ceil((Math.max(0, ...rates) + 3) / 10) * 10);
  const y = (/** @type {number} */ rate) => TOP + HEIGHT - (Math.min(most, rate) / most) * HEIGHT;
  const [low, high] = AIM_PER_H;
  svg.prepend(s("rect", { class: "aim-band", x: axis.left, width: axis.span_px, y: y(high).toFixed(1), height: (y(low) - y(high)).toFixed(1) }),
    ...[0, 10, low, high].flatMap((it) => level(axis, y(it), number(it))));
  for (const hour of hours) {
    const rate = hour.shifts.per_h;
    if (rate === null) continue;
    const { x, width } = bar(axis, hour);
    inside.append(s("rect", { class: rate >= low ? "shift-bar within" : "shift-bar", "data-hour": time.label(hour.start), x: x.toFixed(2), width: width.toFixed(2),
      y: y(rate).toFixed(2), height: Math.max(1, TOP + HEIGHT - y(rate)).toFixed(2), rx: 2 }));
  }
  return svg;
}

const LOAD_ROW = 30;

/**
 * @param {TimeAxis} axis
 * @param {import("../types.js").Episode[]} loads
 * @param {string[]} kinds a row each
 * @param {number} until Unix s, where what goes on is drawn to
 * @param {TimeOf} time
 */
export function drawLoads(axis, loads, kinds, until, time) {
  const { svg, inside } = ground(axis, kinds.length * LOAD_ROW, time);
  kinds.forEach((kind, i) => {
    const y = TOP + i * LOAD_ROW;
    const label = s("text", { class: "time-label", x: axis.left, y: y + 10 });
    label.textContent = episodeWord(kind);
    inside.append(label, s("path", { class: "grid-line", d: `M${axis.left} ${y + 20.500}h${axis.span_px}` }));
    for (const it of loads) {
      if (it.kind !== kind) continue;
      const from = axis.x(seconds(it.start));
      const to = axis.x(it.end === null ? until : seconds(it.end));
      inside.append(s("rect", { class: "load-mark", "data-episode": it.id, x: from.toFixed(2), y: y + 16, width: Math.max(2.5, to - from).toFixed(2), height: 9, rx: 1.5 }));
    }
  });
  return svg;
}

/** The kind whose row is at a place. @param {string[]} kinds @param {number} y px */
export function loadAt(kinds, y) {
  return kinds[Math.floor((y - TOP) / LOAD_ROW)] ?? null;
}

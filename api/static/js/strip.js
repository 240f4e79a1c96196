// @ts-check
/** The strip of the day: states with their patterns, gaps hatched, breaks, slouches and loads above, alerts as marks. */

import { seconds } from "./clock.js";
import { s } from "./dom.js";
import { stateRuns } from "./series.js";

/** Rows from the top, px. */
const ALERT_Y = 9;
const BREAK_Y = 24;
const SLOUCH_Y = 31;
const LOAD_Y = 37;
const MARK_H = 5;
const STRIP_Y = 44;
const STRIP_H = 48;
export const STRIP_HEIGHT = STRIP_Y + STRIP_H + 6;
const LABEL_Y = STRIP_HEIGHT + 14;
/** With the times of day below. */
export const LABELLED_HEIGHT = LABEL_Y + 6;
/** About as wide as one sign of a time. */
const DIGIT_PX = 7.5;
/** Nothing is drawn thinner than this, so that a short slouch can be seen. */
const LEAST_PX = 2;

/** Up two steps and along: the mark of a break. */
const STEP = "M-5 3h4v-3h4v-3h3";

/**
 * @param {SVGSVGElement} svg
 * @param {import("./axis.js").TimeAxis} axis
 * @param {import("./series.js").BucketSeries} series
 * @param {import("./types.js").Episode[]} episodes
 * @param {import("./types.js").Alert[]} alerts
 * @param {number} now Unix s
 * @param {{midnight: number, label: (time: number) => string}} time
 */
export function drawStrip(svg, axis, series, episodes, alerts, now, time) {
  svg.setAttribute("viewBox", `0 0 ${axis.width} ${LABELLED_HEIGHT}`);
  svg.setAttribute("width", String(axis.width));
  svg.setAttribute("height", String(LABELLED_HEIGHT));
  const until = Math.min(axis.end, now);
  const runs = until > axis.start ? stateRuns(series, axis.start, until, axis.pixel_s) : [];
  const rest = Math.max(0, axis.x(axis.end) - axis.x(until));
  svg.replaceChildren(
    s("rect", { class: "later", x: axis.x(until), y: STRIP_Y, width: rest, height: STRIP_H }),
    ...runs.flatMap((run) => band(axis, run)),
    ...episodes.flatMap((it) => event(axis, it, now)),
    ...alerts.filter((it) => inside(axis, seconds(it.opened_at))).map((it) => mark(axis, it)),
    s("path", { class: "now-line", d: `M${axis.x(until).toFixed(1)} ${STRIP_Y - 4}v${STRIP_H + 8}` }),
    ...timeMarks(axis, time, LABEL_Y),
  );
}

/**
 * The times of day below a row.
 * @param {import("./axis.js").TimeAxis} axis
 * @param {{midnight: number, label: (time: number) => string}} time
 * @param {number} y px of the baseline
 */
export function timeMarks(axis, time, y) {
  return axis.marks(time.midnight).flatMap((at) => {
    const x = axis.x(at);
    const text = time.label(at);
    const half = (text.length * DIGIT_PX) / 2; // a label at an end stays whole: it leans to the inside
    const middle = Math.max(half, Math.min(axis.width - half, x));
    const label = s("text", { class: "time-label", x: middle.toFixed(1), y, "text-anchor": "middle" });
    label.textContent = text;
    return [s("path", { class: "time-tick", d: `M${x.toFixed(1)} ${y - 17}v4` }), label];
  });
}

/** @param {import("./axis.js").TimeAxis} axis @param {number} time */
function inside(axis, time) {
  return time >= axis.start && time <= axis.end;
}

/** @param {import("./axis.js").TimeAxis} axis @param {import("./series.js").Run} run */
function band(axis, run) {
  const x = axis.x(run.start);
  const width = Math.max(0.5, axis.x(run.end) - x);
  const rect = s("rect", { class: `fill-${run.state}`, "data-state": run.state, x: x.toFixed(2), y: STRIP_Y, width: width.toFixed(2), height: STRIP_H });
  if (run.state === "unknown" && width > 4) {
    const box = { class: "outline-unknown", x: x + 0.75, y: STRIP_Y + 0.75, width: width - 1.5, height: STRIP_H - 1.5 };
    return [rect, s("rect", box)];
  }
  const edge = s("path", { class: `edge-${run.state}`, d: `M${x.toFixed(2)} ${STRIP_Y + 0.75}h${width.toFixed(2)}m0 ${STRIP_H - 1.5}h-${width.toFixed(2)}` });
  return [rect, edge];
}

/** What else loads the back, drawn as one; single changes of posture and turns are too many to be seen. */
export const LOADS = ["bend", "held_bend", "side_bend", "twist"];

/**
 * How an episode is drawn: as "slouch", "break" or "load", or not at all (null).
 * @param {string} kind
 */
export function markOf(kind) {
  if (LOADS.includes(kind)) return "load";
  return kind === "slouch" || kind === "break" ? kind : null;
}

/** @param {string} kind @returns {{top: number, bottom: number}|null} where its marks are, px */
export function stripRows(kind) {
  const mark = kind === "alert" ? "alert" : markOf(kind);
  if (mark === "alert") return { top: 0, bottom: 17 };
  if (mark === "break") return { top: 17, bottom: SLOUCH_Y - 2 };
  if (mark === "slouch") return { top: SLOUCH_Y - 2, bottom: LOAD_Y - 0.5 };
  return mark === "load" ? { top: LOAD_Y - 0.5, bottom: STRIP_Y } : null;
}

/** @param {import("./axis.js").TimeAxis} axis @param {import("./types.js").Episode} episode @param {number} now */
function event(axis, episode, now) {
  const start = Math.max(axis.start, seconds(episode.start));
  const end = Math.min(axis.end, episode.end === null ? now : seconds(episode.end));
  const drawn = markOf(episode.kind);
  if (end <= start || drawn === null) return [];
  const x = axis.x(start);
  const width = Math.max(LEAST_PX, axis.x(end) - x);
  if (drawn !== "break") {
    const y = drawn === "load" ? LOAD_Y : SLOUCH_Y;
    return [s("rect", { class: `${drawn}-mark`, x: x.toFixed(2), y, width: width.toFixed(2), height: MARK_H, rx: 1 })];
  }
  const middle = (x + width / 2).toFixed(1);
  return [s("path", { class: "break-mark", d: STEP, transform: `translate(${middle} ${BREAK_Y})` })];
}

/** @param {import("./axis.js").TimeAxis} axis @param {import("./types.js").Alert} alert */
function mark(axis, alert) {
  const x = axis.x(seconds(alert.opened_at));
  return s(
    "g",
    { class: `alert-mark kind-${alert.kind}${alert.open ? " open" : ""}`, transform: `translate(${x.toFixed(1)} ${ALERT_Y})`, "data-alert": alert.id },
    s("path", { d: "M0 6.500L-4.500-3h9z" }),
  );
}

/**
 * The alert whose mark is nearest to a place, if it is near.
 * @param {import("./axis.js").TimeAxis} axis
 * @param {import("./types.js").Alert[]} alerts
 * @param {number} x px
 * @param {number} y px
 */
export function alertNear(axis, alerts, x, y) {
  if (y > SLOUCH_Y) return null;
  const distance = (/** @type {import("./types.js").Alert} */ it) => Math.abs(axis.x(seconds(it.opened_at)) - x);
  const nearest = [...alerts].sort((a, b) => distance(a) - distance(b))[0];
  return nearest && distance(nearest) <= 12 ? nearest : null;
}

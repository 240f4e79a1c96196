// @ts-check
/** What every chart is drawn with: ECharts, brought by the first one, the present colours, and a pattern for each state. */

import { colours } from "./theme.js";
import { figure } from "./words.js";

const NAMES = /** @type {const} */ ([
  "page", "raised", "ink", "muted", "line", "track", "accent", "band", "slouch", "slouch-text", "load", "gap", "hatch", "control",
  "sitting", "standing", "moving", "lying", "not-worn", "unknown", "pattern-ink", "edge-sitting", "edge-standing", "edge-moving", "edge-lying",
]);
/** Below this width there are fewer marks and no names beside lines, px. */
const NARROW_PX = 560;

/**
 * c: the colours of style/tokens.css by their names there. width, height: px to draw in. font: for ECharts' labels.
 * @typedef {{c: Record<typeof NAMES[number], string>, width: number, height: number, narrow: boolean, font: {fontFamily: string, fontSize: number, color: string}}} Look
 */

/** @param {number} width px @param {number} height px @returns {Look} */
export function lookOf(width, height) {
  const c = colours([...NAMES]);
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, color: c.muted };
  return { c, width, height, narrow: width < NARROW_PX, font };
}

/** @type {Promise<any>|null} */
let asked = null;

/**
 * ECharts, or null when it is not installed. Its smallest complete build that has bars, lines and points is no module:
 * it makes itself known to the window.
 * @returns {Promise<any>}
 */
export function chartLibrary() {
  asked ??= import("../vendor/echarts.js").then(() => /** @type {any} */ (window).echarts).catch((error) => {
    asked = null; // asked for again by the next chart
    if (error instanceof TypeError) return null; // a module that cannot be fetched is a TypeError
    throw error;
  });
  return asked;
}

/**
 * The parts of an option that every chart has: no motion, no markup of ECharts' own, the page's type.
 * @param {Look} look
 */
export function baseOption(look) {
  return {
    animation: false,
    aria: { enabled: false }, // the card has the names, the sentence and the table
    textStyle: { fontFamily: look.font.fontFamily },
    grid: { left: 44, right: look.narrow ? 12 : 20, top: 12, bottom: 28 },
  };
}

/**
 * The look of an axis of ECharts; what is the chart's own comes in `more`.
 * @param {Look} look
 * @param {Record<string, any>} more
 */
export function axisOption(look, more) {
  const value = more.type === "value" && more.lines !== false;
  return {
    axisLine: { show: !value, lineStyle: { color: look.c.line } },
    axisTick: { show: false },
    splitLine: { show: value, lineStyle: { color: look.c.line } },
    minorSplitLine: { show: false },
    ...more,
    axisLabel: { ...look.font, hideOverlap: true, ...(value ? { formatter: (/** @type {number} */ it) => figure(it, 2) } : {}), ...more.axisLabel },
  };
}

/**
 * The pattern of a state over its colour, as ECharts has patterns; null for sitting, which is solid.
 * @param {string} state
 * @param {Look} look
 */
export function decalOf(state, look) {
  const ink = { color: look.c["pattern-ink"] };
  if (state === "standing") return { ...ink, symbol: "circle", symbolSize: 0.6, dashArrayX: [[0, 6], [3, 3]], dashArrayY: [3, 0] };
  if (state === "moving") return { ...ink, symbol: "rect", rotation: -Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [1.4, 4] };
  if (state === "lying") return { ...ink, symbol: "rect", dashArrayX: [[5, 3], [0, 4, 1, 3]], dashArrayY: [1.2, 4] };
  if (state === "not_worn") return { color: look.c.hatch, symbol: "rect", rotation: Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [1, 4] };
  return null;
}

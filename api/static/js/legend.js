// @ts-check
/** What the colours and marks of a strip mean: only those that are there. */

import { h, s, swatch } from "./dom.js";
import { t } from "./languages.js";
import { STATES, episodeWord, stateWord } from "./words.js";

/** What is marked above a strip, as the legend tells it. */
const MARKS = ["slouch", "load", "break", "alert"];

/** @param {string} kind of MARKS */
export function markSign(kind) {
  const svg = s("svg", { class: "swatch", width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  if (kind === "slouch" || kind === "load") svg.append(s("rect", { class: `${kind}-mark`, x: -7, y: -3, width: 14, height: 6, rx: 1 }));
  if (kind === "break") svg.append(s("path", { class: "break-mark", d: "M-6 3h4v-3h4v-3h4" }));
  if (kind === "alert") svg.append(s("g", { class: "alert-mark" }, s("path", { d: "M0 6L-4.500-3.500h9z" })));
  return svg;
}

/**
 * The signs and words of what a drawing shows.
 * @param {SVGSVGElement} drawing
 * @returns {{kind: string, sign: SVGSVGElement, word: string}[]}
 */
export function legendOf(drawing) {
  const present = new Set([...drawing.querySelectorAll("[data-state]")].map((it) => it.getAttribute("data-state") ?? ""));
  const states = [...STATES, "nodata"].filter((state) => present.has(state));
  const marks = MARKS.filter((kind) => drawing.querySelector(`.${kind}-mark`));
  return [
    ...states.map((kind) => ({ kind, sign: swatch(kind), word: stateWord(kind) })),
    ...marks.map((kind) => ({ kind, sign: markSign(kind), word: kind === "alert" ? t("Alert") : episodeWord(kind) })),
  ];
}

/** @param {HTMLElement} list @param {SVGSVGElement} drawing */
export function fillLegend(list, drawing) {
  const items = legendOf(drawing);
  const key = items.map((it) => it.kind).join(" ");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map(({ kind, sign, word }) => h("li", { "data-kind": kind }, sign, word)));
}

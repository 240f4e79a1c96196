// @ts-check
/** A drawn body on a chair, seen from the side and from behind, with a mark at every place a sensor can be worn. */

import { s } from "../dom.js";
import { PLACES } from "./places.js";

/** Where the places of the back are when it is seen from behind. @type {Record<string, [number, number]>} */
const BEHIND = { head: [60, 26], upper_back: [60, 76], lower_back: [60, 132], waist: [84, 138], wrist: [104, 132], seat: [60, 178] };

/** @param {string} view @param {string} box @param {string} words @param {...SVGElement} parts */
function drawing(view, box, words, ...parts) {
  return s("svg", { class: `body ${view}`, viewBox: box, role: "img", "aria-label": words }, ...parts);
}

/** @param {string} d @param {string} name */
const line = (d, name) => s("path", { d, class: name });

/**
 * @param {(placement: string) => void} onPick a mark was pressed; radio buttons beside do the same with the keyboard
 * @param {{side: string, behind: string}} words
 */
export function drawBody(onPick, words) {
  /** @type {Map<string, SVGElement[]>} */
  const marks = new Map();
  /** @param {string} placement @param {[number, number]} at */
  const mark = (placement, [cx, cy]) => {
    const it = s("g", { class: "mark" }, s("circle", { class: "reach", cx, cy, r: 13 }), s("circle", { class: "dot", cx, cy, r: 6 }));
    it.addEventListener("click", () => onPick(placement));
    marks.set(placement, [...(marks.get(placement) ?? []), it]);
    return it;
  };
  const side = drawing("side", "30 -4 160 238", words.side,
    line("M40 226H184", "ground"), line("M60 182H128M94 182V226M66 182L56 112", "seat"),
    line("M96 160L150 160L148 220L168 220", "limb"), line("M96 156L96 66", "trunk"),
    s("circle", { class: "head", cx: 99, cy: 34, r: 19 }), line("M97 74L108 116L146 130", "arm"),
    ...Object.entries(PLACES).map(([name, { at }]) => mark(name, at)));
  const behind = drawing("behind", "0 -4 120 238", words.behind,
    line("M14 226H106", "ground"), line("M24 182H96M60 182V226", "seat"),
    line("M46 160L40 178M74 160L80 178", "limb"), line("M42 66H78L72 158H48Z", "trunk wide"),
    s("circle", { class: "head", cx: 60, cy: 34, r: 19 }), line("M36 72L22 112L18 136M84 72L98 112L102 136", "arm"),
    ...Object.entries(BEHIND).map(([name, at]) => mark(name, at)));
  return {
    views: [side, behind],
    /** @param {string} placement @param {(placement: string) => boolean} taken */
    show(placement, taken) {
      for (const [name, all] of marks) {
        for (const it of all) {
          it.classList.toggle("on", name === placement);
          it.classList.toggle("taken", taken(name));
        }
      }
    },
  };
}

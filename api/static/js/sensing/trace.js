// @ts-check
/** The last seconds of raw acceleration as three lines that differ in dash and name, not in colour alone. */

import { h, s, say, setAttributes } from "../dom.js";
import { t } from "../languages.js";
import { KEPT_S, MOVED_G } from "./motion.js";

const [WIDTH, HEIGHT] = [360, 96];
/** Most that is drawn, g; more is cut off. */
const MOST_G = 1.8;
const AXES = /** @type {const} */ (["x", "y", "z"]);

/**
 * @param {HTMLElement} root
 * @param {import("./motion.js").Motion} motion
 */
export function mountTrace(root, motion) {
  const lines = AXES.map((axis) => s("path", { class: `axis ${axis}` }));
  const names = AXES.map((axis) => s("text", { class: "axis-name", x: WIDTH + 6 }, document.createTextNode(axis)));
  const svg = s("svg", { viewBox: `0 0 ${WIDTH + 18} ${HEIGHT}`, "aria-hidden": "true" },
    s("path", { class: "zero", d: `M0 ${HEIGHT / 2}H${WIDTH}` }), ...lines, ...names);
  const words = h("figcaption", { "data-testid": "trace-words" }, t("No samples yet."));
  root.classList.add("trace");
  root.setAttribute("data-testid", "trace");
  root.replaceChildren(svg, words);
  let moving = "";

  return () => {
    const end = motion.times.at(-1);
    if (end === undefined) return;
    const x = (/** @type {number} */ time) => ((time - end) / KEPT_S + 1) * WIDTH;
    const y = (/** @type {number} */ g) => HEIGHT / 2 - (Math.min(MOST_G, Math.max(-MOST_G, g)) / MOST_G) * (HEIGHT / 2 - 3);
    const step = Math.max(1, Math.floor(motion.times.length / WIDTH));
    AXES.forEach((_, axis) => {
      let d = "";
      for (let i = 0; i < motion.times.length; i += step) d += `${d ? "L" : "M"}${x(motion.times[i]).toFixed(1)} ${y(motion.acc_g[i][axis]).toFixed(1)}`;
      setAttributes(lines[axis], { d });
    });
    placeNames(names, motion.acc_g.at(-1) ?? [0, 0, 0], y);
    const spread = motion.spread(1) ?? 0;
    moving = spread > MOVED_G ? t("It moves.") : t("It is still.");
    say(words, moving);
  };
}

/** Names beside the ends of their lines, and not over each other. @param {SVGTextElement[]} names @param {number[]} g @param {(g: number) => number} y */
function placeNames(names, g, y) {
  const order = [0, 1, 2].sort((a, b) => y(g[a]) - y(g[b]));
  let lowest = 10;
  order.forEach((axis, i) => {
    const at = Math.min(HEIGHT - 2 - 13 * (2 - i), Math.max(lowest, y(g[axis]) + 4));
    setAttributes(names[axis], { y: at.toFixed(1) });
    lowest = at + 13;
  });
}

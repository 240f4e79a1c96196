// @ts-check
/** Two times beside each other, a usual day of each; honest about how much of each is known. */

import { s, swatch } from "../dom.js";
import { t } from "../languages.js";
import { duration, number } from "../words.js";
import { dayCount, measures } from "./measures.js";
import { mean } from "./past.js";

/** @typedef {import("./past.js").Past} Past */
/** @typedef {{past: Past, days: string[], title: string}} Side */

/** Less than this says too little of a time to compare it [J]. */
const LEAST_DAYS = 2;
const LEAST_KNOWN_S = 10 * 3600;
/** A difference of less is called none: a tenth [J]. */
const SAME = 0.1;

/** @param {Side} side */
function coverage({ past, days }) {
  const sound = days.filter((day) => past.enough(day));
  return { sound, known_s: sound.reduce((sum, day) => sum + past.known_s(day), 0) };
}

/**
 * @param {Side} one what is shown
 * @param {Side} other
 * @param {string} file
 * @returns {import("../chart.js").Shown|string} a sentence where too little is known
 */
export function compare(one, other, file) {
  const covers = [one, other].map(coverage);
  const worn = [one, other].map((it, i) => t("{title}: {days} (over, 4 h or more known), {known} in all", { title: it.title, days: dayCount(covers[i].sound.length), known: duration(covers[i].known_s) }));
  if (covers.some((it) => it.sound.length < LEAST_DAYS || it.known_s < LEAST_KNOWN_S)) {
    return [t("Too little is known to compare."), ...worn.map((it) => `${it}.`)].join(" ");
  }
  const rows = measures().map((measure) => {
    const [a, b] = [one, other].map((side, i) => mean(covers[i].sound.map((day) => side.past.get(day, measure.column))) ?? 0);
    return { measure, a, b, words: difference(a, b, measure) };
  });
  return {
    range: `${one.title} / ${other.title}`,
    file,
    sentence: [t("Means of a day, of days that are over and known for 4 h or more."), ...worn.map((it) => `${it}.`)].join(" "),
    table: {
      columns: [t("A day"), one.title, other.title, t("Difference"), t("Unit")],
      rows: rows.map(({ measure, a, b, words }) => [measure.title, cell(a, measure), cell(b, measure), words, measure.unit]),
    },
    legend: [{ sign: swatch("sitting"), word: one.title }, { sign: swatch("not_worn"), word: other.title }],
    svg: (look) => {
      const high = look.narrow ? 92 : 76;
      const svg = s("svg", { width: look.width, height: rows.length * high, viewBox: `0 0 ${look.width} ${rows.length * high}` });
      const wide = look.width - 96;
      rows.forEach(({ measure, a, b, words }, i) => {
        const y = i * high;
        const most = Math.max(a, b, 1e-9);
        svg.append(label(0, y + 16, measure.title, "name"), look.narrow ? label(0, y + 33, words, "axis") : label(look.width, y + 16, words, "axis end"));
        [[a, "fill-sitting"], [b, "fill-not_worn"]].forEach(([value, fill], k) => {
          const top = y + (look.narrow ? 41 : 24) + k * 21;
          const long = Math.max(1, (/** @type {number} */ (value) / most) * wide);
          svg.append(s("rect", { class: /** @type {string} */ (fill), x: 0, y: top, width: long.toFixed(1), height: 16, rx: 3 }), label(long + 8, top + 13, measure.say(/** @type {number} */ (value)), "axis"));
        });
      });
      return svg;
    },
  };
}

/** @param {number} value @param {import("./measures.js").Measure} measure */
function cell(value, measure) {
  return { value: Math.round((value / measure.scale) * 100) / 100, text: measure.say(value) };
}

/** @param {number} a @param {number} b @param {import("./measures.js").Measure} measure */
function difference(a, b, measure) {
  const far = Math.abs(a - b);
  if (far <= SAME * Math.max(a, b)) return t("about the same");
  const by = measure.scale === 1 ? number(far, 1) : duration(Math.max(60, far));
  return a > b ? t("{by} more in the first", { by }) : t("{by} less in the first", { by });
}

/** @param {number} x @param {number} y @param {string} text @param {string} name */
function label(x, y, text, name) {
  const it = s("text", { class: name, x, y });
  it.textContent = text;
  return it;
}

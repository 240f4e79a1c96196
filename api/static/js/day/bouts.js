// @ts-check
/** Sitting of a day in one go: how often by length, and which breaks were taken or passed. */

import { seconds } from "../clock.js";
import { s } from "../dom.js";
import { plural, t } from "../languages.js";
import { duration, number } from "../words.js";

/** @typedef {import("../types.js").Episode} Episode */

/** Ends of the classes of length, min: the sitting alert comes after 30 unless it is set otherwise. Own judgement. */
const CLASSES_MIN = [10, 20, 30, 45, 60, Infinity];
/** Less is no sitting in one go. */
const LEAST_S = 60;
const HEIGHT = 120;
const [TOP, LEFT, BELOW] = [24, 8, 24];

/** @param {number} i */
function classWord(i) {
  if (i === 0) return t("under {n} min", { n: CLASSES_MIN[0] });
  if (i === CLASSES_MIN.length - 1) return t("over {n} min", { n: CLASSES_MIN[i - 1] });
  return t("{low} to {high} min", { low: CLASSES_MIN[i - 1], high: CLASSES_MIN[i] });
}

/** @param {import("./data.js").DayData} data @returns {Episode[]} by start */
export function boutsOf(data) {
  return data.episodes.filter((it) => it.kind === "sitting" && lasted(it, data) >= LEAST_S).sort((a, b) => seconds(a.start) - seconds(b.start));
}

/** @param {Episode} it @param {import("./data.js").DayData} data */
function lasted(it, data) {
  return it.end === null ? data.until - seconds(it.start) : it.duration_s;
}

/** Of the prompts for a break, what came: followed, passed, or cannot be known. @param {import("../types.js").Alert[]} alerts */
export function promptsOf(alerts) {
  const asked = alerts.filter((it) => it.kind === "sitting");
  const followed = asked.filter((it) => it.outcome === "taken" || it.outcome === "partial").length;
  const passed = asked.filter((it) => it.outcome === "ignored").length;
  return { asked: asked.length, followed, passed };
}

/** @param {import("./data.js").DayData} data @returns {import("../chart.js").Shown} */
export function boutsShown(data) {
  const { page, day } = data;
  const at = (/** @type {number} */ time) => page.hours.at(time);
  const bouts = boutsOf(data);
  const lengths = bouts.map((it) => lasted(it, data));
  const classes = CLASSES_MIN.map((high_min, i) => lengths.filter((s_) => s_ / 60 < high_min && s_ / 60 >= (i ? CLASSES_MIN[i - 1] : 0)));
  const { asked, followed, passed } = promptsOf(data.alerts);
  const said = [];
  said.push(bouts.length === 0 ? t("You did not sit for a minute or longer.")
    : plural(bouts.length, "You sat down {n} time, for {longest} at the longest.", "You sat down {n} times, for {longest} at the longest.", { longest: duration(Math.max(...lengths)) }));
  if (day && day.breaks !== null) {
    said.push(plural(day.breaks, "You took {n} break, {full} of 5 min or more.", "You took {n} breaks, {full} of 5 min or more.", { full: day.full_breaks ?? 0 }));
  }
  if (asked === 1) {
    said.push(followed ? t("One prompt for a break came, and was followed.")
      : passed ? t("One prompt for a break came, and was not followed.") : t("One prompt for a break came."));
  }
  if (asked > 1) said.push(t("Of {n} prompts for a break {followed} were followed and {passed} were not.", { n: asked, followed, passed }));
  const xs = (/** @type {number} */ width) => classes.map((_, i) => LEFT + ((i + 0.5) * (width - 2 * LEFT)) / classes.length);
  const breaks = data.episodes.filter((it) => it.kind === "break");
  return {
    sentence: said.join(" "),
    range: page.hours.day(data.start + 3 * 3600),
    file: data.name,
    table: {
      columns: [t("Start"), t("End"), t("Sat, min"), t("Break after it, min")],
      rows: bouts.map((it, i) => {
        const end = it.end === null ? null : seconds(it.end);
        const rest = end === null ? undefined : breaks.find((each) => Math.abs(seconds(each.start) - end) <= 5);
        return [{ value: it.start, text: at(seconds(it.start)) }, end === null ? { value: null, text: t("goes on") } : { value: it.end, text: at(end) },
          Math.round(lengths[i] / 60), end === null ? null : Math.round((rest?.duration_s ?? 0) / 60)];
      }),
      caption: t("Sitting in one go"),
    },
    svg: ({ width }) => {
      const most = Math.max(1, ...classes.map((it) => it.length));
      const svg = s("svg", { "aria-hidden": "true", viewBox: `0 0 ${width} ${TOP + HEIGHT + BELOW}`, width, height: TOP + HEIGHT + BELOW });
      const wide = Math.min(72, ((width - 2 * LEFT) / classes.length) * 0.62);
      svg.append(s("path", { class: "time-tick", d: `M${LEFT} ${TOP + HEIGHT}h${width - 2 * LEFT}` }));
      xs(width).forEach((x, i) => {
        const n = classes[i].length;
        const height = (n / most) * HEIGHT;
        const text = (/** @type {string} */ words, /** @type {number} */ y, /** @type {string} */ name) => {
          const label = s("text", { class: name, x: x.toFixed(1), y, "text-anchor": "middle" });
          label.textContent = words;
          return label;
        };
        svg.append(
          s("rect", { class: "fill-sitting box-sitting", "data-class": i, x: (x - wide / 2).toFixed(1), y: (TOP + HEIGHT - height).toFixed(1), width: wide.toFixed(1), height: height.toFixed(1), rx: 2 }),
          text(n ? number(n) : "", TOP + HEIGHT - height - 6, "bar-label"),
          text(width < 480 ? shortClass(i) : classWord(i), TOP + HEIGHT + 18, "time-label"));
      });
      return svg;
    },
    grid: true,
  };
}

/** @param {number} i */
function shortClass(i) {
  if (i === 0) return `<${CLASSES_MIN[0]}`;
  return i === CLASSES_MIN.length - 1 ? `>${CLASSES_MIN[i - 1]}` : `${CLASSES_MIN[i - 1]}–${CLASSES_MIN[i]}`;
}

// @ts-check
/** Weekday by hour: what share of the known time was spent sitting, or how much was slouched. */

import { s } from "../dom.js";
import { firstWeekday, t } from "../languages.js";
import { duration, hourWords, number, percent } from "../words.js";
import { weekdayNames } from "./calendar.js";

/** @typedef {{days: number[], sums: Record<string, number[][]>}} Answer */

/** An hour of the week of which less is known says nothing [J]. */
const LEAST_S = 1800;
const LIMITS = [0.2, 0.4, 0.6, 0.8];
const [ROW, TOP] = [30, 22];

/**
 * @param {Answer} answer of week-hours
 * @param {import("./calendar.js").Span} span
 * @param {string} last
 * @returns {import("../chart.js").Shown|null} null where nothing is known
 */
export function weekHours(answer, span, last) {
  const order = Array.from({ length: 7 }, (_, i) => (firstWeekday() - 1 + i) % 7);
  const names = weekdayNames("long");
  const cells = order.flatMap((weekday, row) => Array.from({ length: 24 }, (_, hour) => {
    const known = answer.sums.known_s[weekday][hour];
    return { row, hour, known, sitting: answer.sums.sitting_s[weekday][hour], slouch: answer.sums.slouch_s[weekday][hour], share: known >= LEAST_S ? answer.sums.sitting_s[weekday][hour] / known : null };
  }));
  const sure = cells.filter((it) => it.share !== null);
  if (!sure.length) return null;
  const most = sure.reduce((a, b) => ((b.share ?? 0) > (a.share ?? 0) ? b : a));
  const least = sure.reduce((a, b) => ((b.share ?? 0) < (a.share ?? 0) ? b : a));
  const at = (/** @type {{row: number, hour: number}} */ it) => t("{weekday} from {time}", { weekday: names[it.row], time: hourWords(it.hour) });
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: [
      t("Of the time in which your posture is known, you sat most on {most} ({share}) and least on {least} ({other}).",
        { most: at(most), share: percent(most.share), least: at(least), other: percent(least.share) }),
      t("The darker an hour, the more of it you sat; hours with less than 30 min known are crossed out."),
    ].join(" "),
    table: {
      columns: [t("Weekday"), t("Hour"), t("Sitting, share of what is known"), t("Known, h"), t("Slouching, min")],
      rows: cells.map((it) => [names[it.row], it.hour, it.share === null ? null : { value: Math.round(it.share * 1000) / 1000, text: percent(it.share) }, Math.round(it.known / 360) / 10, Math.round(it.slouch / 60)]),
    },
    legend: [
      ...[0, ...LIMITS].map((from, i) => ({ sign: swatchOf(`level-${i + 1}`), word: i < LIMITS.length ? `${number(from * 100)}–${number(LIMITS[i] * 100)} %` : `${number(from * 100)}–100 %` })),
      { sign: swatchOf("fill-nodata"), word: t("Hardly known") },
    ],
    svg: (look) => {
      const left = look.narrow ? 36 : 92;
      const wide = (look.width - left) / 24;
      const svg = s("svg", { width: look.width, height: TOP + 7 * ROW, viewBox: `0 0 ${look.width} ${TOP + 7 * ROW}` });
      for (let hour = 0; hour < 24; hour += look.narrow ? 6 : 3) svg.append(words(left + hour * wide, 14, String(hour)));
      (look.narrow ? weekdayNames("short") : names).forEach((name, row) => svg.append(words(0, TOP + row * ROW + 19, name)));
      for (const it of cells) {
        const level = it.share === null ? "fill-nodata" : `level-${1 + LIMITS.filter((limit) => /** @type {number} */ (it.share) >= limit).length}`;
        svg.append(s("rect", { class: level, x: (left + it.hour * wide).toFixed(2), y: TOP + it.row * ROW, width: Math.max(2, wide - 2).toFixed(2), height: ROW - 3, rx: 3 }));
      }
      return svg;
    },
    reading: (look) => {
      const left = look.narrow ? 36 : 92;
      const wide = (look.width - left) / 24;
      return {
        at: Array.from({ length: 24 }, (_, hour) => left + (hour + 0.5) * wide),
        read: (hour) => ({
          heading: t("From {hour} to {next}", { hour: hourWords(hour), next: hourWords((hour + 1) % 24) }),
          lines: cells.filter((it) => it.hour === hour).map((it) => `${names[it.row]}: ${it.share === null ? t("hardly known") : t("{share} of {known}", { share: percent(it.share), known: duration(it.known) })}`),
        }),
      };
    },
  };
}

/** @param {string} name */
function swatchOf(name) {
  return s("svg", { class: "swatch", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, s("rect", { class: name, x: 1, y: 1, width: 14, height: 14, rx: 3 }));
}

/** @param {number} x @param {number} y @param {string} text */
function words(x, y, text) {
  const it = s("text", { class: "axis", x, y });
  it.textContent = text;
  return it;
}

// @ts-check
/** Up to fourteen days as strips below each other on the hours that clocks showed; a click or Enter opens the day. */

import { s, swatch } from "../dom.js";
import { t } from "../languages.js";
import { boundsOf } from "../local-day.js";
import { goTo } from "../router.js";
import { BucketSeries, stateRuns } from "../series.js";
import { STATES, duration, listed, stateInSentence, stateWord } from "../words.js";
import { dayWords, shortDay, wholeDay } from "./calendar.js";
import { mean } from "./past.js";

/** @typedef {import("./past.js").Past} Past */
/** @typedef {{day: string, start: number, end: number, change: number, ahead_s: number, buckets: BucketSeries}} Strip */

const ROW = 34;
const HIGH = 24;
const TOP = 22;
const DAY_S = 86_400;

/**
 * The days' minutes, five at a time. One call a day: days are answered from memory (api/kept_series.py), a week in one
 * call has more rows than are kept and takes twice as long.
 * @param {import("../api.js").Api} api
 * @param {import("../types.js").Wearer} wearer
 * @param {string[]} days
 * @returns {Promise<Strip[]>}
 */
export function askStrips(api, wearer, days) {
  return Promise.all(days.map(async (day) => {
    const bounds = boundsOf(day, wearer.timezone);
    const buckets = new BucketSeries();
    buckets.merge(await api.get(`wearers/${encodeURIComponent(wearer.id)}/series`, {
      start: new Date(bounds.start * 1000).toISOString(), end: new Date(bounds.end * 1000).toISOString(), points: 5000, resolution_s: 300,
    }));
    return { day, ...bounds, buckets };
  }));
}

/**
 * @param {Past} past
 * @param {import("./calendar.js").Span} span
 * @param {Strip[]} strips
 * @param {number} now Unix s
 * @returns {import("../chart.js").Shown}
 */
export function shownStrips(past, span, strips, now) {
  const days = strips.map((it) => it.day);
  const sat = mean(days.map(past.sound((day) => past.get(day, "sitting_s"))));
  const present = new Set(strips.flatMap((it) => runsOf(it, 300, now).map((run) => run.state)));
  return {
    range: span.title,
    file: `${span.first}-to-${span.last}`,
    sentence: [
      t("Each strip is a day from midnight to midnight; hatched is not worn, crossed out has no data."),
      sat === null ? t("No day of this time is over and known for 4 h or more.") : t("You sat {value} a day on average.", { value: duration(sat) }),
    ].join(" "),
    table: {
      columns: [t("Day"), ...STATES.map((it) => `${stateWord(it)}, min`)],
      rows: days.map((day) => [day, ...STATES.map((state) => minutes(past.get(day, `${state}_s`)))]),
    },
    legend: [...STATES, "nodata"].filter((it) => present.has(it)).map((it) => ({ sign: swatch(it), word: stateWord(it) })),
    grid: true,
    svg: (look) => draw(past, strips, look, now),
  };
}

/** @param {number|null} value s */
function minutes(value) {
  return value === null ? null : Math.round(value / 60);
}

/** @param {Strip} strip @param {number} column_s @param {number} now */
function runsOf(strip, column_s, now) {
  const until = Math.min(strip.end, now);
  return until > strip.start ? stateRuns(strip.buckets, strip.start, until, column_s) : [];
}

/**
 * @param {Past} past
 * @param {Strip[]} strips
 * @param {import("../chart-look.js").Look} look
 * @param {number} now
 */
function draw(past, strips, look, now) {
  const left = look.narrow ? 52 : 104;
  const wide = Math.max(60, look.width - left - 14);
  const height = TOP + strips.length * ROW;
  const svg = s("svg", { width: look.width, height, viewBox: `0 0 ${look.width} ${height}`, role: "group", "aria-label": t("Days as strips: up and down arrows lead from day to day, Enter opens a day") });
  for (let hour = 0; hour <= 24; hour += look.narrow ? 6 : 3) {
    const x = left + (hour / 24) * wide;
    svg.append(label(x, 12, String(hour), "axis middle"), s("path", { class: "hour", d: `M${x.toFixed(1)} ${TOP - 4}V${height - ROW + HIGH + 4}` }));
  }
  const rows = strips.map((strip, i) => row(past, strip, { left, wide, y: TOP + i * ROW, narrow: look.narrow, now }, i === strips.length - 1));
  svg.append(...rows);
  keys(svg, rows, strips);
  return svg;
}

/**
 * @param {Past} past
 * @param {Strip} strip
 * @param {{left: number, wide: number, y: number, narrow: boolean, now: number}} at
 * @param {boolean} first of the keyboard
 */
function row(past, strip, { left, wide, y, narrow, now }, first) {
  const x = (/** @type {number} */ time) => left + (Math.min(DAY_S, Math.max(0, time - strip.start + (time >= strip.change ? strip.ahead_s : 0))) / DAY_S) * wide;
  const parts = STATES.map((state) => ({ state, lasted: past.get(strip.day, `${state}_s`) ?? 0 })).filter((it) => it.lasted >= 60);
  const says = parts.length ? listed(parts.map((it) => `${duration(it.lasted)} ${stateInSentence(it.state)}`)) : t("No data");
  const g = s("g", { class: "field strip", role: "button", tabindex: first ? 0 : -1, "data-day": strip.day, "aria-label": `${wholeDay(strip.day)}: ${says}` },
    s("rect", { class: "ground", x: left, y, width: wide, height: HIGH, rx: 3 }),
    label(0, y + 16, narrow ? dayWords(strip.day, { weekday: "short", day: "numeric" }) : shortDay(strip.day), "axis day"));
  for (const run of runsOf(strip, DAY_S / wide, now)) {
    const cuts = run.start < strip.change && run.end > strip.change ? [[run.start, strip.change - 1], [strip.change, run.end]] : [[run.start, run.end]];
    for (const [from, to] of cuts) g.append(s("rect", { class: `fill-${run.state}`, x: x(from).toFixed(2), y, width: Math.max(0.5, x(to) - x(from)).toFixed(2), height: HIGH }));
  }
  const title = s("title");
  title.textContent = says;
  g.append(title);
  return g;
}

/** @param {number} x @param {number} y @param {string} words @param {string} name */
function label(x, y, words, name) {
  const it = s("text", { class: name, x, y, "aria-hidden": "true" });
  it.textContent = words;
  return it;
}

/** @param {SVGSVGElement} svg @param {SVGGElement[]} rows @param {Strip[]} strips */
function keys(svg, rows, strips) {
  const steps = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1, Home: -99, End: 99 });
  svg.addEventListener("click", (event) => {
    const day = /** @type {Element} */ (event.target).closest("[data-day]")?.getAttribute("data-day");
    if (day) goTo("day", day);
  });
  svg.addEventListener("keydown", (event) => {
    const i = rows.findIndex((it) => it === document.activeElement);
    if (i < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") goTo("day", strips[i].day);
    else if (event.key in steps) {
      rows[i].setAttribute("tabindex", "-1");
      const next = rows[Math.max(0, Math.min(rows.length - 1, i + steps[event.key]))];
      next.setAttribute("tabindex", "0");
      next.focus();
    } else return;
    event.preventDefault();
  });
}


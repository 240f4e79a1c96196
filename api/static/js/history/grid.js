// @ts-check
/**
 * A month, or years, as a field of days: one square a day, its colour by how much, a click or Enter opens the day. One
 * square is in the order of the keyboard; arrows, Home, End and Page keys lead to the others.
 */

import { s } from "../dom.js";
import { t } from "../languages.js";
import { daysBetween } from "../local-day.js";
import { goTo } from "../router.js";
import { figure } from "../words.js";
import { dayWords, monthPlus, weekPlace, weekStart, weekdayNames, wholeDay } from "./calendar.js";
import { dayCount } from "./measures.js";
import { daysOf, mean } from "./past.js";
import { cell, sayDay } from "./trend.js";

/** @typedef {import("./past.js").Past} Past */
/** @typedef {import("./measures.js").Measure} Measure */
/** @typedef {import("./calendar.js").Span} Span */

const STEPS = 5;
const LEFT = 34;

/**
 * @param {Past} past
 * @param {Span} span
 * @param {string} last the last day that can be there
 * @param {Measure} measure
 * @returns {import("../chart.js").Shown}
 */
export function grid(past, span, last, measure) {
  const days = daysOf(span.first, last);
  const value = (/** @type {string} */ day) => past.get(day, measure.column);
  const limits = limitsOf(days.map(value), measure);
  const month = daysBetween(span.first, span.last) < 62;
  const known = days.map(past.sound(value));
  const average = mean(known);
  const most = days.reduce((a, day, i) => (known[i] !== null && (a === "" || (known[i] ?? 0) > (value(a) ?? 0)) ? day : a), "");
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: average === null ? t("No day of this time is over and known for 4 h or more.") : [
      t(measure.mean, { value: measure.say(average) }),
      t("Most was on {day}: {value}.", { day: wholeDay(most), value: measure.say(value(most) ?? 0) }),
      t("The darker a day, the more; hatched days have no data, outlined ones less than 4 h, or are not over."),
      t("Only days that are over and known for 4 h or more count: {days}.", { days: dayCount(known.filter((it) => it !== null).length) }),
    ].join(" "),
    table: {
      columns: [t("Day"), `${measure.title}, ${measure.unit}`, t("Known, h")],
      rows: days.map((day) => [day, cell(value(day), measure), Math.round(past.known_s(day) / 360) / 10]),
    },
    legend: legend(limits, measure),
    grid: true,
    svg: (look) => {
      const tell = (/** @type {string} */ day) => `${wholeDay(day)}: ${sayDay(past, day, measure)}`;
      const level = (/** @type {string} */ day) => levelOf(value(day), limits);
      return month ? months(span, days, look, { tell, level, past, measure }) : years(span, days, look, { tell, level, past, measure });
    },
  };
}

/** @typedef {{tell: (day: string) => string, level: (day: string) => number, past: Past, measure: Measure}} Drawn */

/** Round limits between the five steps. @param {(number|null)[]} values @param {Measure} measure @returns {number[]} */
export function limitsOf(values, measure) {
  const known = values.filter((it) => it !== null).map((it) => it / measure.scale);
  const [least, most] = [Math.min(...known), Math.max(0, ...known)];
  const alike = known.length > 0 && least >= most * 0.6; // counted from nought all of them would look the same
  const base = (/** @type {number} */ step) => alike ? Math.floor(least / step) * step : 0;
  const rounds = measure.scale === 3600 ? [0.5, 1, 1.5, 2, 3] : [1, 2, 3, 5, 10, 15, 20, 30, 50, 60, 100, 120, 200];
  const step = rounds.find((it) => base(it) + it * STEPS >= most) ?? Math.ceil(most / STEPS);
  return Array.from({ length: STEPS - 1 }, (_, i) => (base(step) + (i + 1) * step) * measure.scale);
}

/** 1 to 5; 0: no data. @param {number|null} value @param {number[]} limits */
function levelOf(value, limits) {
  return value === null ? 0 : 1 + limits.filter((it) => value >= it).length;
}

/** @param {number[]} limits @param {Measure} measure */
function legend(limits, measure) {
  const sign = (/** @type {string} */ name) => s("svg", { class: "swatch", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("rect", { class: name, x: 1, y: 1, width: 14, height: 14, rx: 3 }));
  const shown = limits.map((it) => figure(it / measure.scale, 1));
  return [
    { sign: sign("level-1"), word: t("below {value} {unit}", { value: shown[0], unit: measure.unit }) },
    ...shown.slice(0, -1).map((from, i) => ({ sign: sign(`level-${i + 2}`), word: t("from {value}", { value: from }) })),
    { sign: sign(`level-${STEPS}`), word: t("{value} and more", { value: shown[shown.length - 1] }) },
    { sign: sign("fill-nodata"), word: t("No data") },
  ];
}

/**
 * @param {Span} span
 * @param {string[]} days
 * @param {import("../chart-look.js").Look} look
 * @param {Drawn} drawn
 */
function months(span, days, look, drawn) {
  const first = weekStart(span.first);
  const rows = Math.ceil((daysBetween(first, span.last) + 1) / 7);
  const width = Math.min(look.width, 760);
  const [w, h] = [width / 7, look.narrow ? 52 : 64];
  const svg = root(look.width, 24 + rows * h, drawn);
  weekdayNames(look.narrow ? "narrow" : "short").forEach((name, i) => svg.append(text(i * w + 6, 16, name, "axis")));
  const place = (/** @type {string} */ day) => ({ x: weekPlace(day) * w, y: 24 + Math.floor(daysBetween(first, day) / 7) * h });
  fields(svg, days, drawn, (day) => ({ ...place(day), width: w - 3, height: h - 3 }), 7, (day, box) => [
    text(box.x + 7, box.y + 17, String(Number(day.slice(8))), `number on-${drawn.level(day)}`),
    ...(drawn.past.get(day, drawn.measure.column) === null || w < 44 ? [] : [text(box.x + 7, box.y + box.height - 9, short(drawn, day), `value on-${drawn.level(day)}`)]),
  ]);
  return svg;
}

/** @param {Drawn} drawn @param {string} day */
function short({ past, measure }, day) {
  const value = (past.get(day, measure.column) ?? 0) / measure.scale;
  return measure.scale === 1 ? figure(value) : `${figure(value, measure.scale === 3600 ? 1 : 0)} ${measure.unit}`;
}

/**
 * Years below each other, a column a week.
 * @param {Span} span
 * @param {string[]} days
 * @param {import("../chart-look.js").Look} look
 * @param {Drawn} drawn
 */
function years(span, days, look, drawn) {
  /** @type {{start: string, days: string[]}[]} */
  const blocks = [];
  for (const day of days) {
    const block = blocks[blocks.length - 1];
    const half = look.narrow ? 6 : 12;
    if (!block || (day.endsWith("-01") && (Number(day.slice(5, 7)) - 1) % half === 0)) blocks.push({ start: day, days: [day] });
    else block.days.push(day);
  }
  const columns = look.narrow ? 27 : 54;
  const size = Math.max(8, Math.min(22, Math.floor((look.width - LEFT) / columns)));
  const high = 7 * size + 34;
  const svg = root(look.width, blocks.length * high, drawn);
  /** @type {Map<string, {x: number, y: number}>} */
  const places = new Map();
  const names = weekdayNames("short");
  blocks.forEach((block, n) => {
    const first = weekStart(block.start);
    const top = n * high + 26;
    if (blocks.length > 1 || daysBetween(span.first, span.last) > 366) svg.append(text(0, top - 12, block.start.slice(0, 4), "axis year"));
    for (const row of [0, 2, 4, 6]) svg.append(text(0, top + row * size + size - 4, names[row], "axis"));
    for (let month = block.start; month <= block.days[block.days.length - 1]; month = monthPlus(month, 1)) {
      const x = LEFT + Math.floor(daysBetween(first, month) / 7) * size;
      if (x < look.width - 20 && (month.endsWith("-01") || (month === block.start && Number(month.slice(8)) <= 15))) svg.append(text(x + (n || blocks.length > 1 ? (month === block.start ? 8 : 0) : 0), top - 12, dayWords(month, { month: "short" }), "axis"));
    }
    for (const day of block.days) places.set(day, { x: LEFT + Math.floor(daysBetween(first, day) / 7) * size, y: top + weekPlace(day) * size });
  });
  fields(svg, days, drawn, (day) => ({ .../** @type {{x: number, y: number}} */ (places.get(day)), width: size - 2, height: size - 2 }), 1, () => []);
  return svg;
}

/** @param {number} width @param {number} height @param {Drawn} drawn */
function root(width, height, { measure }) {
  return s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": t("{title}: arrow keys lead from day to day, Enter opens a day", { title: measure.title }) });
}

/** @param {number} x @param {number} y @param {string} words @param {string} name */
function text(x, y, words, name) {
  const it = s("text", { class: name, x, y, "aria-hidden": "true" });
  it.textContent = words;
  return it;
}

/**
 * The squares, with what they say and the keys that lead through them.
 * @param {SVGSVGElement} svg
 * @param {string[]} days
 * @param {Drawn} drawn
 * @param {(day: string) => {x: number, y: number, width: number, height: number}} place
 * @param {number} across days from a square to the one below it
 * @param {(day: string, box: {x: number, y: number, width: number, height: number}) => SVGElement[]} more
 */
function fields(svg, days, drawn, place, across, more) {
  const down = across === 1 ? 1 : 7;
  const side = across === 1 ? 7 : 1;
  const keys = /** @type {Record<string, number>} */ ({ ArrowLeft: -side, ArrowRight: side, ArrowUp: -down, ArrowDown: down, PageUp: -28, PageDown: 28, Home: -1e6, End: 1e6 });
  const made = days.map((day, i) => {
    const box = place(day);
    const level = drawn.level(day);
    const thin = level && !drawn.past.enough(day) ? " thin" : "";
    const field = s("g", { class: "field", role: "button", tabindex: i === days.length - 1 ? 0 : -1, "aria-label": drawn.tell(day), "data-day": day },
      s("rect", { class: (level ? `level-${level}` : "fill-nodata") + thin, rx: Math.min(4, box.width / 5), ...box }), ...more(day, box));
    const title = s("title");
    title.textContent = drawn.tell(day);
    field.append(title);
    return field;
  });
  const lead = (/** @type {number} */ from, /** @type {number} */ to) => {
    const target = Math.max(0, Math.min(days.length - 1, to));
    made[from].setAttribute("tabindex", "-1");
    made[target].setAttribute("tabindex", "0");
    made[target].focus();
  };
  svg.append(...made);
  svg.addEventListener("click", (event) => {
    const day = /** @type {Element} */ (event.target).closest("[data-day]")?.getAttribute("data-day");
    if (day) goTo("day", day);
  });
  svg.addEventListener("keydown", (event) => {
    const i = made.findIndex((it) => it === document.activeElement);
    if (i < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") goTo("day", days[i]);
    else if (event.key in keys) lead(i, i + keys[event.key]);
    else return;
    event.preventDefault();
  });
}


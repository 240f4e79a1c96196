// @ts-check
/** Today on Now: the sums and the strip with its cursor, the sentence and the table behind them. The whole of it is the page of the day. */

import { TimeAxis, windowOf } from "./axis.js";
import { seconds } from "./clock.js";
import { Cursor } from "./cursor.js";
import { byId, s, say, show } from "./dom.js";
import { plural, t } from "./languages.js";
import { fillLegend, markSign } from "./legend.js";
import { readDay } from "./reading.js";
import { PAGES, address, goTo } from "./router.js";
import { mainState } from "./series.js";
import { sourceSentence } from "./source.js";
import { alertNear, drawStrip } from "./strip.js";
import { fillTable } from "./table.js";
import { STATES, duration, listed, number, stateInSentence, unbroken } from "./words.js";

/** @typedef {import("./picture.js").Picture} Picture */

const LEFT_PX = 20;
const RIGHT_PX = 20;
/** The newest bucket the page draws anew; the strip needs no more haste than its own columns. */
const REDRAW_MS = 20000;

/** @param {Picture} page */
export function mountToday(page) {
  return new Today(page);
}

class Today {
  #drawnAt = -Infinity;
  /** @type {TimeAxis|null} */
  #axis = null;

  /** @param {Picture} page */
  constructor(page) {
    this.page = page;
    this.plot = byId("plot");
    this.svg = s("svg", { "aria-hidden": "true", "data-testid": "strip-svg" });
    byId("strip").append(this.svg);
    this.cursor = new Cursor(this.plot, (time) => this.#read(time), (x, y) => this.#click(x, y));
    this.plot.addEventListener("choose", (event) => this.#go(this.#alertAt(/** @type {CustomEvent} */ (event).detail)));
    page.on(["series", "day", "alerts"], () => this.draw());
    page.on(["day"], () => this.#sums());
    new ResizeObserver(() => this.draw()).observe(this.plot);
    this.table = /** @type {HTMLDetailsElement} */ (byId("table-toggle"));
    this.table.addEventListener("toggle", () => this.#table());
    document.addEventListener("visibilitychange", () => this.draw());
    const link = /** @type {HTMLAnchorElement} */ (byId("to-the-day"));
    link.href = address("day");
  }

  /** Called at every tick: draws when there is something new to see. */
  tick() {
    if (performance.now() - this.#drawnAt > REDRAW_MS) this.draw();
  }

  draw() {
    const { page } = this;
    const day = page.day;
    const there = page.minutes.all().length > 0;
    if (document.hidden) return;
    show(byId("today-empty"), !there);
    if (day) say(byId("today-empty"), t("Your day appears here as a strip, minute by minute, once a sensor is worn."));
    for (const id of ["today-drawn", "sums"]) show(byId(id), there);
    show(byId("to-the-day"), there && PAGES.some((it) => it.name === "day"));
    const width = this.plot.clientWidth;
    if (!day || !page.clock.known || width === 0) return;
    this.#drawnAt = performance.now();
    const now = this.#lastSeen();
    const bounds = { start: seconds(day.start), end: seconds(day.end) };
    const shown = windowOf("day", bounds, this.#first(), now);
    const axis = new TimeAxis(shown.start, shown.end, width, LEFT_PX, RIGHT_PX);
    this.#axis = axis;
    const time = { midnight: bounds.start, label: (/** @type {number} */ at) => page.hours.at(at) };
    drawStrip(this.svg, axis, page.minutes, [...page.episodes.values()], page.todaysAlerts(), now, time);
    this.cursor.use(axis, now);
    fillLegend(byId("legend"), this.svg);
    this.#sentence(axis, now);
    this.#table();
  }

  /** The time the strip ends at: now, or the last reading while there is none. */
  #lastSeen() {
    return this.page.up ? this.page.clock.now() : (this.page.awaySince ?? this.page.clock.now());
  }

  /** First time of the day at which the sensor was worn. */
  #first() {
    const worn = this.page.minutes.all().find((it) => !["not_worn", "nodata"].includes(mainState(it)));
    return worn?.start ?? this.page.minutes.all()[0]?.start ?? null;
  }

  #sums() {
    const day = this.page.day;
    if (!day) return;
    say(byId("sum-sitting"), duration(day.seconds.sitting ?? 0));
    say(byId("sum-longest"), duration(day.longest_sitting_s));
    say(byId("sum-breaks"), day.breaks === null ? t("unknown") : number(day.breaks));
    say(byId("sum-breaks-note"), day.full_breaks ? t("{n} of 5 min or more", { n: day.full_breaks }) : "");
    say(byId("sum-slouch"), duration(day.slouch_s));
    say(byId("sum-slouch-note"), day.slouches ? plural(day.slouches, "{n} time", "{n} times") : "");
    say(byId("today-date"), this.page.hours.day(seconds(day.start) + 3 * 3600));
  }

  /** @param {TimeAxis} axis @param {number} now */
  #sentence(axis, now) {
    const { page } = this;
    const buckets = page.minutes.between(axis.start, now);
    const parts = [];
    for (const state of STATES) {
      const lasted = buckets.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0);
      if (lasted >= 60) parts.push(`${duration(lasted)} ${stateInSentence(state)}`);
    }
    const said = t("From {start} to {end}: {states}.", {
      start: page.hours.at(axis.start), end: page.hours.at(Math.min(now, axis.end)), states: listed(parts) || t("no data") });
    say(byId("today-sentence"), unbroken([said, sourceSentence(page.source)].filter(Boolean).join(" ")));
  }

  #table() {
    const day = this.page.day;
    if (!day || !this.table.open) return;
    fillTable(byId("table"), this.page, seconds(day.start), this.#lastSeen());
  }

  /** @param {number} time @returns {import("./cursor.js").Reading} */
  #read(time) {
    const { page } = this;
    const lines = readDay(page.minutes, page.episodes.values(), time, this.#lastSeen());
    const near = this.#alertAt(time);
    if (near) lines.push({ text: `${page.hours.at(seconds(near.opened_at))} ${near.message}`, sign: markSign("alert") });
    return { time: page.hours.at(time), lines };
  }

  /** @param {number} time */
  #alertAt(time) {
    const reach = 6 * (this.#axis?.pixel_s ?? 60);
    return this.page.todaysAlerts().find((it) => Math.abs(seconds(it.opened_at) - time) <= reach) ?? null;
  }

  /** @param {number} x @param {number} y */
  #click(x, y) {
    this.#go(this.#axis && alertNear(this.#axis, this.page.todaysAlerts(), x, y));
  }

  /** To an alert on the page of the day. @param {import("./types.js").Alert|null} alert */
  #go(alert) {
    const day = this.page.day;
    if (alert && day) goTo("day", day.day, "alert", alert.id);
  }
}

// @ts-check
/** Today: the sums, the strip and the lean on one time axis with one cursor, the sentence and the table behind them. */

import { openAlert } from "./alerts.js";
import { TimeAxis, windowOf } from "./axis.js";
import { seconds } from "./clock.js";
import { Cursor } from "./cursor.js";
import { byId, s, say, setAttributes, show, swatch } from "./dom.js";
import { plural, t } from "./languages.js";
import { LeanChart, leanSums } from "./lean.js";
import { BucketSeries, mainState } from "./series.js";
import { alertNear, drawStrip, markOf } from "./strip.js";
import { fillTable } from "./table.js";
import { STATES, degrees, duration, episodeWord, listed, number, sideWords, stateInSentence, stateWord, unbroken } from "./words.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./axis.js").Range} Range */

const LEFT_PX = 32;
const RIGHT_PX = 20;
/** The newest bucket the page draws anew; the strip needs no more haste than its own columns. */
const REDRAW_MS = 5000;
/** Seconds of the last hour are asked for this often while they are shown. */
const FINE_MS = 20000;

/** What is marked above the strip, as the legend tells it. */
const MARKS = ["slouch", "load", "break", "alert"];

/** @param {Picture} page */
export function mountToday(page) {
  return new Today(page);
}

class Today {
  /** @type {Range} */
  #range = "day";
  #fine = new BucketSeries();
  #fineAt = -Infinity;
  #drawnAt = -Infinity;
  /** @type {TimeAxis|null} */
  #axis = null;

  /** @param {Picture} page */
  constructor(page) {
    this.page = page;
    this.plot = byId("plot");
    this.svg = s("svg", { "aria-hidden": "true", "data-testid": "strip-svg" });
    byId("strip").append(this.svg);
    this.lean = new LeanChart(byId("lean-chart"));
    this.cursor = new Cursor(this.plot, (time) => this.#read(time), (x, y) => this.#click(x, y));
    this.plot.addEventListener("choose", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail));
    for (const input of byId("range").querySelectorAll("input")) {
      input.addEventListener("change", () => void this.#pick(/** @type {Range} */ (input.value)));
    }
    page.on(["series", "day", "alerts"], () => this.draw());
    page.on(["day"], () => this.#sums());
    new ResizeObserver(() => this.draw()).observe(this.plot);
    this.table = /** @type {HTMLDetailsElement} */ (byId("table-toggle"));
    this.table.addEventListener("toggle", () => this.#table());
    void this.lean.load().then((there) => {
      show(byId("lean-missing"), !there);
      show(byId("lean-chart"), there);
      this.draw();
    });
  }

  /** Called at every tick: draws when there is something new to see. */
  tick() {
    const at = performance.now();
    if (at - this.#drawnAt < REDRAW_MS || document.hidden) return;
    if (this.#range === "1h" && at - this.#fineAt > FINE_MS) void this.#loadFine();
    this.draw();
  }

  /** @param {Range} range */
  async #pick(range) {
    this.#range = range;
    if (range === "1h") await this.#loadFine();
    this.draw();
  }

  async #loadFine() {
    if (!this.page.up) return;
    this.#fineAt = performance.now();
    const now = this.page.clock.now();
    try {
      const series = await this.page.api.series(this.page.wearer.id, Math.floor(now - 3600), Math.ceil(now), 1);
      this.#fine.clear();
      this.#fine.merge(series);
    } catch {
      this.#fine.clear(); // the minutes are shown instead
    }
  }

  /** The finest buckets there are for the range shown. */
  get #series() {
    return this.#range === "1h" && this.#fine.all().length ? this.#fine : this.page.minutes;
  }

  draw() {
    const { page } = this;
    const day = page.day;
    const there = page.minutes.all().length > 0;
    show(byId("today-empty"), !there);
    if (day) say(byId("today-empty"), t("Your day appears here as a strip, minute by minute, once a sensor is worn."));
    for (const id of ["today-drawn", "sums", "range"]) show(byId(id), there);
    const width = this.plot.clientWidth;
    if (!day || !page.clock.known || width === 0) return;
    this.#drawnAt = performance.now();
    const now = this.#lastSeen();
    const bounds = { start: seconds(day.start), end: seconds(day.end) };
    const shown = windowOf(this.#range, bounds, this.#first(), now);
    const axis = new TimeAxis(shown.start, shown.end, width, LEFT_PX, RIGHT_PX);
    this.#axis = axis;
    drawStrip(this.svg, axis, this.#series, [...page.episodes.values()], page.todaysAlerts(), now);
    const buckets = this.#series.between(axis.start, axis.end);
    this.lean.draw(axis, buckets, page.now?.slouch_entry_deg ?? null, {
      midnight: bounds.start,
      label: (time) => page.hours.at(time),
      now,
    });
    this.cursor.use(axis, now);
    this.#legend();
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
    const full = day.full_breaks ? t("{n} of 5 min or more", { n: day.full_breaks }) : "";
    say(byId("sum-sitting"), duration(day.seconds.sitting ?? 0));
    say(byId("sum-longest"), duration(day.longest_sitting_s));
    say(byId("sum-breaks"), day.breaks === null ? t("unknown") : number(day.breaks));
    say(byId("sum-breaks-note"), full);
    say(byId("sum-slouch"), duration(day.slouch_s));
    say(byId("sum-slouch-note"), day.slouches ? plural(day.slouches, "{n} time", "{n} times") : "");
    say(byId("today-date"), this.page.hours.day(seconds(day.start) + 3 * 3600));
  }

  #legend() {
    const present = new Set([...this.svg.querySelectorAll("[data-state]")].map((it) => it.getAttribute("data-state") ?? ""));
    const order = [...STATES, "nodata"].filter((state) => present.has(state));
    const list = byId("legend");
    order.push(...MARKS.filter((kind) => this.svg.querySelector(`.${kind}-mark`)));
    const key = order.join(" ");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...order.map(legendItem));
  }

  /** @param {TimeAxis} axis @param {number} now */
  #sentence(axis, now) {
    const { page } = this;
    const entry = page.now?.slouch_entry_deg ?? null;
    const buckets = this.#series.between(axis.start, now);
    const parts = [];
    for (const state of STATES) {
      const lasted = buckets.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0);
      if (lasted >= 60) parts.push(`${duration(lasted)} ${stateInSentence(state)}`);
    }
    const { mean_deg, beyond_s } = leanSums(buckets, entry);
    const lean = mean_deg === null
      ? t("Lean is not known for this time.")
      : entry === null
        ? t("The line is your lean and the band around it its range; it averages {mean}.", { mean: degrees(Math.round(mean_deg)) })
        : t("The line is your lean and the band around it its range; it averages {mean}, and {beyond} lie beyond your limit of {limit} (dashed).", {
          mean: degrees(Math.round(mean_deg)), beyond: duration(beyond_s), limit: degrees(Math.round(entry)) });
    const said = t("From {start} to {end}: {states}.", {
      start: page.hours.at(axis.start), end: page.hours.at(Math.min(now, axis.end)), states: listed(parts) || t("no data") });
    say(byId("today-sentence"), unbroken([said, lean, page.simulated ? t("Simulated data.") : ""].filter(Boolean).join(" ")));
  }

  #table() {
    const day = this.page.day;
    if (!day || !this.table.open) return;
    fillTable(byId("table"), this.page, seconds(day.start), this.#lastSeen());
  }

  /** @param {number} time @returns {import("./cursor.js").Reading} */
  #read(time) {
    const { page } = this;
    const bucket = this.#series.at(time);
    const state = mainState(bucket, this.#lastSeen() - (bucket?.start ?? time));
    /** @type {import("./cursor.js").Reading["lines"]} */
    const lines = [{ text: stateWord(state), sign: swatch(state) }];
    if (bucket && bucket.lean_deg !== null) {
      const [low, high] = [bucket.lean_min_deg ?? bucket.lean_deg, bucket.lean_max_deg ?? bucket.lean_deg].map(Math.round);
      const lean = degrees(Math.round(bucket.lean_deg));
      lines.push({ text: low === high ? t("Lean {lean}", { lean }) : t("Lean {lean} ({low} to {high})", { lean, low: number(low), high: number(high) }), sign: null });
    }
    const twist = bucket?.twist_deg ?? null;
    if (twist !== null) lines.push({ text: Math.abs(twist) < 2 ? t("Not twisted") : t("Twist {side}", { side: sideWords(-twist) }), sign: null });
    const steps = Math.round(bucket?.cadence_spm ?? 0);
    if (steps) lines.push({ text: plural(steps, "{n} step a minute", "{n} steps a minute"), sign: null });
    for (const it of page.episodes.values()) {
      const [start, end] = [seconds(it.start), it.end === null ? page.clock.now() : seconds(it.end)];
      const mark = markOf(it.kind);
      if (mark === null || time < start || time >= end) continue;
      lines.push({ text: t("{what} of {duration}", { what: episodeWord(it.kind), duration: duration(end - start) }), sign: legendSign(mark) });
    }
    const near = this.#alertAt(time);
    if (near) lines.push({ text: `${page.hours.at(seconds(near.opened_at))} ${near.message}`, sign: legendSign("alert") });
    return { time: page.hours.at(time), lines };
  }

  /** @param {number} time */
  #alertAt(time) {
    const reach = 6 * (this.#axis?.pixel_s ?? 60);
    return this.page.todaysAlerts().find((it) => Math.abs(seconds(it.opened_at) - time) <= reach) ?? null;
  }

  /** @param {number} x @param {number} y */
  #click(x, y) {
    const alert = this.#axis && alertNear(this.#axis, this.page.todaysAlerts(), x, y);
    if (alert) openAlert(alert.id);
  }

  /** @param {number} time */
  #choose(time) {
    const alert = this.#alertAt(time);
    if (alert) openAlert(alert.id);
  }
}

/** @param {string} kind */
function legendSign(kind) {
  const svg = s("svg", { class: "swatch", width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  if (kind === "slouch" || kind === "load") svg.append(s("rect", { class: `${kind}-mark`, x: -7, y: -3, width: 14, height: 6, rx: 1 }));
  if (kind === "break") svg.append(s("path", { class: "break-mark", d: "M-6 3h4v-3h4v-3h4" }));
  if (kind === "alert") svg.append(s("g", { class: "alert-mark" }, s("path", { d: "M0 6L-4.500-3.500h9z" })));
  return svg;
}

/** @param {string} kind */
function legendItem(kind) {
  const item = document.createElement("li");
  const state = MARKS.includes(kind) ? null : kind;
  item.append(state ? swatch(state) : legendSign(kind), state ? stateWord(state) : kind === "alert" ? t("Alert") : episodeWord(kind));
  setAttributes(item, { "data-kind": kind });
  return item;
}

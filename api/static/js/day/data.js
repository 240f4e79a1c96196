// @ts-check
/** Everything that is known of one day: today's is the picture's own and live, any other is asked for. */

import { seconds } from "../clock.js";
import { BucketSeries } from "../series.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../types.js").Alert} Alert */
/** @typedef {import("../types.js").Episode} Episode */

/**
 * Whether something was said, and why or why not.
 * @typedef {{id: string, at: string, kind: string, spoken: boolean, reason: string, words: string, alert: string|null}} Decision
 */

const MINUTE_S = 60;

export class DayData {
  /** @type {import("../types.js").Day|null} */
  day = null;
  minutes = new BucketSeries();
  /** Seconds of a part that is looked at closely. */
  fine = new BucketSeries();
  /** @type {{start: number, end: number}|null} */
  #fineOf = null;
  /** @type {Episode[]} */
  episodes = [];
  /** @type {Alert[]} newest first */
  alerts = [];
  /** @type {Decision[]} newest first */
  decisions = [];

  /** @param {Picture} page @param {string} name YYYY-MM-DD */
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  /** Whether it is the day that the picture holds, and goes on. */
  get live() {
    return this.page.day?.day === this.name;
  }

  get start() {
    return this.day ? seconds(this.day.start) : 0;
  }

  get end() {
    return this.day ? seconds(this.day.end) : 0;
  }

  /** Until when there can be data, Unix s: now, or the last word of a service that is away. */
  get until() {
    const { page } = this;
    const now = page.up ? page.clock.now() : (page.awaySince ?? page.clock.now());
    return Math.min(this.end, Math.max(this.start, now));
  }

  /** The wearer's limit for a slouch on that day, deg, or null. */
  get entry_deg() {
    if (this.live) return this.page.now?.slouch_entry_deg ?? null;
    return this.episodes.findLast((it) => it.kind === "slouch")?.limit ?? null;
  }

  /** Asks for all of it. */
  async load() {
    const { api, wearer } = this.page;
    this.day = await api.day(wearer.id, this.name);
    const range = { start: this.start, end: this.end };
    const [series, episodes, alerts] = await Promise.all([
      api.series(wearer.id, this.start, this.end, MINUTE_S),
      api.episodes(wearer.id, this.start, this.end),
      api.alerts(wearer.id, "all", range),
      this.loadDecisions(),
    ]);
    this.minutes.clear();
    this.minutes.merge(series);
    this.episodes = episodes;
    this.alerts = alerts;
    this.takeLive();
  }

  async loadDecisions() {
    const query = { start: new Date(this.start * 1000).toISOString(), end: new Date(this.end * 1000).toISOString(), limit: 1000 };
    this.decisions = (await this.page.api.get(`wearers/${encodeURIComponent(this.page.wearer.id)}/decisions`, query)).items;
  }

  /** Takes what the picture knows, where this is its day. @returns {boolean} whether it is */
  takeLive() {
    const { page } = this;
    if (!this.live || !page.day) return false;
    this.day = page.day;
    this.minutes = page.minutes;
    this.episodes = [...page.episodes.values()].filter((it) => it.end === null || seconds(it.end) > this.start);
    this.alerts = page.todaysAlerts();
    return true;
  }

  /**
   * Asks for the seconds of a part; where they are not kept, minutes come instead and change nothing.
   * @param {number} start Unix s
   * @param {number} end Unix s
   */
  async loadFine(start, end) {
    const of = { start: Math.floor(start), end: Math.ceil(Math.min(end, this.until)) };
    if (of.end - of.start < MINUTE_S) return;
    const series = await this.page.api.series(this.page.wearer.id, of.start, of.end, 1);
    this.fine.clear();
    this.#fineOf = null;
    if (series.resolution_s !== 1) return;
    this.fine.merge(series);
    this.#fineOf = of;
  }

  /** The finest series there is of a part. @param {number} start Unix s @param {number} end Unix s */
  seriesOf(start, end) {
    const of = this.#fineOf;
    const whole = of !== null && start >= of.start - 1 && Math.min(end, this.until) <= of.end + MINUTE_S;
    return whole && end - start <= 2 * (of.end - of.start) ? this.fine : this.minutes;
  }
}

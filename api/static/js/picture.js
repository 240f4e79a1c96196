// @ts-check
/** What the page knows of one wearer: filled from the API, kept current by the stream, read by every view. */

import { ServiceClock, seconds, ticks } from "./clock.js";
import { BucketSeries } from "./series.js";
import { Hours } from "./words.js";

/** @typedef {"now"|"sensors"|"alerts"|"day"|"series"|"health"|"link"|"clock"|"source"} Topic */

const MINUTE_S = 60;
const HOUR_S = 3600;
/** What the stream told this recently, real seconds, may not be in the store yet: it commits once a second. */
const UNSTORED_S = 3;

export class Picture {
  clock = new ServiceClock();
  /** @type {import("./types.js").Now|null} */
  now = null;
  /** When `now` was received, in ticks. */
  nowAt = ticks();
  /** @type {Map<string, import("./types.js").Sensor>} */
  sensors = new Map();
  sensorsKnown = false;
  /** @type {Map<string, import("./types.js").Alert>} */
  alerts = new Map();
  /** @type {Map<string, import("./types.js").Episode>} */
  episodes = new Map();
  /** @type {import("./types.js").Day|null} */
  day = null;
  /** @type {import("./types.js").Health|null} */
  health = null;
  minutes = new BucketSeries();
  /** Whether what the service measures is made up. */
  simulated = false;
  /** What is shown, null where it is the day of the picture. @type {{start: number, end: number, simulated?: boolean}|null} */
  #shown = null;
  /** Whether whoever looks may change anything; null before that is known. @type {boolean|null} */
  mayWrite = null;
  /** Whether the service answers; `awaySince` is the service's time of the last word from it. */
  up = false;
  /** @type {number|null} */
  awaySince = null;
  startedAt = ticks();
  /** When alerts and episodes were last told by the stream, in ticks. @type {Map<string, number>} */
  #heard = new Map();
  /** @type {Map<Topic, Set<() => void>>} */
  #listeners = new Map();

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./types.js").Wearer} wearer
   */
  constructor(api, wearer) {
    this.api = api;
    this.wearer = wearer;
    this.hours = new Hours(wearer.timezone);
  }

  /**
   * Calls `listener` after each change of one of the topics.
   * @param {Topic[]} topics
   * @param {() => void} listener
   * @returns {() => void} ends that
   */
  on(topics, listener) {
    for (const topic of topics) {
      let listeners = this.#listeners.get(topic);
      if (!listeners) this.#listeners.set(topic, (listeners = new Set()));
      listeners.add(listener);
    }
    return () => topics.forEach((topic) => this.#listeners.get(topic)?.delete(listener));
  }

  /** @param {...Topic} topics */
  changed(...topics) {
    /** @type {Set<() => void>} */
    const listeners = new Set();
    for (const topic of topics) this.#listeners.get(topic)?.forEach((it) => listeners.add(it));
    listeners.forEach((listener) => listener());
  }

  /** Tells all listeners what is known so far, who began to listen since it came. */
  tellKnown() {
    if (this.clock.known) this.changed("clock");
    if (this.health) this.changed("health");
    if (this.now) this.changed("now");
    if (this.sensorsKnown) this.changed("sensors");
    if (this.day) this.changed("day", "series", "alerts");
    else if (this.alerts.size > 0) this.changed("alerts");
  }

  /** @returns {import("./types.js").Alert[]} newest first */
  openAlerts() {
    return this.#newestFirst([...this.alerts.values()].filter((alert) => alert.open));
  }

  /** Alerts of the day shown, and those still open. @returns {import("./types.js").Alert[]} newest first */
  todaysAlerts() {
    const start = this.day ? seconds(this.day.start) : -Infinity;
    return this.#newestFirst([...this.alerts.values()].filter((it) => it.open || seconds(it.opened_at) >= start));
  }

  /** @param {import("./types.js").Alert[]} alerts */
  #newestFirst(alerts) {
    return alerts.sort((a, b) => seconds(b.opened_at) - seconds(a.opened_at));
  }

  /** Whether the present `now` tells of a time at all. */
  get started() {
    return this.now !== null && this.now.time !== null;
  }

  /** Says which time is shown from now on, Unix s; null: that of the day of the picture. @param {{start: number, end: number, simulated?: boolean}|null} time */
  shows(time) {
    this.#shown = time;
    this.changed("source");
  }

  /** What the time that is shown is to be marked with. @returns {import("./source.js").Source} */
  get source() {
    const { day } = this;
    const shown = this.#shown ?? (day && { start: seconds(day.start), end: seconds(day.end), simulated: day.simulated });
    if (this.simulated || shown?.simulated) return "simulated";
    const replayed = shown && this.wearer.replayed?.some((it) => seconds(it.start) < shown.end && seconds(it.end) > shown.start);
    return replayed ? "replayed" : "";
  }

  /** Loads the whole day: sums, alerts, episodes and the strip. */
  async loadDay() {
    const began = ticks();
    const day = await this.api.day(this.wearer.id, "today");
    if (this.day && this.day.day !== day.day) {
      this.minutes.clear();
      this.episodes.clear();
    }
    this.day = day;
    const [start, end] = [seconds(day.start), seconds(day.end)];
    const id = this.wearer.id;
    const [series, episodes, todays, open] = await Promise.all([
      this.api.series(id, start, end, MINUTE_S),
      this.api.episodes(id, Math.min(start, this.clock.now() - HOUR_S), end), // Now counts the last hour
      this.api.alerts(id, "all", { start, end }),
      this.api.alerts(id, "open"),
    ]);
    this.minutes.merge(series);
    this.episodes = this.#merged(episodes, this.episodes, began, (it, stored) => stored.open && !it.open);
    this.alerts = this.#merged([...todays, ...open], this.alerts, began, (it, stored) => it.revision > stored.revision);
    this.#heard.forEach((at, id) => at < began - UNSTORED_S && this.#heard.delete(id));
    this.changed("day", "series", "alerts");
  }

  /**
   * What the store answered, and what the stream told since then or so shortly before that it may not be stored.
   * @template {{id: string}} T
   * @param {T[]} stored
   * @param {Map<string, T>} known
   * @param {number} began when the store was asked, in ticks
   * @param {(it: T, stored: T) => boolean} isNewer
   * @returns {Map<string, T>}
   */
  #merged(stored, known, began, isNewer) {
    const merged = new Map(stored.map((it) => [it.id, it]));
    for (const [id, it] of known) {
      const other = merged.get(id);
      const lately = (this.#heard.get(id) ?? -Infinity) >= began - UNSTORED_S;
      if (lately && (!other || isNewer(it, other))) merged.set(id, it);
    }
    return merged;
  }

  /** Loads what may have changed since: the sums, and the newest part of the strip. */
  async refreshDay() {
    const day = this.day;
    if (!day || this.clock.now() >= seconds(day.end)) return this.loadDay();
    const end = seconds(day.end);
    const from = Math.max(seconds(day.start), this.clock.now() - Math.max(900, 60 * this.clock.speed));
    const [sums, series] = await Promise.all([
      this.api.day(this.wearer.id, "today"),
      this.api.series(this.wearer.id, Math.floor(from / MINUTE_S) * MINUTE_S, end, MINUTE_S),
    ]);
    this.day = sums;
    this.minutes.merge(series);
    this.changed("day", "series");
  }

  async loadSensors() {
    const sensors = await this.api.sensors(this.wearer.id);
    this.sensors = new Map(sensors.map((it) => [it.id, it]));
    this.sensorsKnown = true;
    this.changed("sensors");
  }

  /** @param {import("./types.js").Health} health */
  takeHealth(health) {
    const seeded = Boolean(this.health?.seeding) && !health.seeding;
    this.health = health;
    this.simulated = health.simulated;
    this.clock.set(seconds(health.now), health.speed);
    this.changed("health", "clock");
    return seeded;
  }

  /** @param {import("./types.js").Now} now */
  takeNow(now) {
    if (now.time !== null) {
      const time = seconds(now.time);
      const before = this.now?.time ? seconds(this.now.time) : time;
      const lasted = Math.min(Math.max(0, time - before), 3 * Math.max(1, this.clock.speed));
      if (lasted > 0) this.minutes.extend(now, lasted);
      if (now.stale_s !== null) this.clock.check(time + now.stale_s);
    }
    this.now = now;
    this.nowAt = ticks();
    this.changed("now");
  }

  /** @param {import("./types.js").Episode} episode */
  takeEpisode(episode) {
    this.episodes.set(episode.id, episode);
    this.#heard.set(episode.id, ticks());
  }

  /**
   * Takes a revision, unless a later one is known: answers and events overtake each other.
   * @param {import("./types.js").Alert} alert
   * @returns {boolean} whether it has just opened
   */
  takeAlert(alert) {
    const known = this.alerts.get(alert.id);
    if (known && known.revision > alert.revision) return false;
    this.alerts.set(alert.id, alert);
    this.#heard.set(alert.id, ticks());
    this.changed("alerts");
    return !known && alert.open;
  }
}

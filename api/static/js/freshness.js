// @ts-check
/** Whether what the page shows is still so, and if not: what happened, what was kept, what to do. */

import { seconds, ticks } from "./clock.js";
import { t } from "./languages.js";
import { linkReason, linkWord } from "./links.js";
import { duration, placeWord } from "./words.js";

/** Real seconds without a reading after which it is called stale; readings come once a second. */
const STALE_S = 2.2;
/** Link states in which the sensor is expected to send. */
const SENDING = ["streaming", "silent"];

/**
 * @typedef {object} Freshness
 * @property {"live"|"stale"|"away"|"waiting"|"empty"|"opening"} kind
 * @property {string} what one sentence, empty when live
 * @property {string} kept
 * @property {string} next what to do
 * @property {string} command what to type for it, or empty
 * @property {string} [page] of this dashboard, where it is done
 */

/**
 * @param {import("./picture.js").Picture} page
 * @returns {Freshness}
 */
export function freshness(page) {
  if (!page.up) return page.awaySince === null ? opening(page) : away(page);
  if (page.sensorsKnown && page.sensors.size === 0 && !page.started) return empty(page);
  const now = page.now;
  if (now === null) return opening(page);
  if (now.time === null) return waiting(page);
  const late = ticks() - page.nowAt > STALE_S;
  const behind = now.stale_s !== null && now.stale_s > 0; // the service says 0 while data flow
  return late || behind ? stale(page, seconds(now.time) + 1) : { kind: "live", what: "", kept: "", next: "", command: "" };
}

/** @param {import("./picture.js").Picture} page @param {number} time Unix s, 0 when nothing is known */
function keptUntil(page, time) {
  const store = page.health?.store;
  if (!store || time <= 0) return "";
  if (store.ok) return t("What was measured until {time} is stored.", { time: page.hours.exactly(time) });
  return store.last_commit_at ? t("Stored is what was measured until {time}.", { time: page.hours.exactly(seconds(store.last_commit_at)) }) : "";
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function opening(page) {
  const slow = ticks() - page.startedAt > 4;
  return {
    kind: "opening",
    what: slow ? t("The service is not answering yet.") : t("Asking the service for your day."),
    kept: "",
    next: slow ? t("This page goes on asking. If the service is not running, start it:") : "",
    command: slow ? "sitwell run" : "",
  };
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function away(page) {
  const since = page.awaySince ?? page.clock.now();
  const commit = page.health?.store.last_commit_at;
  const stored = Math.max(commit ? seconds(commit) : 0, page.now?.time ? seconds(page.now.time) : 0);
  return {
    kind: "away",
    what: t("The service has not answered since {time}, {duration} ago.", { time: page.hours.exactly(since), duration: duration(page.clock.now() - since) }),
    kept: `${keptUntil(page, stored)} ${t("This page keeps what it shows.")}`.trim(),
    next: t("Sensors are not read while it is away. This page connects again by itself; if the service was stopped, start it:"),
    command: page.simulated ? "sitwell demo" : "sitwell run",
  };
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function empty(page) {
  return {
    kind: "empty",
    what: t("No sensor yet."),
    kept: t("Here you will see how you sit, since when, and when a break is due."),
    next: page.mayWrite === false ? t("You may look here and change nothing: whoever runs this Sitwell can set a sensor up.") : "",
    command: "",
    page: page.mayWrite ? "welcome" : "",
  };
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function waiting(page) {
  const sensors = [...page.sensors.values()];
  const first = sensors.find((it) => it.state !== "streaming") ?? sensors[0];
  if (!first) {
    return { kind: "waiting", what: t("Waiting for the first reading."), kept: "", next: "", command: "" };
  }
  const place = placeWord(first.placement);
  return {
    kind: "waiting",
    what: first.state_since
      ? t("Waiting for the first reading from {place} since {time}.", { place, time: page.hours.at(seconds(first.state_since)) })
      : t("Waiting for the first reading from {place}.", { place }),
    kept: linkReason(first) || `${linkWord(first.state)}.`,
    next: "",
    command: "",
  };
}

/** @param {import("./picture.js").Picture} page @param {number} last Unix s @returns {Freshness} */
function stale(page, last) {
  const sensors = [...page.sensors.values()];
  const lastOf = (/** @type {import("./types.js").Sensor} */ it) => (it.last_sample_at ? seconds(it.last_sample_at) : 0);
  const quiet = sensors.find((it) => it.state !== "streaming") ?? sensors.sort((a, b) => lastOf(a) - lastOf(b))[0];
  const age = duration(Math.max(1, page.clock.now() - last));
  
  return {
    kind: "stale",
    what: quiet
      ? t("No data from {place} for {age}: {why}", { place: placeWord(quiet.placement), age, why: reasonFor(quiet) })
      : t("No data from the sensor for {age}: out of range?", { age }),
    kept: `${t("Shown is what was so at {time}.", { time: page.hours.exactly(last) })} ${keptUntil(page, last - 1)}`.trim(),
    next: "",
    command: "",
  };
}

/** @param {import("./types.js").Sensor} sensor */
function reasonFor(sensor) {
  const reason = linkReason(sensor);
  if (reason) return reason.charAt(0).toLowerCase() + reason.slice(1);
  if (sensor.state === "silent") return t("connected, but nothing comes.");
  return SENDING.includes(sensor.state) ? t("out of range?") : `${t("out of range?")} ${linkWord(sensor.state)}.`;
}

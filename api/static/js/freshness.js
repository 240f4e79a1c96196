// @ts-check
/** Whether what the page shows is still so, and if not: what happened, what was kept, what to do. */

import { seconds, ticks } from "./clock.js";
import { duration, linkWord, placeWord } from "./words.js";

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
 */

/**
 * @param {import("./picture.js").Picture} page
 * @returns {Freshness}
 */
export function freshness(page) {
  if (!page.up) return page.awaySince === null ? opening(page) : away(page);
  if (page.sensorsKnown && page.sensors.size === 0 && !page.started) return empty();
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
  if (store.ok) return `What was measured until ${page.hours.exactly(time)} is stored.`;
  return store.last_commit_at ? `Stored is what was measured until ${page.hours.exactly(seconds(store.last_commit_at))}.` : "";
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function opening(page) {
  const slow = ticks() - page.startedAt > 4;
  return {
    kind: "opening",
    what: slow ? "The service is not answering yet." : "Asking the service for your day.",
    kept: "",
    next: slow ? "This page goes on asking. If the service is not running, start it:" : "",
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
    what: `The service has not answered since ${page.hours.exactly(since)}, ${duration(page.clock.now() - since)} ago.`,
    kept: `${keptUntil(page, stored)} This page keeps what it shows.`.trim(),
    next: "Sensors are not read while it is away. This page connects again by itself; if the service was stopped, start it:",
    command: page.simulated ? "sitwell demo" : "sitwell run",
  };
}

/** @returns {Freshness} */
function empty() {
  return {
    kind: "empty",
    what: "No sensor yet.",
    kept: "Here you will see how you sit, since when, and when a break is due.",
    next: "Switch your sensor on, keep it near this computer and look for it:",
    command: "sitwell scan",
  };
}

/** @param {import("./picture.js").Picture} page @returns {Freshness} */
function waiting(page) {
  const sensors = [...page.sensors.values()];
  const first = sensors.find((it) => it.state !== "streaming") ?? sensors[0];
  if (!first) {
    return { kind: "waiting", what: "Waiting for the first reading.", kept: "", next: "", command: "" };
  }
  const since = first.state_since ? ` since ${page.hours.at(seconds(first.state_since))}` : "";
  return {
    kind: "waiting",
    what: `Waiting for the first reading from ${placeWord(first.placement)}${since}.`,
    kept: first.reason || `${linkWord(first.state)}.`,
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
  const where = quiet ? placeWord(quiet.placement) : "the sensor";
  return {
    kind: "stale",
    what: `No data from ${where} for ${age}: ${quiet ? reasonFor(quiet) : "out of range?"}`,
    kept: `Shown is what was so at ${page.hours.exactly(last)}. ${keptUntil(page, last - 1)}`.trim(),
    next: "",
    command: "",
  };
}

/** @param {import("./types.js").Sensor} sensor */
function reasonFor(sensor) {
  if (sensor.reason) return sensor.reason.charAt(0).toLowerCase() + sensor.reason.slice(1);
  if (sensor.state === "silent") return "connected, but nothing comes.";
  return SENDING.includes(sensor.state) ? "out of range?" : `out of range? ${linkWord(sensor.state)}.`;
}

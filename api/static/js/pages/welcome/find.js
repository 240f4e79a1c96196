// @ts-check
/** Which sensors are in range: a live list, the nearest first, that stays put while somebody is about to choose. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { plural, t, texts } from "../../languages.js";
import { signalSign } from "../../sensors.js";
import { deafWords, measureWords, nearness } from "../../sensing/signals.js";
import { duration, listed, placeWord } from "../../words.js";

export const words = texts({
  title: "Find your sensor",
  lead: "Switch it on and keep it near this computer. What is in range appears here by itself.",
  skip: "Look around first",
});

const ASK_MS = 2000;
/** The service gives itself half a minute to start simulated sensors. */
const SIMULATED_MS = 40000;
/** Share of a new strength in the one that is shown and sorted by: the air flickers. */
const FRESH = 0.4;
/** A sensor moves up in the list only when it is stronger by this much, dB. */
const CLEARLY_DB = 6;

/**
 * @typedef {object} Found
 * @property {string} address
 * @property {string|null} name
 * @property {number|null} rssi_dbm
 * @property {string|null} driver
 * @property {string|null} driver_title
 * @property {string[]} measures
 * @property {string[]} placements
 */

/** One sensor in range, as an element that is kept. */
class Row {
  /** @param {Found} found @param {(row: Row) => void} onChoose */
  constructor(found, onChoose) {
    this.strength = found.rssi_dbm ?? -100;
    this.found = found;
    this.signal = h("p", { class: "signal" });
    this.facts = h("p", { class: "facts-line" });
    this.name = h("strong");
    this.button = h("button", { type: "button", class: "primary", "data-testid": "choose" }, t("This one"));
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.element = h("li", { class: "found", "data-testid": "found", "data-address": found.address },
      h("p", { class: "name" }, this.name, h("span", { class: "device" }, found.driver_title ?? "")), this.signal, this.facts, this.button, this.trouble);
    this.button.addEventListener("click", () => onChoose(this));
    this.update(found);
  }

  /** @param {Found} found */
  update(found) {
    this.found = found;
    if (found.rssi_dbm !== null) this.strength += (found.rssi_dbm - this.strength) * FRESH;
    const heard = found.rssi_dbm === null ? null : this.strength;
    say(this.name, found.name ?? found.address);
    this.button.setAttribute("aria-label", t("This one: {name}", { name: found.name ?? found.address }));
    this.signal.replaceChildren(...(heard === null ? [] : [signalSign(heard)]), nearness(heard));
    const places = listed(found.placements.slice(0, 3).map(placeWord));
    say(this.facts, t("Measures {what}. Can be worn at: {places}.", { what: measureWords(found.measures), places }));
  }
}

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export function mount(root, host) {
  const { page } = host;
  const began = page.clock.now();
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const list = h("ul", { class: "found-list", "data-testid": "found-list" });
  const what = h("strong");
  const next = h("p");
  const waiting = h("p", { class: "hint", role: "status", "data-testid": "listening" });
  const tips = h("ul", { class: "tips" }, 
    h("li", {}, t("Wake it: press its button, or put it on.")), h("li", {}, t("Hold it close to this computer.")),
    h("li", {}, t("Close the phone app that may hold it: most sensors speak to one at a time.")));
  const none = h("div", { class: "none" }, waiting, tips);
  const deaf = h("div", { class: "notice", "data-testid": "deaf", hidden: true }, h("p", {}, what), next);
  const others = h("p", { class: "hint", "data-testid": "others" });
  const here = h("ul", { class: "here" });
  const without = offerSimulated(host);
  root.append(deaf, list, none, others, here, without);
  showHere(here, host);

  /** @param {Row} row */
  const choose = async (row) => {
    row.button.disabled = true;
    show(row.trouble, false);
    try {
      host.go("which", (await pair(page, row.found)).id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(row.trouble, error.status === 0 ? t("The service is not answering.") : error.message);
      show(row.trouble, true);
      row.button.disabled = false;
    }
  };

  const ask = async () => {
    try {
      const answer = await page.api.get("discovery");
      if (!root.isConnected) return;
      const wearable = answer.items.filter((/** @type {Found} */ it) => it.driver !== null && !page.sensors.has(it.address));
      for (const it of wearable) {
        const row = rows.get(it.address);
        if (row) row.update(it);
        else rows.set(it.address, new Row(it, choose));
      }
      const heard = new Set(wearable.map((/** @type {Found} */ it) => it.address));
      for (const [address, row] of rows) {
        if (heard.has(address) || row.element.contains(document.activeElement)) continue;
        row.element.remove();
        rows.delete(address);
      }
      arrange(list, [...rows.values()]);
      const unread = answer.items.length - answer.items.filter((/** @type {Found} */ it) => it.driver !== null).length;
      say(others, unread ? plural(unread, "One more device is in range that Sitwell cannot read.", "{n} more devices are in range that Sitwell cannot read.") : "");
      show(deaf, answer.problem !== null);
      if (answer.problem !== null) {
        const [why, todo] = deafWords(answer.problem_code, answer.problem);
        say(what, why);
        say(next, todo);
      }
      show(none, rows.size === 0 && answer.problem === null);
      say(waiting, t("No sensor is in range yet. Listening for {time}.", { time: duration(Math.max(1, page.clock.now() - began)) }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(waiting, t("The service is not answering. This page goes on asking."));
    }
  };
  const timer = window.setInterval(() => void ask(), ASK_MS);
  void ask();
  return { leave: () => window.clearInterval(timer) };
}

/**
 * Nearest first; nothing moves while the list is pointed at or has the focus, and never for a flicker.
 * @param {HTMLElement} list @param {Row[]} rows
 */
function arrange(list, rows) {
  const busy = list.matches(":hover, :focus-within");
  for (const row of rows) if (!row.element.isConnected) list.append(row.element);
  if (busy) return;
  const shown = [...list.children];
  const at = (/** @type {Row} */ row) => shown.indexOf(row.element);
  const sorted = [...rows].sort((a, b) => (Math.abs(a.strength - b.strength) < CLEARLY_DB ? at(a) - at(b) : b.strength - a.strength));
  sorted.forEach((row, i) => list.children[i] !== row.element && list.insertBefore(row.element, list.children[i]));
}

/**
 * For who has no sensor at hand: a simulated person, by one click. Nobody who wears a sensor is offered one.
 * @param {import("../welcome.js").Host} host
 */
function offerSimulated({ page, go }) {
  const start = h("button", { type: "button", "data-testid": "simulate" }, t("Start a simulated one"));
  const said = h("p", { class: "hint", role: "status" }, t("No sensor at hand? A simulated person shows you everything; what they do is marked as simulated everywhere."));
  start.addEventListener("click", async () => {
    start.disabled = true;
    say(said, t("Starting a simulated person. This takes a few seconds."));
    try {
      const { items } = await page.api.send("POST", "sensors/simulated", { wearer: page.wearer.id }, AbortSignal.timeout(SIMULATED_MS));
      for (const sensor of items) page.sensors.set(sensor.id, sensor);
      page.sensorsKnown = true;
      page.changed("sensors");
      go("flow", items[0].id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(said, error.message);
      start.disabled = false;
    }
  });
  const offer = h("div", { class: "without" }, said, start);
  show(offer, page.sensors.size === 0);
  return offer;
}

/** Sensors that are paired already, to go on with. @param {HTMLElement} here @param {import("../welcome.js").Host} host */
function showHere(here, host) {
  const sensors = [...host.page.sensors.values()];
  here.replaceChildren(...sensors.map((sensor) => {
    const button = h("button", { type: "button", "data-testid": "go-on" }, t("Go on with {name}", { name: sensor.name }));
    button.addEventListener("click", () => host.go("which", sensor.id));
    return h("li", {}, button);
  }));
}

/**
 * Pairs it, for a start at the best place that is free; where it really is worn is asked after it has shown itself.
 * @param {import("../../picture.js").Picture} page
 * @param {Found} found
 * @param {string} [key] hex, of one that encrypts
 * @returns {Promise<import("../../types.js").Sensor>}
 */
export async function pair(page, found, key) {
  const taken = [...page.sensors.values()].map((it) => it.placement);
  const placement = [...found.placements, "upper_back", "thigh", "waist", "sternum"].find((it) => !taken.includes(it));
  const sensor = await page.api.send("POST", "sensors", {
    address: found.address, wearer: page.wearer.id, placement: placement ?? "upper_back", ...(key ? { key } : {}),
  });
  page.sensors.set(sensor.id, sensor);
  page.sensorsKnown = true;
  page.changed("sensors");
  return sensor;
}

// @ts-check
/** The sensors: each with its battery, link and calibration, what became of it, and what can be done with it. */

import { h, show } from "../dom.js";
import { t } from "../languages.js";
import { may, onlyLooking, session } from "../rights.js";
import { address } from "../router.js";
import { CalibrateView } from "./sensors/calibrate.js";
import { SensorCard } from "./sensors/card.js";
import { PlaceView } from "./sensors/place.js";

/** @typedef {import("../picture.js").Picture} Picture */

const AGE_MS = 1000;

class Overview {
  /** @type {Map<string, SensorCard>} */
  #cards = new Map();

  /** @param {HTMLElement} root @param {Picture} page @param {boolean} mayWrite */
  constructor(root, page, mayWrite) {
    this.page = page;
    this.mayWrite = mayWrite;
    this.none = h("div", { class: "nothing", "data-testid": "no-sensors" }, h("p", {}, t("No sensor is paired. What was measured before is kept.")));
    this.list = h("div", { class: "sensor-cards" });
    const add = h("a", { class: "action primary", href: address("welcome", "find"), "data-testid": "add-sensor" }, t("Add a sensor"));
    root.replaceChildren(h("div", { class: "heading" }, h("h2", {}, t("Sensors")), ...(mayWrite ? [add] : [])),
      ...(mayWrite ? [] : [onlyLooking()]), this.none, this.list);
    const draw = () => this.#draw();
    this.off = page.on(["sensors", "link", "now"], draw);
    this.timer = window.setInterval(draw, AGE_MS);
    draw();
  }

  #draw() {
    const { page } = this;
    show(this.none, page.sensorsKnown && page.sensors.size === 0);
    this.list.classList.toggle("stale", !page.up);
    for (const [id, card] of this.#cards) {
      if (page.sensors.has(id)) continue;
      card.leave();
      card.element.remove();
      this.#cards.delete(id);
    }
    for (const [id, sensor] of page.sensors) {
      const card = this.#cards.get(id);
      if (card) card.update(sensor);
      else {
        const made = new SensorCard(page, sensor, this.mayWrite);
        this.#cards.set(id, made);
        this.list.append(made.element);
      }
    }
  }

  leave() {
    this.off();
    window.clearInterval(this.timer);
    this.#cards.forEach((card) => card.leave());
  }
}

/** @param {HTMLElement} root @param {Picture} page @param {string[]} words @returns {Promise<import("../router.js").Shown>} */
export async function mount(root, page, words) {
  const mayWrite = may(await session(page.api), "write");
  if (!page.sensorsKnown) await page.loadSensors();
  /** @type {{leave: () => void}} */
  let shown = { leave: () => {} };
  /** @param {string[]} later @param {boolean} [first] */
  const go = async ([id, what], first = false) => {
    shown.leave();
    shown = { leave: () => {} };
    root.replaceChildren();
    const sensor = page.sensors.get(id ?? "");
    if (sensor && mayWrite && what === "calibrate") shown = new CalibrateView(root, page, sensor);
    else if (sensor && mayWrite && what === "place") shown = await PlaceView.of(root, page, sensor);
    else shown = new Overview(root, page, mayWrite);
    if (first) return;
    window.scrollTo(0, 0);
    root.querySelector("h2")?.focus({ preventScroll: true });
  };
  await go(words, true);
  return { go: (later) => void go(later), leave: () => shown.leave() };
}

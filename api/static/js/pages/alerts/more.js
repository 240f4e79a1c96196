// @ts-check
/** What is asked for only when somebody wants to know: which sensors measured it, and how it reached the wearer. */

import { ApiError } from "../../api.js";
import { seconds } from "../../clock.js";
import { h } from "../../dom.js";
import { kindOf } from "../../kinds.js";
import { t } from "../../languages.js";
import { capital, listed, placeWord } from "../../words.js";
import { stateSentence } from "../settings/delivery-words.js";

/** @typedef {{sensor: string, name: string, placement: string, decided: boolean}} Used */

/** Kinds that speak of a day, not of an episode. */
const OF_A_DAY = ["little_movement", "goal"];

export class More {
  #asked = false;

  /**
   * @param {import("../../picture.js").Picture} page
   * @param {import("../../types.js").Alert} alert
   */
  constructor(page, alert) {
    this.page = page;
    this.alert = alert;
    this.root = h("div", { class: "alert-more", "data-testid": "alert-more" });
  }

  async ask() {
    if (this.#asked) return;
    this.#asked = true;
    const [sensors, deliveries] = await Promise.all([this.#sensors(), this.#deliveries()]);
    this.root.replaceChildren(
      h("p", {}, sensors),
      h("h5", {}, t("How it reached you")),
      h("ul", { "data-testid": "alert-deliveries" },
        h("li", {}, t("On this page and in the API, at {time}.", { time: this.page.hours.at(seconds(this.alert.opened_at)) })),
        ...deliveries.map((it) => h("li", {}, it))));
  }

  async #sensors() {
    if (OF_A_DAY.includes(this.alert.kind)) return t("It is of a whole day, not of one stretch of time.");
    if (kindOf(this.alert.kind).sensor) return t("It is about the sensor, not about you.");
    try {
      const why = await this.page.api.get(`episodes/${encodeURIComponent(this.alert.episode)}/explanation`);
      /** @type {Used[]} */
      const used = why.sensors;
      if (!used.length) return t("Which sensors measured it is not kept.");
      return t("Measured by {sensors}.", { sensors: listed(used.map((it) => `${it.name} (${placeWord(it.placement)})`)) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.status === 404 ? t("Which sensors measured it is not kept.") : t("Which sensors measured it could not be asked now.");
    }
  }

  async #deliveries() {
    try {
      /** @type {import("../settings/delivery-words.js").Delivery[]} */
      const items = (await this.page.api.get("deliveries", { wearer: this.page.wearer.id, alert: this.alert.id })).items;
      return items.reverse().map((it) => capital(t("{channel}, {time}: {state}", {
        channel: it.channel, time: this.page.hours.at(seconds(it.made_at)), state: stateSentence(it),
      })));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return [t("How it reached you could not be asked now.")];
    }
  }
}

// @ts-check
/** Channels: how each does, a trial with what came of it, the order they are told in, and the log. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { button, generalProblem, problemWords } from "../../form.js";
import { kindWord } from "../../kind-words.js";
import { t, texts, told } from "../../languages.js";
import { moment } from "../../when.js";
import { stateSentence, stateWord } from "./delivery-words.js";
import { mountRoute } from "./route.js";

/** @typedef {import("./delivery-words.js").Delivery} Delivery */
/** @typedef {{name: string, kind: string, wearers: string[], says_words: boolean, takes_answers: boolean, problem: string|null, last_delivery: Delivery|null}} Channel */

/** @type {Record<string, string>} */
const KINDS = texts({
  desktop: "Notification on the desktop of the service's machine",
  sensor: "The sensor buzzes, beeps or blinks",
  webhook: "Webhook, signed",
  mqtt: "MQTT, for Home Assistant and others",
  apprise: "Message to a phone or a mailbox",
});
const LOG_PAGE = 20;
/** A server that does not answer is waited for. */
const TRIAL_MS = 60_000;

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} writes
 */
export function mountChannels(page, writes) {
  const wearer = page.wearer.id;
  const zone = page.wearer.timezone;
  const state = h("p", { class: "hint", role: "status" }, t("Asking for your channels."));
  const list = h("ul", { class: "channels", "data-testid": "channels" });
  const none = h("div", { class: "empty", hidden: true, "data-testid": "no-channels" },
    h("p", {}, t("Your alerts are shown on this page and in the API. That is always so.")),
    h("p", { class: "hint" }, t("Other ways, such as the desktop, the sensor's own buzzer, a phone, a webhook or Home Assistant, are set up in the configuration file of the service, each with a table of its own. Then they can be tried and put in order here.")));
  const route = mountRoute(page, writes);
  const log = new Log(page);
  const root = h("div", {}, h("p", { class: "hint" }, t("An alert goes over one channel after the other: to the next when one fails, or when you do not answer.")),
    state, list, none, route.root, log.root);

  /** @param {Channel} channel */
  const row = (channel) => {
    const result = h("p", { class: "result", role: "status", "data-testid": "trial-result" });
    const trouble = generalProblem("trial-problem");
    const last = channel.last_delivery;
    const trial = async () => {
      say(result, t("Sending a trial."));
      say(trouble, "");
      show(trouble, false);
      try {
        /** @type {Delivery} */
        const came = await page.api.send("POST", `channels/${encodeURIComponent(channel.name)}/test?wearer=${encodeURIComponent(wearer)}`, {}, AbortSignal.timeout(TRIAL_MS));
        say(result, came.state === "delivered" ? t("The trial was delivered. Did you see or hear it?") : t("The trial {state}.", { state: stateSentence(came) }));
        await log.begin();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(result, "");
        say(trouble, problemWords(error));
        show(trouble, true);
      }
    };
    const facts = [
      channel.says_words ? t("says the alert in words") : t("makes itself noticed, without words"),
      channel.takes_answers ? t("takes your answer") : t("takes no answer"),
    ].join(", ");
    return h("li", { class: channel.problem ? "channel off" : "channel", "data-testid": `channel-${channel.name}` },
      h("p", { class: "channel-name" }, h("span", { class: "dot", "aria-hidden": "true" }), h("strong", {}, channel.name), h("span", { class: "hint" }, channel.kind in KINDS ? t(KINDS[channel.kind]) : channel.kind)),
      h("p", {}, channel.problem ? told(channel.problem) : t("Nothing is known to be against it.")),
      h("p", { class: "hint" }, [facts, last ? t("last: {state}, {when}", { state: stateWord(last.state), when: moment(last.made_at, zone) }) : t("nothing sent yet")].join(" \u00b7 ")),
      ...(writes ? [button(t("Try it"), trial, { class: "quiet", "data-testid": `try-${channel.name}`, "aria-label": t("Try {channel}", { channel: channel.name }) })] : []), result, trouble);
  };
  const ask = async () => {
    try {
      /** @type {Channel[]} */
      const channels = (await page.api.get("channels", { wearer })).items;
      say(state, "");
      list.replaceChildren(...channels.map(row));
      show(none, channels.length === 0);
      await Promise.all([route.ask(channels.map((it) => it.name)), log.begin(channels.length > 0)]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(state, problemWords(error));
    }
  };
  return { root, ask };
}

/** What was delivered, what was not and why, newest first. */
class Log {
  /** @type {string|null} */
  #cursor = null;

  /** @param {import("../../picture.js").Picture} page */
  constructor(page) {
    this.page = page;
    this.body = h("tbody");
    this.state = h("p", { class: "hint", role: "status" });
    this.older = button(t("Older"), () => this.#read(), { class: "quiet", "data-testid": "log-older", hidden: true });
    const head = [t("When"), t("Channel"), t("What"), t("What became of it")].map((it) => h("th", { scope: "col" }, it));
    this.table = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("What was delivered") },
      h("table", { class: "log", "data-testid": "delivery-log" }, h("caption", { class: "unseen" }, t("What was delivered")), h("thead", {}, h("tr", {}, ...head)), this.body));
    this.root = h("div", { class: "delivery-log", hidden: true }, h("h4", {}, t("What was delivered")), this.state, this.table, this.older);
  }

  /** Reads it from the newest on. @param {boolean} [channels] whether there are any */
  async begin(channels = true) {
    this.#cursor = null;
    this.body.replaceChildren();
    await this.#read();
    show(this.root, channels || this.body.childElementCount > 0);
  }

  async #read() {
    const zone = this.page.wearer.timezone;
    try {
      const { items, next_cursor } = await this.page.api.get("deliveries", { wearer: this.page.wearer.id, limit: LOG_PAGE, cursor: this.#cursor });
      this.#cursor = next_cursor;
      this.body.append(.../** @type {Delivery[]} */ (items).map((it) => h("tr", { "data-testid": "delivery" },
        h("th", { scope: "row" }, moment(it.made_at, zone)), h("td", {}, it.channel), h("td", {}, kindWord(it.kind)),
        h("td", { class: "why-cell" }, stateSentence(it),
          ...(it.due_at ? [h("span", { class: "hint" }, ` ${t("next try {when}", { when: moment(it.due_at, zone) })}`)] : [])))));
      say(this.state, this.body.childElementCount ? "" : t("Nothing was delivered yet."));
      show(this.table, this.body.childElementCount > 0);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.state, problemWords(error));
    }
    show(this.older, this.#cursor !== null);
  }
}

// @ts-check
/** Everything that was said, by day and newest first, with what was kept back on the same days; more on demand. */

import { AlertView } from "../../alerts.js";
import { ApiError } from "../../api.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { button, problemWords } from "../../form.js";
import { ALERT_KINDS, kindWord } from "../../kind-words.js";
import { plural, t, texts } from "../../languages.js";
import { localDay } from "../../local-day.js";
import { goTo } from "../../router.js";
import { sourceTag } from "../../source.js";
import { dayWords } from "../../when.js";
import { keptBack } from "./kept-back.js";
import { More } from "./more.js";

/** @typedef {import("../../types.js").Alert} Alert */
/** @typedef {import("./kept-back.js").Decision} Decision */

const PAGE = 40;
/** Decisions are kept for a year. */
const KEPT_S = 366 * 86400;
/** So many answers of a thousand decisions are read for one page; that is more than such a page has had. */
const MOST_READS = 5;

/** Outcomes to choose among, as a list of many calls them. @type {Record<string, string>} */
const OUTCOMES = texts({
  taken: "Followed",
  partial: "Short break",
  snoozed: "Put off",
  ignored: "Let pass",
  false_alarm: "Was fine",
  ended: "Ended by itself",
});

export class Past {
  /** @type {Map<string, Alert>} */
  #alerts = new Map();
  /** @type {Map<string, AlertView>} */
  #views = new Map();
  /** @type {Decision[]} */
  #kept = [];
  /** @type {string|null} */
  #cursor = null;
  /** Alerts and decisions are known back to this, Unix s. */
  #since = Infinity;
  #turn = 0;

  /**
   * @param {import("../../picture.js").Picture} page
   * @param {string[]} words
   */
  constructor(page, words) {
    this.page = page;
    this.kind = h("select", { id: "past-kind", "data-testid": "past-kind" },
      h("option", { value: "all" }, t("Every kind")), ...ALERT_KINDS.map((it) => h("option", { value: it }, kindWord(it))));
    this.outcome = h("select", { id: "past-outcome", "data-testid": "past-outcome" },
      h("option", { value: "all" }, t("Whatever came of it")), ...Object.entries(OUTCOMES).map(([value, word]) => h("option", { value }, t(word))));
    for (const select of [this.kind, this.outcome]) {
      select.addEventListener("change", () => goTo("alerts", this.kind.value, this.outcome.value));
    }
    this.days = h("div", { class: "past-days", "data-testid": "past-days" });
    this.state = h("p", { class: "hint", role: "status", "data-testid": "past-state" }, t("Asking for what was said before."));
    this.older = button(t("Older"), () => this.#read(), { "data-testid": "past-older", hidden: true });
    this.root = h("section", { class: "before", "aria-labelledby": "past-title" },
      h("div", { class: "heading" }, h("h3", { id: "past-title" }, t("Before")), sourceTag(),
        h("div", { class: "filters" },
          h("label", { for: "past-kind", class: "unseen" }, t("Kind")), this.kind,
          h("label", { for: "past-outcome", class: "unseen" }, t("What came of it")), this.outcome)),
      this.days, this.state, this.older);
    this.#choose(words);
  }

  /** Reads the first page. */
  begin() {
    return this.#read();
  }

  /** Takes the kind and the outcome that the address has now. @param {string[]} words */
  async narrow(words) {
    this.#choose(words);
    this.#turn += 1;
    this.#alerts.clear();
    this.#kept = [];
    this.#cursor = null;
    this.#since = Infinity;
    this.#draw();
    show(this.older, false);
    await this.#read();
  }

  /** Takes what the page knows of today: what has closed meanwhile comes in here. @param {Alert[]} alerts */
  take(alerts) {
    const fitting = alerts.filter((it) => !it.open && this.#fits(it) && seconds(it.opened_at) >= this.#since);
    const news = fitting.filter((it) => (this.#alerts.get(it.id)?.revision ?? 0) < it.revision);
    for (const it of news) this.#alerts.set(it.id, it);
    if (news.length) this.#draw();
  }

  /** @param {Alert} alert */
  #fits(alert) {
    return ["all", alert.kind].includes(this.kind.value) && ["all", alert.outcome].includes(this.outcome.value);
  }

  /** @param {string[]} words */
  #choose(words) {
    const [kind = "all", outcome = "all"] = words;
    this.kind.value = ALERT_KINDS.includes(kind) ? kind : "all";
    this.outcome.value = outcome in OUTCOMES ? outcome : "all";
  }

  async #read() {
    const turn = this.#turn;
    try {
      say(this.state, t("Asking for what was said before."));
      const { items, next_cursor } = await this.page.api.get("alerts", {
        wearer: this.page.wearer.id, limit: PAGE, cursor: this.#cursor,
        kind: this.kind.value === "all" ? null : this.kind.value,
        outcome: this.outcome.value === "all" ? null : this.outcome.value,
      });
      const now = this.page.clock.now();
      const since = next_cursor === null ? now - KEPT_S : seconds(items.at(-1).opened_at);
      const kept = this.outcome.value === "all" ? await this.#decisions(since, Math.min(this.#since, now + 60)) : [];
      if (turn !== this.#turn) return;
      for (const it of items) if (!it.open) this.#alerts.set(it.id, it);
      this.#kept.push(...kept);
      this.#since = next_cursor === null ? -Infinity : since;
      this.#cursor = next_cursor;
      show(this.older, next_cursor !== null);
      this.#draw();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (turn === this.#turn) say(this.state, problemWords(error));
      show(this.older, true);
      say(this.older, t("Try again"));
      return;
    }
    say(this.older, t("Older"));
  }

  /** @param {number} start Unix s @param {number} end Unix s @returns {Promise<Decision[]>} */
  async #decisions(start, end) {
    /** @type {Decision[]} */
    const all = [];
    let cursor = null;
    for (let reads = 0; reads < MOST_READS && end > start; reads += 1) {
      /** @type {{items: Decision[], next_cursor: string|null}} */
      const { items, next_cursor } = await this.page.api.get(`wearers/${encodeURIComponent(this.page.wearer.id)}/decisions`, {
        start: new Date(start * 1000).toISOString(), end: new Date(end * 1000).toISOString(), limit: 1000, cursor,
      });
      all.push(...items);
      cursor = next_cursor;
      if (cursor === null) break;
    }
    return all.filter((it) => !it.spoken && (this.kind.value === "all" || it.kind === this.kind.value));
  }

  #draw() {
    const { timezone } = this.page.wearer;
    const now = this.page.clock.now();
    /** @type {Map<string, {alerts: Alert[], kept: Decision[], at: number}>} */
    const days = new Map();
    const dayOf = (/** @type {string} */ stamp) => {
      const at = seconds(stamp);
      const key = localDay(at, timezone);
      let day = days.get(key);
      if (!day) days.set(key, (day = { alerts: [], kept: [], at }));
      return day;
    };
    for (const it of this.#alerts.values()) dayOf(it.opened_at).alerts.push(it);
    for (const it of this.#kept) dayOf(it.at).kept.push(it);
    const focused = document.activeElement;
    const unfolded = new Set([...this.days.querySelectorAll("details[open]")].map((it) => it.id));
    this.days.replaceChildren(...[...days].sort(([a], [b]) => (a < b ? 1 : -1)).map(([key, day]) => {
      const alerts = day.alerts.sort((a, b) => seconds(b.opened_at) - seconds(a.opened_at));
      const kept = keptBack(day.kept, key);
      if (kept && unfolded.has(kept.id)) kept.setAttribute("open", "");
      return h("section", { class: "past-day", "data-testid": "past-day", "aria-labelledby": `past-${key}` },
        h("h4", { id: `past-${key}` }, dayWords(day.at, timezone, now),
          h("span", { class: "hint" }, alerts.length ? plural(alerts.length, "one alert", "{n} alerts") : t("nothing was said"))),
        h("ol", { class: "alert-list" }, ...alerts.map((it) => this.#view(it))),
        ...(kept ? [kept] : []));
    }));
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.days.contains(focused)) focused.focus();
    const some = days.size > 0;
    say(this.state, some ? "" : this.kind.value === "all" && this.outcome.value === "all"
      ? t("Nothing was said so far. An alert tells what was measured, for how long, and your limit; it stays here with what came of it.")
      : t("Nothing of this kind."));
  }

  /** @param {Alert} alert @returns {HTMLElement} */
  #view(alert) {
    let view = this.#views.get(alert.id);
    if (view) view.update(alert);
    else {
      this.#views.set(alert.id, (view = new AlertView(alert, this.page, "item", "past-")));
      const more = new More(this.page, alert);
      const panel = view.panel;
      const why = view.element.querySelector(".why");
      why?.addEventListener("click", () => {
        if (!panel.contains(more.root)) panel.append(more.root);
        if (!panel.hidden) void more.ask();
      });
    }
    return view.element;
  }
}

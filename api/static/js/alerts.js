// @ts-check
/** Alerts: the open ones on Now as cards with their answers, and how any is shown elsewhere. Each explains itself in figures. */

import { ApiError } from "./api.js";
import { seconds } from "./clock.js";
import { byId, h, s, say, setAttributes, show } from "./dom.js";
import { MEASURED, kindOf } from "./kinds.js";
import { plural, t } from "./languages.js";
import { degrees, duration, number, outcomeWord, percent, placeWord } from "./words.js";

/** @typedef {import("./types.js").Alert} Alert */
/** @typedef {import("./picture.js").Picture} Picture */

/** The gauge goes on beyond the figures, so that the limit is a mark inside it. */
const GAUGE_ROOM = 1.15;

/** @param {string} kind */
function kindSign(kind) {
  return s(
    "svg",
    { class: `sign kind-${kind}`, viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" },
    s("path", { d: kindOf(kind).sign }),
  );
}

/** @param {number|null} value @param {string} unit */
function figure(value, unit) {
  if (value === null) return t("unknown");
  if (unit === "deg") return degrees(Math.round(value));
  return unit === "s" ? duration(value) : `${number(value)} ${unit}`.trimEnd();
}

/**
 * How often and when last an alert was said, when that was more than once: its sentence is of the last time.
 * @param {Alert} alert
 * @param {Picture} page
 */
function repeated(alert, page) {
  if (alert.said < 2 || alert.last_said_at === null) return "";
  return t("Said {n} times, last at {time}.", { n: alert.said, time: page.hours.at(seconds(alert.last_said_at)) });
}

/**
 * Fills the panel with the explanation of an alert in figures, those of the last time it was said.
 * @param {HTMLElement} panel
 * @param {Alert} alert
 */
function explain(panel, alert) {
  const it = alert.explanation;
  const { sensor } = kindOf(alert.kind);
  const [value, limit] = [it.value ?? 0, it.limit ?? 0];
  const scale = it.unit === "%" ? 100 : Math.max(value, limit, 1) * GAUGE_ROOM;
  const rows = /** @type {[string, string][]} */ ([
    [t(MEASURED[it.measured] ?? it.measured.replaceAll("_", " ")), figure(it.value, it.unit)],
    [t("Your limit"), figure(it.limit, it.unit)],
    [t("Beyond it for"), it.lasted_s > 0 ? duration(it.lasted_s) : t("just reached")],
    [sensor ? t("Worn at") : t("Measured at"), placeWord(it.placement) || t("unknown")],
    ...(sensor ? [] : [[t("Certain"), percent(it.confidence)]]),
    [t("Said"), plural(alert.said, "once", "{n} times")],
  ]);
  panel.replaceChildren(
    s("svg", { class: "gauge", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      s("rect", { class: "track", width: 100, height: 6 }),
      s("rect", { class: `fill kind-${alert.kind}`, width: (value / scale) * 100, height: 6 }),
      s("rect", { class: "limit", x: (limit / scale) * 100, width: 0.5, height: 6 })),
    h("dl", {}, ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
}

/**
 * The button that unfolds an explanation.
 * @param {HTMLElement} panel
 * @param {string} testid
 */
function whyButton(panel, testid) {
  const button = h("button", { type: "button", class: "why", "data-testid": testid, "aria-expanded": "false", "aria-controls": panel.id }, t("why?"));
  button.addEventListener("click", () => {
    show(panel, panel.hidden);
    button.setAttribute("aria-expanded", String(!panel.hidden));
  });
  return button;
}

/**
 * Where an open alert stands: acknowledged, snoozed, or waiting for an answer.
 * @param {Alert} alert
 * @param {Picture} page
 */
function standing(alert, page) {
  const until = alert.snoozed_until ? seconds(alert.snoozed_until) : 0;
  if (!alert.acknowledged_at) return until > page.clock.now() ? t("Quiet until {time}.", { time: page.hours.at(until) }) : "";
  return t("Answered at {time}. It closes when {ends}.", { time: page.hours.at(seconds(alert.acknowledged_at)), ends: t(kindOf(alert.kind).ends) });
}

/**
 * The three answers to an open alert.
 * @param {Alert} alert
 * @param {Picture} page
 * @param {string} prefix of the test ids
 * @param {HTMLElement} trouble where an answer that did not arrive is told
 */
function answers(alert, page, prefix, trouble) {
  const send = async (/** @type {() => Promise<Alert>} */ call) => {
    buttons.forEach((button) => setAttributes(button, { disabled: true }));
    try {
      page.takeAlert(await call());
      say(trouble, "");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(trouble, t("Your answer was not taken. {why}", { why: error.message }));
      if (error.status === 409 || error.status === 404) await page.loadDay().catch(() => undefined);
    }
    show(trouble, trouble.textContent !== "");
    buttons.forEach((button) => setAttributes(button, { disabled: false }));
  };
  const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => Promise<Alert>} */ call) => {
    const element = h("button", { type: "button", "data-testid": prefix + id }, text);
    element.addEventListener("click", () => void send(call));
    return element;
  };
  const kind = kindOf(alert.kind);
  const buttons = [
    button("acknowledge", t(kind.done), () => page.api.acknowledge(alert.id, null)),
    button("snooze", t("In {n} min", { n: kind.snooze_min }), () => page.api.snooze(alert.id, kind.snooze_min)),
    button("fine", t(kind.fine), () => page.api.acknowledge(alert.id, "fine")),
  ];
  return h("div", { class: "answers" }, ...buttons);
}

/** One alert as an element that is kept and changed, so that focus and unfolded details stay. */
export class AlertView {
  /**
   * @param {Alert} alert
   * @param {Picture} page
   * @param {"card"|"item"} form
   * @param {string} [scope] before its ids, where an alert is shown twice in a document
   */
  constructor(alert, page, form, scope = "") {
    const card = form === "card";
    const prefix = card ? "" : "alert-item-";
    const at = page.hours.at(seconds(alert.opened_at));
    this.page = page;
    this.form = form;
    this.message = h("p", { class: "message" });
    this.state = h("p", { class: "standing" });
    this.trouble = h("p", { class: "trouble", hidden: true });
    this.outcome = h("span", { class: "outcome", "data-testid": card ? "alert-outcome" : "alert-item-outcome" });
    this.answers = answers(alert, page, prefix, this.trouble);
    const time = h("time", { datetime: alert.opened_at }, at);
    this.revision = 0;
    this.panel = h("div", { class: "explanation", "data-testid": "explanation", id: `${scope}why-${form}-${alert.id}`, hidden: true });
    const panel = this.panel;
    const why = whyButton(panel, card ? "why" : "alert-item-why");
    this.element = card
      ? h("article", { class: `card kind-${alert.kind}`, "data-testid": "alert-card", "data-alert": alert.id },
        h("p", { class: "head" }, kindSign(alert.kind), time), this.message, this.state, this.trouble,
        h("div", { class: "foot" }, this.answers, why), panel)
      : h("li", { class: "item", id: `${scope}alert-${alert.id}`, tabindex: -1, "data-testid": "alert-item", "data-alert": alert.id },
        time, kindSign(alert.kind), this.message, this.outcome, why, this.state, this.trouble, this.answers, panel);
    this.update(alert);
  }

  /** @param {Alert} alert */
  update(alert) {
    say(this.message, alert.message);
    const outcome = alert.open ? t("open") : outcomeWord(alert.kind, alert.outcome);
    const timed = !alert.open && alert.response_s !== null && alert.outcome !== "ended";
    say(this.outcome, timed ? t("{outcome} after {duration}", { outcome, duration: duration(alert.response_s) }) : outcome);
    this.element.dataset.outcome = alert.open ? "open" : (alert.outcome ?? "closed");
    if (alert.revision !== this.revision) explain(this.panel, alert);
    this.revision = alert.revision;
    const text = [repeated(alert, this.page), alert.open ? standing(alert, this.page) : ""].filter(Boolean).join(" ");
    say(this.state, text);
    show(this.state, text !== "");
    show(this.answers, alert.open);
  }
}

/**
 * Keeps one view per alert in `root`, in the given order.
 * @param {HTMLElement} root
 * @param {Map<string, AlertView>} views
 * @param {Alert[]} alerts
 * @param {(alert: Alert) => AlertView} make
 */
export function keep(root, views, alerts, make) {
  const ids = new Set(alerts.map((alert) => alert.id));
  for (const [id, view] of views) {
    if (ids.has(id)) continue;
    view.element.remove();
    views.delete(id);
  }
  alerts.forEach((alert, index) => {
    let view = views.get(alert.id);
    if (view) view.update(alert);
    else views.set(alert.id, (view = make(alert)));
    if (root.children[index] !== view.element) root.insertBefore(view.element, root.children[index] ?? null);
  });
}

/**
 * @param {Picture} page
 * @returns {() => void} to be called at every tick: snoozes end by the clock
 */
export function mountAlerts(page) {
  const cards = byId("cards");
  /** @type {Map<string, AlertView>} */
  const views = new Map();
  const render = () => {
    if (document.hidden) return;
    const open = page.openAlerts();
    keep(cards, views, open, (alert) => new AlertView(alert, page, "card"));
    show(byId("no-card"), open.length === 0);
  };
  page.on(["alerts", "day"], render);
  document.addEventListener("visibilitychange", render);
  return () => {
    if (!document.hidden) for (const alert of page.openAlerts()) views.get(alert.id)?.update(alert);
  };
}

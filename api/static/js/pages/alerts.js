// @ts-check
/** Alerts: the open ones with their answers, silence, how it goes, and everything that was said or kept back before. */

import { AlertView, keep } from "../alerts.js";
import { h, say, show } from "../dom.js";
import { t } from "../languages.js";
import { may, onlyLooking, session } from "../rights.js";
import { sourceTag } from "../source.js";
import { mountAdjustments } from "./alerts/adjustments.js";
import { mountAnswered } from "./alerts/answered.js";
import { Past } from "./alerts/past.js";
import { mountSilence } from "./alerts/silence.js";

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @param {string[]} words a kind and an outcome to narrow the past to, or `all`
 * @returns {Promise<import("../router.js").Shown>}
 */
export async function mount(place, page, words) {
  const [who] = await Promise.all([session(page.api), page.clock.known ? null : page.api.health().then((it) => page.takeHealth(it))]);
  const writes = may(who, "write");
  const cards = h("div", { class: "cards", "data-testid": "page-open-alerts" });
  const none = h("p", { class: "no-card", hidden: true }, t("No open alert."));
  const open = h("section", { class: "alerts-open", "aria-label": t("Open alerts") }, ...(writes ? [] : [onlyLooking()]), cards, none);
  const past = new Past(page, words);
  const answered = mountAnswered(page);
  const silence = mountSilence(page, writes);
  const adjustments = mountAdjustments(page, writes);
  place.append(
    h("div", { class: "heading" }, h("h2", {}, t("Alerts")), sourceTag()),
    h("div", { class: "alerts-columns" }, open,
      h("div", { class: "alerts-beside" }, silence.root, answered.root, adjustments.root), past.root));

  /** @type {Map<string, AlertView>} */
  const views = new Map();
  const draw = () => {
    const alerts = page.openAlerts();
    keep(cards, views, alerts, (alert) => new AlertView(alert, page, "card", "page-"));
    if (!writes) cards.querySelectorAll("button:not(.why)").forEach((it) => it.setAttribute("disabled", ""));
    show(none, alerts.length === 0);
    say(none, page.day === null ? t("Asking the service for your day.") : t("No open alert."));
    past.take([...page.alerts.values()]);
  };
  const ends = [page.on(["alerts", "day"], draw), page.on(["alerts"], () => void adjustments.ask())];
  draw();
  void Promise.all([past.begin(), silence.ask(), answered.ask(), adjustments.ask()]); // the page has the focus at once
  return {
    go: (next) => void past.narrow(next),
    leave: () => {
      ends.forEach((end) => end());
      answered.leave();
    },
  };
}

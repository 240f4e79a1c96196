// @ts-check
/** How the store is: its size, the last commit, what a server is owed, and whatever is wrong. */

import { h, show } from "../../dom.js";
import { plural, t, told } from "../../languages.js";
import { duration } from "../../words.js";
import { figure, moment, size } from "../../when.js";

/**
 * @typedef {{backend: string, encrypted: boolean, folder: string|null, size_bytes: number|null, free_bytes: number|null,
 *   kept: {frames_days: number, raw_days: number, readings_days: number, deliveries_days: number, audit_days: number}}} About
 */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {About} about what the service says of its store
 */
export function mountStore(page, about) {
  const narrow = about.folder === null && about.size_bytes === null;
  const facts = h("dl", { class: "facts-list", "data-testid": "store-facts" });
  const problems = h("ul", { class: "problems", hidden: true });
  const zone = page.wearer.timezone;
  const draw = () => {
    const health = /** @type {any} */ (page.health);
    if (!health) return;
    const { store } = health;
    /** @type {[string, string][]} */
    const rows = [
      [t("State"), store.ok ? t("reads and writes") : t("cannot be written")],
      [t("Last written"), store.last_commit_at ? moment(store.last_commit_at, zone) : t("not since the start")],
      ...(about.folder === null ? [] : /** @type {[string, string][]} */ ([[t("Folder"), about.folder]])),
      ...(narrow ? [] : /** @type {[string, string][]} */ ([
        [t("Size"), about.free_bytes === null ? size(store.size_bytes) : t("{size}, {free} free on the disk", { size: size(store.size_bytes), free: size(about.free_bytes) })],
        [t("Kind"), `${store.backend}: ${store.detail}`],
      ])),
      [t("Encrypted"), about.encrypted ? t("yes, with a key of the service") : t("no")],
      [t("Seconds"), days(about.kept.frames_days)],
      [t("Raw samples"), about.kept.raw_days ? days(about.kept.raw_days) : t("not kept")],
      [t("Readings of links"), days(about.kept.readings_days)],
      [t("Deliveries"), days(about.kept.deliveries_days)],
      [t("The audit"), days(about.kept.audit_days)],
      [t("Minutes, hours, days, episodes, alerts"), t("kept until they are erased")],
    ];
    const to = store.forwarding;
    if (to) {
      rows.push([t("Copy to"), to.server ?? "InfluxDB"], [t("Owed to it"), t("{n} points, the oldest for {time}", { n: figure(to.owed_points, 0), time: duration(to.owed_s) })],
        [t("Sent so far"), t("{sent} points; {dropped} dropped, {dead} refused", { sent: figure(to.sent, 0), dropped: figure(to.dropped, 0), dead: figure(to.dead_letters, 0) })]);
      if (to.trouble) rows.push([t("Trouble"), told(to.trouble)]);
    }
    facts.replaceChildren(...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    show(problems, health.problems.length > 0);
    problems.replaceChildren(...health.problems.map((/** @type {string} */ it) => h("li", {}, told(it))));
  };
  const root = h("section", { "aria-labelledby": "store-title" }, h("h3", { id: "store-title" }, t("The store")), facts, problems,
    ...(narrow ? [h("p", { class: "hint" }, t("Its size and place are shown to those who may see everybody."))] : []),
    h("p", {}, h("a", { href: "./docs/", "data-testid": "api-docs" }, t("The API: every call, to be tried"))));
  draw();
  return { root, leave: page.on(["health"], draw) };
}

/** @param {number} n @returns {string} */
function days(n) {
  return plural(n, "kept for one day", "kept for {n} days");
}

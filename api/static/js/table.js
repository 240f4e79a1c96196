// @ts-check
/** The figures behind the strip and the line, hour by hour. */

import { h } from "./dom.js";
import { t } from "./languages.js";
import { leanSums } from "./lean.js";
import { STATES, number, stateWord } from "./words.js";

const HOUR_S = 3600;

/**
 * @param {HTMLElement} root
 * @param {import("./picture.js").Picture} page
 * @param {number} start Unix s of the day
 * @param {number} now Unix s
 */
export function fillTable(root, page, start, now) {
  const columns = [t("Hour"), ...STATES.map(stateWord), t("No data"), t("Lean, deg")];
  const body = [];
  for (let hour = start; hour < now; hour += HOUR_S) {
    const end = Math.min(hour + HOUR_S, now);
    const buckets = page.minutes.between(hour, end);
    if (!buckets.length) continue;
    const lasted = STATES.map((state) => buckets.reduce((sum, it) => sum + (it.in_state[state] ?? 0), 0));
    const missing = Math.max(0, end - hour - lasted.reduce((a, b) => a + b, 0));
    const { mean_deg } = leanSums(buckets, null);
    const cells = [...lasted, missing].map((value) => h("td", {}, minutes(value)));
    const lean = h("td", {}, mean_deg === null ? t("unknown") : number(mean_deg));
    body.push(h("tr", {}, h("th", { scope: "row" }, page.hours.at(hour)), ...cells, lean));
  }
  root.replaceChildren(
    h("table", { "data-testid": "today-table" },
      h("caption", {}, t("Minutes in each state and mean lean while upright, by the hour")),
      h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...body)),
  );
}

/** @param {number} value s */
function minutes(value) {
  const whole = Math.round(value / 60);
  return value > 0 && whole === 0 ? "<1" : String(whole);
}

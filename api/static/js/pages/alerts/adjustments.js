// @ts-check
/** What "that was fine" has moved, and the way back. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { button, generalProblem, problemWords } from "../../form.js";
import { t, texts } from "../../languages.js";
import { moment } from "../../when.js";

/** Before these are asked for, the rest is folded away. */
const SHOWN = 5;
/** What moves. @type {Record<string, string>} */
const LIMITS = texts({
  sitting_after_min: "until sitting is said",
  shift_after_min: "until sitting without a change is said",
  slouch_margin_deg: "let pass beyond your slouch limit",
});

/** @param {string} setting */
function unit(setting) {
  return setting === "slouch_margin_deg" ? t("deg") : setting.endsWith("_min") ? "min" : "";
}

/** @typedef {{id: string, alert: string, setting: string, change: number, made_at: string, undone_at: string|null}} Adjustment */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} writes
 */
export function mountAdjustments(page, writes) {
  const path = `wearers/${encodeURIComponent(page.wearer.id)}/adjustments`;
  const problem = generalProblem("adjustment-problem");
  const list = h("ul", { class: "rows", "data-testid": "adjustments" });
  const rest = h("ul", { class: "rows" });
  const more = h("details", { hidden: true }, h("summary", {}, t("Earlier ones")), rest);
  const root = h("section", { class: "adjustments", hidden: true, "aria-labelledby": "adjustments-title" },
    h("h3", { id: "adjustments-title" }, t("What “that was fine” has moved")),
    h("p", { class: "hint" }, t("Each time you say so, your limit moves a step, within its range.")), list, more, problem);

  /** @param {Adjustment} it */
  const undo = async (it) => {
    try {
      await page.api.send("POST", `${path}/${encodeURIComponent(it.id)}/undo`, {});
      say(problem, "");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(problem, problemWords(error));
    }
    show(problem, problem.textContent !== "");
    await ask();
    document.getElementById(`adjustment-${it.id}`)?.focus();
  };
  /** @param {Adjustment} it */
  const row = (it) => {
    const change = `${it.change > 0 ? "+" : "\u2212"}${Math.abs(it.change)} ${unit(it.setting)}`.trim();
    return h("li", { id: `adjustment-${it.id}`, tabindex: -1, "data-testid": "adjustment" },
      h("span", {}, h("strong", {}, change), ` ${it.setting in LIMITS ? t(LIMITS[it.setting]) : it.setting.replaceAll("_", " ")}`),
      h("span", { class: "hint" }, it.undone_at === null ? moment(it.made_at, page.wearer.timezone)
        : t("taken back {when}", { when: moment(it.undone_at, page.wearer.timezone) })),
      ...(it.undone_at === null && writes
        ? [button(t("Take back"), () => undo(it), { class: "quiet", "data-testid": "adjustment-undo" })] : []));
  };
  /** What was last drawn: alerts come often, these change seldom. */
  let drawn = "";
  const ask = async () => {
    /** @type {Adjustment[]} */
    const items = (await page.api.get(path)).items.reverse();
    const key = JSON.stringify(items);
    if (key === drawn) return;
    drawn = key;
    show(root, items.length > 0);
    list.replaceChildren(...items.slice(0, SHOWN).map(row));
    rest.replaceChildren(...items.slice(SHOWN).map(row));
    show(more, items.length > SHOWN);
  };
  return { root, ask: () => ask().catch((error) => { if (!(error instanceof ApiError)) throw error; }) };
}

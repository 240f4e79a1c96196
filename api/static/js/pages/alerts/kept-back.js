// @ts-check
/** What was not said on a day, and why: counted by reason, in the service's own words. */

import { h } from "../../dom.js";
import { kindWord } from "../../kind-words.js";
import { plural, t, told } from "../../languages.js";

/** @typedef {{id: string, at: string, kind: string, spoken: boolean, reason: string, words: string, alert: string|null}} Decision */

/**
 * A line that unfolds, or null when nothing was kept back.
 * @param {Decision[]} decisions those that were not said
 * @param {string} day for its id
 * @returns {HTMLElement|null}
 */
export function keptBack(decisions, day) {
  if (decisions.length === 0) return null;
  /** @type {Map<string, {words: string, n: number, kinds: Map<string, number>}>} */
  const reasons = new Map();
  for (const it of decisions) {
    let reason = reasons.get(it.reason);
    if (!reason) reasons.set(it.reason, (reason = { words: it.words, n: 0, kinds: new Map() }));
    reason.n += 1;
    reason.kinds.set(it.kind, (reason.kinds.get(it.kind) ?? 0) + 1);
  }
  const sorted = [...reasons.values()].sort((a, b) => b.n - a.n);
  const first = told(sorted[0].words);
  const summary = sorted.length === 1
    ? plural(decisions.length, "One kept back: {reason}", "{n} kept back: {reason}", { reason: first })
    : t("{n} kept back, most of them so: {reason}", { n: decisions.length, reason: first });
  return h("details", { class: "kept-back", id: `kept-${day}`, "data-testid": "kept-back" },
    h("summary", {}, summary),
    h("ul", {}, ...sorted.map((it) => h("li", {},
      h("span", { class: "count" }, String(it.n)),
      h("span", {}, told(it.words), " ", h("span", { class: "hint" },
        [...it.kinds].sort((a, b) => b[1] - a[1]).map(([kind, n]) => (n === 1 ? kindWord(kind) : `${kindWord(kind)} (${n})`)).join(", ")))))));
}

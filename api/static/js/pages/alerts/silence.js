// @ts-check
/** Silence: a pause, a meeting, and whatever else keeps alerts back now. */

import { ApiError } from "../../api.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { button, generalProblem, problemWords } from "../../form.js";
import { t } from "../../languages.js";
import { sentence } from "../../quiet.js";

/** @typedef {import("../../types.js").Quiet} Quiet */

/** For how long, min. */
const PAUSES = [30, 60, 240];
const MEETINGS = [30, 60, 120];

/** @param {number} minutes */
function long(minutes) {
  return minutes < 60 ? t("{n} min", { n: minutes }) : t("{n} h", { n: minutes / 60 });
}

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} writes
 */
export function mountSilence(page, writes) {
  const wearer = encodeURIComponent(page.wearer.id);
  const now = h("p", { role: "status", "data-testid": "silence-now" });
  const problem = generalProblem("silence-problem");
  const rows = h("div", { class: "silence-rows" });
  const root = h("section", { class: "silence", "data-testid": "silence", "aria-labelledby": "silence-title" },
    h("h3", { id: "silence-title" }, t("Silence")), now, rows, problem);

  /** @param {"POST"|"DELETE"} method @param {"pause"|"meeting"} what @param {number|null} minutes */
  const change = async (method, what, minutes) => {
    try {
      draw(await page.api.send(method, `wearers/${wearer}/${what}`, minutes === null ? undefined : { minutes }));
      say(problem, "");
      rows.querySelector("button")?.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(problem, problemWords(error));
    }
    show(problem, problem.textContent !== "");
  };
  /** @param {string} label @param {"pause"|"meeting"} what @param {number[]} choices @param {boolean} on @param {string} end */
  const row = (label, what, choices, on, end) => h("div", { class: "silence-row", role: "group", "aria-label": label },
    ...(on
      ? [button(end, () => change("DELETE", what, null), { class: "quiet", "data-testid": `silence-${what}-end` })]
      : [h("span", {}, label), ...choices.map((it) =>
        button(long(it), () => change("POST", what, it), { class: "quiet", "data-testid": `silence-${what}-${it}` }))]));
  /** @param {Quiet} quiet */
  const draw = (quiet) => {
    say(now, sentence(quiet, (time) => page.hours.at(seconds(time))) || t("Nothing keeps alerts back now."));
    rows.replaceChildren(...(writes ? [
      row(t("Pause for"), "pause", PAUSES, quiet.paused_until !== null, t("Resume")),
      row(t("In a meeting for"), "meeting", MEETINGS, quiet.meeting_until !== null, t("The meeting is over")),
    ] : []));
  };
  const ask = async () => {
    try {
      draw(await page.api.quiet(page.wearer.id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(now, problemWords(error));
    }
  };
  return { root, ask };
}

// @ts-check
/** Whether alerts are kept back now, a pause of them, and how many were answered in the last week. */

import { ApiError } from "./api.js";
import { seconds } from "./clock.js";
import { byId, h, say, show } from "./dom.js";
import { counted, percent } from "./words.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./types.js").Quiet} Quiet */

const PAUSES = /** @type {[string, number][]} */ ([["30 min", 30], ["1 h", 60], ["4 h", 240]]);
const WEEK_S = 7 * 86400;

/**
 * What keeps alerts back, in a sentence; empty when nothing does.
 * @param {Quiet} quiet
 * @param {(time: string) => string} at a time on the wearer's clock
 */
function sentence(quiet, at) {
  if (quiet.paused_until) return `Alerts are paused until ${at(quiet.paused_until)}.`;
  if (quiet.meeting_until) return `You are in a meeting until ${at(quiet.meeting_until)}: alerts wait.`;
  if (quiet.busy_until) return `Your calendar says that you are busy until ${at(quiet.busy_until)}: alerts wait.`;
  if (quiet.do_not_disturb) return "Your desktop asks not to be disturbed: alerts wait.";
  return quiet.screen_locked ? "Your screen is locked: alerts wait." : "";
}

/**
 * @param {Picture} page
 * @returns {() => Promise<void>} asks the service anew
 */
export function mountQuiet(page) {
  const words = byId("quiet-words");
  const buttons = byId("quiet-buttons");
  /** @param {() => Promise<Quiet>} call */
  const change = async (call) => {
    try {
      draw(await call());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(words, `That did not work: ${error.message}`);
    }
  };
  /** @param {string} text @param {string} id @param {() => Promise<Quiet>} call */
  const button = (text, id, call) => {
    const made = h("button", { type: "button", class: "quiet", "data-testid": id }, text);
    made.addEventListener("click", () => void change(call));
    return made;
  };
  /** Rebuilt only when it changes, so that focus stays. */
  let drawn = "";
  /** @param {Quiet} quiet */
  const draw = (quiet) => {
    const said = sentence(quiet, (time) => page.hours.at(seconds(time)));
    say(words, said || "Pause alerts for");
    const kind = quiet.paused_until ? "paused" : "on";
    if (kind === drawn) return;
    drawn = kind;
    const wearer = page.wearer.id;
    const focused = buttons.contains(document.activeElement);
    buttons.replaceChildren(...(quiet.paused_until
      ? [button("Resume", "resume", () => page.api.resume(wearer))]
      : PAUSES.map(([text, minutes]) => button(text, `pause-${minutes}`, () => page.api.pause(wearer, minutes)))));
    if (focused) /** @type {HTMLElement|null} */ (buttons.firstElementChild)?.focus();
  };
  return async () => {
    if (!page.clock.known) return;
    const now = page.clock.now();
    const [quiet, week] = await Promise.all([
      page.api.quiet(page.wearer.id),
      page.api.responses(page.wearer.id, now - WEEK_S, now),
    ]);
    draw(quiet);
    show(byId("quiet"), true);
    show(byId("responses"), week.asked > 0);
    say(byId("responses"), `In the last 7 days ${week.answered_within_5_min} of ${counted(week.asked, "prompt")} `
      + `${week.answered_within_5_min === 1 ? "was" : "were"} answered within 5 min (${percent(week.share)}).`);
  };
}

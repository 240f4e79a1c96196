// @ts-check
/** Whether alerts are kept back now, and a pause of them. */

import { ApiError } from "./api.js";
import { seconds, ticks } from "./clock.js";
import { byId, h, say, show } from "./dom.js";
import { t } from "./languages.js";
import { announce } from "./router.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./types.js").Quiet} Quiet */

const ASKED_S = 1;
const PAUSES = /** @type {[string, number][]} */ ([["30 min", 30], ["1 h", 60], ["4 h", 240]]);

/**
 * What keeps alerts back, in a sentence; empty when nothing does.
 * @param {Quiet} quiet
 * @param {(time: string) => string} at a time on the wearer's clock
 */
export function sentence(quiet, at) {
  if (quiet.paused_until) return t("Alerts are paused until {time}.", { time: at(quiet.paused_until) });
  if (quiet.meeting_until) return t("You are in a meeting until {time}: alerts wait.", { time: at(quiet.meeting_until) });
  if (quiet.busy_until) return t("Your calendar says that you are busy until {time}: alerts wait.", { time: at(quiet.busy_until) });
  if (quiet.do_not_disturb) return t("Your desktop asks not to be disturbed: alerts wait.");
  return quiet.screen_locked ? t("Your screen is locked: alerts wait.") : "";
}

/**
 * @param {Picture} page
 * @returns {() => Promise<void>} asks the service anew, unless that was done just now
 */
export function mountQuiet(page) {
  const box = /** @type {HTMLDetailsElement} */ (byId("quiet"));
  const words = byId("quiet-words");
  const buttons = byId("quiet-buttons");
  /** Goes up when something begins to be changed and when it was: what was asked for before may be older than that. */
  let changes = 0;
  /** @param {() => Promise<Quiet>} call */
  const change = async (call) => {
    changes += 1;
    try {
      draw(await call());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(words, t("That did not work: {why}", { why: error.message }));
    }
    changes += 1;
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
    if (words.textContent !== "" && said && words.textContent !== said) announce(said);
    say(words, said || t("Pause alerts"));
    const kind = quiet.paused_until ? "paused" : "on";
    if (kind === drawn) return;
    drawn = kind;
    const wearer = page.wearer.id;
    const focused = buttons.contains(document.activeElement);
    box.open = kind === "paused" || focused;
    buttons.replaceChildren(...(quiet.paused_until
      ? [button(t("Resume"), "resume", () => page.api.resume(wearer))]
      : PAUSES.map(([text, minutes]) => button(text, `pause-${minutes}`, () => page.api.pause(wearer, minutes)))));
    if (focused) /** @type {HTMLElement|null} */ (buttons.firstElementChild)?.focus();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    box.open = false;
    words.focus();
  });
  let asked = -Infinity;
  return async () => {
    if (ticks() - asked < ASKED_S) return; // clock, health and link all change when a stream opens
    asked = ticks();
    const before = changes;
    const quiet = await page.api.quiet(page.wearer.id);
    if (before === changes) draw(quiet);
    show(box, true);
  };
}

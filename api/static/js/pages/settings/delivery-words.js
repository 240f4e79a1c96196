// @ts-check
/** What became of a delivery, in words. */

import { plural, t, texts, told } from "../../languages.js";

/**
 * @typedef {{announcement: string, channel: string, wearer: string, alert: string|null, kind: string, made_at: string,
 *   expires_at: string, state: string, changed_at: string, due_at: string|null, attempts: number, problem: string|null}} Delivery
 */

/** @type {Record<string, string>} */
const STATES = texts({
  waiting: "waits to be tried again",
  sending: "is under way",
  delivered: "delivered",
  failed: "did not arrive",
  expired: "came too late to be sent",
  answered: "was not needed any more",
  interrupted: "was cut off; whether it arrived is not known",
});

/** @param {string} state */
export function stateWord(state) {
  return state in STATES ? t(STATES[state]) : state.replaceAll("_", " ");
}

/**
 * The state, how often it was tried, and the last trouble.
 * @param {Delivery} it
 */
export function stateSentence(it) {
  const tries = it.attempts > 1 ? ` ${plural(it.attempts, "after one try", "after {n} tries")}` : "";
  const why = it.problem && it.state !== "delivered" ? ` (${told(it.problem)})` : "";
  return `${stateWord(it.state)}${tries}${why}`;
}

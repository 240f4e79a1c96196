// @ts-check
/** What alerts are about, as a heading or a choice says it. */

import { t, texts } from "./languages.js";

/** By kind of alert, in the order of every list. @type {Record<string, string>} */
const KIND_WORDS = texts({
  sitting: "Sitting for long",
  shift: "Without a change of posture",
  slouch: "Slouch",
  held_bend: "Held bend",
  side_bend: "Bend to the side",
  twist: "Twist",
  little_movement: "Little movement",
  goal: "Goal reached",
  calibration_stale: "Calibration does not fit",
  not_worn: "Not worn",
  low_battery: "Battery low",
  sensor_lost: "Sensor not heard",
});

/** All kinds there are words for. */
export const ALERT_KINDS = Object.keys(KIND_WORDS);

/** @param {string} kind of an alert, or `test` of a delivery */
export function kindWord(kind) {
  if (kind === "test") return t("Trial");
  return kind in KIND_WORDS ? t(KIND_WORDS[kind]) : kind.replaceAll("_", " ");
}

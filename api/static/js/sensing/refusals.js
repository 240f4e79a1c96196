// @ts-check
/** Why there is no pose or no calibration, and what to do: plainly, by the service's word for it. */

import { t, texts } from "../languages.js";

/** By `reason`. @type {Record<string, string>} */
const REFUSALS = texts({
  moved: "You moved. Breathe calmly, keep still for the eight seconds, and try again.",
  not_1_g: "At rest the sensor does not show the pull of the earth as it should. Take it off, lay it on a table for a moment and try again; if it stays so, the sensor is faulty.",
  too_short: "That was too short. Hold the pose until the countdown ends.",
  gaps: "Samples were missing on the way. Move nearer to the computer and try again.",
  link_lost: "Samples were missing on the way. Move nearer to the computer and try again.",
  poses_alike: "The two poses are almost the same. Sit up tall for the first one, and let yourself sink for the second.",
  poses_far_apart: "The poses are too far apart for a slouch. Check that the sensor sits fast and was not turned, and take both again.",
  leaned_back: "The second pose leans backward. Let yourself sink forward, into the slouch you know.",
  no_slouch_here: "A sensor at this place cannot show a slouch. Leave the second pose out.",
});

/** Refusals after which the first pose is worth nothing either. */
export const BOTH_ANEW = ["poses_far_apart", "not_1_g"];

/** @param {import("../types.js").Refusal} refused @returns {string} */
export function refusalWords({ reason, detail }) {
  return reason in REFUSALS ? t(REFUSALS[reason]) : detail; // of a newer service: better in English than not at all
}

/** Why nothing was measured. @param {import("../api.js").ApiError} error @returns {string} */
export function failureWords(error) {
  if (error.status === 409) return t("No samples come from the sensor. Bring it closer, wait until it streams, and try again.");
  if (error.status === 0) return t("The service is not answering. What was calibrated before stays.");
  return error.message;
}

// @ts-check
/** Where a sensor is worn, and what can and cannot be known from there (design, section 4). */

import { texts } from "../languages.js";
import { capital, placeWord } from "../words.js";

/**
 * how: where exactly. can, cannot: what Sitwell knows from one sensor there. poses: how many a calibration wants.
 * at: the middle of its mark on the drawn body, see body.js.
 * @typedef {{how: string, can: string, cannot: string, poses: 0|1|2, at: [number, number]}} Place
 * @type {Record<string, Place>}
 */
export const PLACES = {
  upper_back: {
    poses: 2, at: [77, 78],
    ...texts({
      how: "Between the shoulder blades, or at the collar behind the neck.",
      can: "How far you lean, slouches, lying, steps.",
      cannot: "Sitting or standing is a probability from there; a second sensor on the thigh makes it certain.",
    }),
  },
  sternum: {
    poses: 2, at: [113, 88],
    ...texts({
      how: "On the breastbone, under a strap or on body tape.",
      can: "How far you lean, slouches, lying, steps.",
      cannot: "Sitting or standing is a probability from there; a second sensor on the thigh makes it certain.",
    }),
  },
  lower_back: {
    poses: 2, at: [77, 136],
    ...texts({
      how: "At the small of the back, above the belt.",
      can: "How far your pelvis leans, sitting or standing, lying, steps.",
      cannot: "What the shoulders do above it: a rounded upper back is not seen.",
    }),
  },
  waist: {
    poses: 2, at: [112, 142],
    ...texts({
      how: "On the belt, in front or at the side.",
      can: "How far your pelvis leans, sitting or standing, lying, steps.",
      cannot: "What the shoulders do above it: a rounded upper back is not seen.",
    }),
  },
  thigh: {
    poses: 1, at: [142, 153],
    ...texts({
      how: "On the front of the thigh, halfway to the knee; a trouser pocket does.",
      can: "Sitting or standing, for certain, and steps.",
      cannot: "How far you lean; with one on the trunk as well, everything is known.",
    }),
  },
  seat: {
    poses: 0, at: [68, 181],
    ...texts({
      how: "Fixed to the seat or its back.",
      can: "Whether somebody sits there.",
      cannot: "Anything about how you sit, or what you do elsewhere.",
    }),
  },
  wrist: {
    poses: 0, at: [148, 128],
    ...texts({
      how: "As a watch.",
      can: "Steps.",
      cannot: "How you sit, lean or lie.",
    }),
  },
  head: {
    poses: 1, at: [99, 21],
    ...texts({
      how: "On the forehead or in the ear.",
      can: "How your neck is bent, lying, steps.",
      cannot: "Anything about the back, or whether you sit.",
    }),
  },
};

/** The name of a place as it begins a line. @param {string} placement */
export function placeName(placement) {
  return capital(placeWord(placement));
}

/** @param {string} placement @returns {Place|undefined} */
export function placeOf(placement) {
  return PLACES[placement];
}

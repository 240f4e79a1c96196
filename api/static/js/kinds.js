// @ts-check
/** The kinds of alerts: how each looks, what it measures and how it is answered. */

import { texts } from "./languages.js";

/** What is measured, by its stable word. @type {Record<string, string>} */
export const MEASURED = texts({
  sitting_s: "Sat since your last full break",
  still_s: "No change of posture for",
  lean_deg: "Lean forward of your upright",
  held_s: "Held the bend for",
  side_deg: "Lean to a side",
  twist_deg: "Twist against your pelvis",
  upright_s: "Stood and walked today",
  shifts_per_h: "Changes of posture an hour",
  reference_s: "The reference has not fitted for",
  not_worn_s: "Not worn for",
  battery_percent: "Battery left",
  silent_s: "Not heard for",
});

const SENSOR = { ...texts({ fine: "That is fine" }), snooze_min: 60, sensor: true };
const BODY = { ...texts({ fine: "That was fine" }), snooze_min: 10, sensor: false };

/**
 * sign: one stroke width; done: what the wearer says when it is; ends: when an answered one closes; snooze_min: for how
 * long it is put off; sensor: it is about a sensor, not about the body. Its texts are said through `t`.
 * @typedef {{sign: string, done: string, fine: string, ends: string, snooze_min: number, sensor: boolean}} Kind
 * @type {Record<string, Kind>}
 */
const KINDS = {
  sitting: {
    ...BODY, ...texts({ done: "I'm up", ends: "a minute on your feet is measured" }),
    sign: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17zM12 7.5V12l3 2.5",
  },
  shift: {
    ...BODY, ...texts({ done: "I moved", ends: "a change of posture is measured" }),
    sign: "M4 9h13l-3.500-3.500M20 15H7l3.500 3.500",
  },
  slouch: {
    ...BODY, ...texts({ done: "Upright again", ends: "you are upright again" }),
    sign: "M7 20.5v-6c0-4 2-6 5.500-7.500M15.500 3.200a2.300 2.300 0 1 0 .1 0zM4 20.500h9",
  },
  held_bend: {
    ...BODY, ...texts({ done: "Upright again", ends: "you are upright again" }),
    sign: "M6 20.500v-7l8-4M17 6.200a2.300 2.300 0 1 0 .1 0zM4 20.500h9",
  },
  side_bend: {
    ...BODY, ...texts({ done: "Straight again", ends: "you are straight again" }),
    sign: "M13 20.500v-6l-4-6M7 3.200a2.300 2.300 0 1 0 .1 0zM9 20.500h9",
  },
  twist: {
    ...BODY, ...texts({ done: "Straight again", ends: "you are straight again" }),
    sign: "M5 11a7 7 0 0 1 12-4l2 2M19 4v5h-5M19 13a7 7 0 0 1-12 4l-2-2M5 20v-5h5",
  },
  little_movement: {
    ...BODY, ...texts({ done: "I'm up", ends: "a minute on your feet is measured" }),
    sign: "M13.500 3a1.800 1.800 0 1 0 .1 0zM8.500 20.500l3.500-6-2.500-3 1.500-4 4 3.500h3M12 14.500l3 6",
  },
  goal: {
    ...BODY, ...texts({ done: "Seen", ends: "the day is over" }),
    sign: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17zM8 12l3 3l5-6",
  },
  calibration_stale: {
    ...SENSOR, ...texts({ done: "I'll calibrate", ends: "the reference fits again" }),
    sign: "M12 3.500v5M12 15.500v5M3.500 12h5M15.500 12h5M12 8.500a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7z",
  },
  not_worn: {
    ...SENSOR, ...texts({ done: "I'll put it on", ends: "one is worn" }),
    sign: "M4 4l16 16M8.500 8.500v7a2 2 0 0 0 2 2h6M15.500 12V8.500a2 2 0 0 0-2-2h-2.500",
  },
  low_battery: {
    ...SENSOR, ...texts({ done: "I'll charge it", ends: "the sensor says that it is charged" }),
    sign: "M4.500 6.500h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-12a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM21.500 10.500v3M6 10v4",
  },
  sensor_lost: {
    ...SENSOR, ...texts({ done: "I'll look for it", ends: "it is heard again" }),
    sign: "M4 4l16 16M8.500 15.500a5 5 0 0 1-1-6M5.500 18.500a9.500 9.500 0 0 1-1-11.500M15.500 15a5 5 0 0 0 1-5.500M18.500 18a9.500 9.500 0 0 0 .5-11.500",
  },
};

/**
 * A kind that this page does not know yet is shown plainly.
 * @param {string} kind
 * @returns {Kind}
 */
export function kindOf(kind) {
  return KINDS[kind] ?? { ...KINDS.sitting, ...texts({ done: "Seen", ends: "it is over" }) };
}

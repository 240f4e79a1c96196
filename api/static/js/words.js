// @ts-check
/** How the page says figures, times and names. Second person, present tense, no false digits. */

import { hourForm, locale, t, texts } from "./languages.js";

/** @typedef {import("./types.js").Activity} Activity */

/** The states of a day, in the order of every legend and table. */
export const STATES = /** @type {Activity[]} */ (["sitting", "standing", "moving", "lying", "not_worn", "unknown"]);

/** @type {Record<string, string>} */
const STATE_WORDS = texts({
  sitting: "Sitting",
  standing: "Standing",
  moving: "Moving",
  lying: "Lying",
  not_worn: "Not worn",
  unknown: "Unknown",
  nodata: "No data",
});

/** @type {Record<string, string>} */
const STATES_IN_SENTENCES = texts({
  sitting: "sitting",
  standing: "standing",
  moving: "moving",
  lying: "lying",
  not_worn: "not worn",
  unknown: "unknown",
});

/** @type {Record<string, string>} */
const OUTCOMES = texts({
  taken: "break taken",
  partial: "short break",
  snoozed: "snoozed",
  ignored: "went on",
  false_alarm: "was fine",
  ended: "ended",
});

/** Only what lowers the worth of a reading and is not said by a reason of the service. @type {Record<string, string>} */
const QUALITIES = texts({
  gap: "Part of this second has no samples.",
  lost: "Some samples are lost on the way.",
  dynamic: "You are moving, so angles are less certain.",
  saturated: "The sensor is at the end of its range.",
  uncalibrated: "There is no reference pose yet, so lean is not known.",
  reference_shifted: "The sensor seems to have moved, so no slouch is judged until it is calibrated again.",
  invalid: "The sensor sends impossible values.",
  fault: "A sensor is faulty, so nothing it says is taken for posture.",
});

/** @type {Record<string, string>} */
const PLACEMENTS = texts({
  upper_back: "upper back",
  sternum: "sternum",
  waist: "waist",
  lower_back: "lower back",
  thigh: "thigh",
  wrist: "wrist",
  head: "head",
  seat: "seat",
});

/** What lasts, as the page calls it; the state says the rest. @type {Record<string, string>} */
const EPISODES = texts({
  sitting: "Sitting",
  break: "Break",
  slouch: "Slouch",
  not_worn: "Not worn",
  shift: "Change of posture",
  bend: "Bend",
  held_bend: "Held bend",
  side_bend: "Bend to the side",
  twist: "Twist",
  turn: "Turn",
  load: "Bent or twisted",
});

/** @param {string} kind of an episode */
export function episodeWord(kind) {
  return t(EPISODES[kind] ?? capital(kind.replaceAll("_", " ")));
}

/** A state inside a sentence: `4 h 10 sitting`. @param {string} state */
export function stateInSentence(state) {
  return t(STATES_IN_SENTENCES[state] ?? state);
}

/** @param {string} state */
export function stateWord(state) {
  return t(STATE_WORDS[state] ?? state);
}

/** What came of an alert, where the word is another one for its kind. @type {Record<string, Record<string, string>>} */
const OUTCOMES_OF = {
  slouch: texts({ taken: "upright again" }),
  shift: texts({ taken: "moved" }),
  held_bend: texts({ taken: "upright again" }),
  side_bend: texts({ taken: "straight again" }),
  twist: texts({ taken: "straight again" }),
  little_movement: texts({ taken: "on your feet" }),
  goal: texts({ ended: "reached" }),
  calibration_stale: texts({ ended: "fits again" }),
  not_worn: texts({ ended: "worn again" }),
  low_battery: texts({ ended: "charged" }),
  sensor_lost: texts({ ended: "heard again" }),
};

/**
 * What came of an alert. Only sitting is answered by a break.
 * @param {string} kind
 * @param {string|null} outcome
 */
export function outcomeWord(kind, outcome) {
  if (outcome === null) return t("open");
  return t(OUTCOMES_OF[kind]?.[outcome] ?? OUTCOMES[outcome] ?? outcome.replaceAll("_", " "));
}

/** @param {string} word */
export function qualitySentence(word) {
  return t(QUALITIES[word] ?? `${capital(word.replaceAll("_", " "))}.`);
}

/** @param {string} placement */
export function placeWord(placement) {
  return placement && t(PLACEMENTS[placement] ?? placement.replaceAll("_", " "));
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string[]} items */
export function listed(items) {
  return items.length < 2 ? items.join("") : t("{some} and {last}", { some: items.slice(0, -1).join(", "), last: items.at(-1) ?? "" });
}

/**
 * A duration as [figure, unit] pairs: `46 s`, `52 min`, `4 h 10`.
 * @param {number} s
 * @returns {[string, string][]}
 */
export function durationParts(s) {
  const whole = Math.max(0, Math.floor(s));
  if (whole > 0 && whole < 60) return [[String(whole), "s"]];
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return [[String(minutes), "min"]];
  return [[String(Math.floor(minutes / 60)), "h"], [String(minutes % 60).padStart(2, "0"), ""]];
}

/** @param {number|null} s */
export function duration(s) {
  if (s === null) return t("unknown");
  return durationParts(s).map(([figure, unit]) => (unit ? `${figure} ${unit}` : figure)).join(" ");
}

/**
 * Keeps figures and their units on one line.
 * @param {string} text
 */
export function unbroken(text) {
  return text.replace(/(\d) (?:%|(?:h|min|s|deg|Grad)\b(?: (?=\d))?)/g, (part) => part.replaceAll(" ", "\u00a0"));
}

/**
 * @param {number|null} lean forward is positive
 * @returns {{figure: string, rest: string}}
 */
export function leanWords(lean) {
  if (lean === null) return { figure: t("Lean unknown"), rest: "" };
  const deg = Math.round(lean);
  if (deg === 0) return { figure: degrees(0), rest: t("at your upright") };
  return { figure: degrees(Math.abs(deg)), rest: deg > 0 ? t("forward of your upright") : t("behind your upright") };
}

/** A whole angle with its unit. @param {number} deg */
export function degrees(deg) {
  return t("{n} deg", { n: number(deg) });
}

/** @param {number|null} side to the right is positive */
export function sideWords(side) {
  if (side === null) return "";
  const deg = Math.round(side);
  if (Math.abs(deg) < 2) return t("level from side to side");
  return t(deg > 0 ? "{angle} to your right" : "{angle} to your left", { angle: degrees(Math.abs(deg)) });
}

/** @param {number|null} share 0..1 */
export function percent(share) {
  if (share === null) return t("unknown");
  if (share > 0.99 && share < 1) return t("over 99 %"); // nothing measured is quite certain
  return `${number(share * 100)} %`;
}

/**
 * A figure as it is written here.
 * @param {number} value
 * @param {number} [digits] behind the decimal sign
 */
export function number(value, digits = 0) {
  const options = /** @type {const} */ ({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" }); // no −0
  return value.toLocaleString(locale(), options).replace("-", "\u2212");
}

/**
 * A figure with as few digits behind the decimal sign as it takes.
 * @param {number} value
 * @param {number} [digits] at most
 */
export function figure(value, digits = 0) {
  return value.toLocaleString(locale(), { maximumFractionDigits: digits, signDisplay: "negative" }).replace("-", "\u2212");
}

/**
 * An hour of any day as it is written here: `14:00`, `2:00 PM`.
 * @param {number} hour with its part
 */
export function hourWords(hour) {
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", hour: hourForm(), minute: "2-digit" }).format(Math.round(hour * 60) * 60_000);
}

/**
 * Hours as the service writes them, `22:00-07:00`, as they are written here.
 * @param {string} text with such hours in it
 */
export function hoursWords(text) {
  const hour = (/** @type {string} */ it) => hourWords(Number(it.slice(0, 2)) + Number(it.slice(3)) / 60);
  return text.replace(/(\d\d:\d\d)-(\d\d:\d\d)/g, (_, begin, end) => `${hour(begin)}\u2013${hour(end)}`);
}

/** Times of day in the wearer's time zone, as they are written here. */
export class Hours {
  /** @param {string} timeZone IANA name */
  constructor(timeZone) {
    this.timeZone = timeZone;
    this.minutes = new Intl.DateTimeFormat(locale(), { timeZone, hour: hourForm(), minute: "2-digit" });
    this.secondsFormat = new Intl.DateTimeFormat(locale(), { timeZone, hour: hourForm(), minute: "2-digit", second: "2-digit" });
    this.dayFormat = new Intl.DateTimeFormat(locale(), { timeZone, weekday: "long", day: "numeric", month: "long" });
  }

  /** @param {number} time Unix s @returns {string} `14:05`, `2:05 PM` */
  at(time) {
    return this.minutes.format(time * 1000);
  }

  /** @param {number} time Unix s @returns {string} `14:05:09` */
  exactly(time) {
    return this.secondsFormat.format(time * 1000);
  }

  /** @param {number} time Unix s @returns {string} `Sunday 22 November`, `Sonntag, 22. November` */
  day(time) {
    return this.dayFormat.format(time * 1000);
  }
}

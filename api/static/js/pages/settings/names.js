// @ts-check
/** What each setting is called, which belong together, and what it does in a sentence with its value. */

import { locale, t, texts, told } from "../../languages.js";
import { figure, hourWords, hoursWords } from "../../words.js";

/** @typedef {boolean|number|string} Value */

/**
 * name, value as the API gives them; see docs/api.md, AlertSettings.
 * @typedef {object} Setting
 * @property {string} name
 * @property {Value} value
 * @property {"default"|"configuration"|"preset"|"ramp_up"|"own"|"adjusted"} origin
 * @property {Value|null} own
 * @property {Value} default
 * @property {"number"|"whole"|"switch"|"hours"|"choice"} kind
 * @property {number|null} low
 * @property {number|null} high
 * @property {string} unit
 * @property {string[]} choices
 * @property {string} effect
 * @property {string} source
 */

/** @type {Record<string, string>} */
const NAMES = texts({
  sitting: "Say when you sit for long",
  sitting_after_min: "Sitting, said after",
  shift: "Say when you do not change your posture",
  shift_after_min: "Without a change, said after",
  slouch: "Say when you slouch",
  slouch_after_s: "Slouch, said after",
  slouch_margin_deg: "Let pass beyond your limit",
  held_bend: "Say when a bend is held for long",
  side_bend: "Say when you bend to a side",
  twist: "Say when you twist",
  little_movement: "Say when a day has little movement",
  little_movement_at_h: "Little movement, earliest said at",
  goal: "Say when a goal is reached",
  goal_upright_h: "Goal: standing and walking a day",
  goal_shifts_per_h: "Goal: changes of posture an hour",
  calibration_stale: "Say when a sensor has moved",
  repeat_after_min: "Least time between two alerts of a kind",
  repeats: "Reminders when you do not answer",
  alerts_per_day: "Alerts a day, at most",
  alerts_per_hour: "Alerts an hour, at most",
  wait_for_pause_s: "Wait for a natural pause up to",
  work_hours: "Hours in which alerts are said",
  quiet_hours: "Quiet hours",
  heed_do_not_disturb: "Silent while your desktop says “do not disturb”",
  heed_screen_lock: "Silent while your screen is locked",
  battery_low_percent: "Battery low at",
  sensor_lost_after_min: "Sensor not heard, said after",
  not_worn_after_min: "Not worn, said after",
  language: "Language of your alerts",
});

/** Headings of the groups, in the order of the page. @type {Record<string, string>} */
export const GROUPS = texts({
  sitting: "Sitting",
  shifts: "Changes of posture",
  slouching: "Slouching",
  loads: "Bends and twists",
  day: "Your day",
  budget: "How much",
  hours: "When",
  sensors: "Sensors",
});

/** The settings of each group. @type {Record<string, string[]>} */
export const SETTINGS_OF = {
  sitting: ["sitting", "sitting_after_min", "repeats"],
  shifts: ["shift", "shift_after_min"],
  slouching: ["slouch", "slouch_after_s", "slouch_margin_deg"],
  loads: ["held_bend", "side_bend", "twist"],
  day: ["little_movement", "little_movement_at_h", "goal", "goal_upright_h", "goal_shifts_per_h"],
  budget: ["alerts_per_day", "alerts_per_hour", "repeat_after_min", "wait_for_pause_s"],
  hours: ["work_hours", "quiet_hours", "heed_do_not_disturb", "heed_screen_lock"],
  sensors: ["calibration_stale", "battery_low_percent", "sensor_lost_after_min", "not_worn_after_min"],
};

/** @param {string} name */
export function settingWord(name) {
  return name in NAMES ? t(NAMES[name]) : name.replaceAll("_", " ");
}

/** What a number means; {value} is it with its unit. @type {Record<string, string>} */
const SAYS = texts({
  sitting_after_min: "You hear of it after {value} of sitting without a full break.",
  shift_after_min: "You hear of it after {value} of sitting in which your posture did not change.",
  slouch_after_s: "You hear of it after {value} beyond your slouch limit.",
  slouch_margin_deg: "{value} more than your slouch limit are let pass.",
  little_movement_at_h: "Said from {value} on, when you stood and walked less than half of your goal by then.",
  goal_upright_h: "{value} of standing and walking are your goal of a day.",
  goal_shifts_per_h: "{value} changes of posture in an hour of sitting are your goal.",
  repeat_after_min: "{value} pass before the same kind is said again.",
  repeats: "An alert about sitting is said again up to {value} times while you do not answer.",
  alerts_per_day: "After {value} alerts about posture you hear no more on that day.",
  alerts_per_hour: "After {value} alerts about posture you hear no more for that hour.",
  wait_for_pause_s: "What can wait, waits up to {value} until you move.",
  battery_low_percent: "You hear of it once a discharge, at {value}.",
  sensor_lost_after_min: "You hear of it after {value} of silence, in hours in which you usually wear it.",
  not_worn_after_min: "You hear of it after {value}, in hours in which you usually wear your sensors.",
});

/** What 0 means, where that is something else. @type {Record<string, string>} */
const ZERO = texts({
  slouch_after_s: "You hear of it as soon as you are beyond your slouch limit.",
  slouch_margin_deg: "Your slouch limit holds as it is.",
  repeats: "Nothing is said twice.",
  alerts_per_day: "You hear nothing about posture.",
  wait_for_pause_s: "Nothing waits.",
  battery_low_percent: "You never hear of it.",
  sensor_lost_after_min: "You never hear of it.",
  not_worn_after_min: "You never hear of it.",
});

/** @type {Record<string, string>} */
const HOURS = texts({
  work_hours: "Outside {hours} nothing is said.",
  quiet_hours: "Nothing is said {hours}.",
});

/** @type {Record<string, string>} */
const NO_HOURS = texts({
  work_hours: "Alerts are said at any time that is not quiet.",
  quiet_hours: "No hours are quiet.",
});

/** @type {Record<string, string>} */
const LANGUAGES = { en: "English", de: "Deutsch" };

/**
 * A value with its unit, as people say it.
 * @param {Setting} setting
 * @param {Value} value
 */
export function valueWords(setting, value) {
  if (typeof value === "boolean") return value ? t("on") : t("off");
  if (setting.kind === "hours") return value === "" ? (setting.name === "work_hours" ? t("at any time") : t("none")) : windowWords(String(value));
  if (typeof value === "string") return LANGUAGES[value] ?? value;
  if (setting.name === "little_movement_at_h") return hourWords(value);
  const shown = figure(value, 1);
  return unitWord(setting) === "" ? shown : `${shown}\u00a0${unitWord(setting)}`;
}

/** @param {Setting} setting */
export function unitWord(setting) {
  if (setting.unit === "1/h") return "";
  return setting.unit === "deg" ? t("deg") : setting.unit;
}

/**
 * What it does with the value it has.
 * @param {Setting} setting
 */
export function effectWords(setting) {
  const { name, value } = setting;
  if (setting.kind === "hours" && name in HOURS) return value === "" ? t(NO_HOURS[name]) : t(HOURS[name], { hours: valueWords(setting, value) });
  if (typeof value !== "number" || !(name in SAYS)) return told(setting.effect);
  return value === 0 && name in ZERO ? t(ZERO[name]) : t(SAYS[name], { value: valueWords(setting, value) });
}

/** Where the default and the range are from. @param {Setting} setting */
export function sourceWords(setting) {
  return told(setting.source.replace(/^evidence: /, ""));
}

/** The days as the service writes them, Monday first. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** @param {number} day 0 is Monday @param {"short"|"long"} [form] */
export function dayWord(day, form = "short") {
  return new Intl.DateTimeFormat(locale(), { weekday: form, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + day));
}

/** `mon-fri 09:00-17:30` with the days of this language. @param {string} text */
function windowWords(text) {
  return hoursWords(text.replace(/[a-z]{3}/g, (day) => dayWord(DAYS.indexOf(day))));
}

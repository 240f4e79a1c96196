// @ts-check
/** Days and moments as people of this place write them, in the wearer's time zone. */

import { seconds } from "./clock.js";
import { locale, t } from "./languages.js";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} timeZone @param {Intl.DateTimeFormatOptions} options */
function format(timeZone, options) {
  const key = locale() + timeZone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale(), { timeZone, ...options })));
  return made;
}

/** @param {number} time Unix s @param {string} timeZone @returns {string} `2026-11-30` */
export function dayKey(time, timeZone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(time * 1000);
}

/**
 * `Today`, `Yesterday`, or the day.
 * @param {number} time Unix s
 * @param {string} timeZone
 * @param {number} now Unix s
 */
export function dayWords(time, timeZone, now) {
  const key = dayKey(time, timeZone);
  if (key === dayKey(now, timeZone)) return t("Today");
  if (key === dayKey(now - 86400, timeZone)) return t("Yesterday");
  const year = key.slice(0, 4) !== dayKey(now, timeZone).slice(0, 4);
  return format(timeZone, { weekday: "long", day: "numeric", month: "long", ...(year ? { year: "numeric" } : {}) }).format(time * 1000);
}

/** @param {string|null} stamp RFC 3339 @param {string} timeZone @returns {string} `1 Dec 2026, 14:05` */
export function moment(stamp, timeZone) {
  if (stamp === null) return "";
  return format(timeZone, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(seconds(stamp) * 1000);
}

/** @param {string} stamp RFC 3339 @param {string} timeZone @returns {string} `1 Dec 2026` */
export function date(stamp, timeZone) {
  return format(timeZone, { day: "numeric", month: "short", year: "numeric" }).format(seconds(stamp) * 1000);
}

/** @param {number} value @param {number} [digits] most after the point */
export function figure(value, digits = 1) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** @param {number} bytes */
export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  const style = "unit";
  return new Intl.NumberFormat(locale(), { style, unit: units[step], maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

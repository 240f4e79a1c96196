// @ts-check
/** Days and moments as people of this place write them, in the wearer's time zone. */

import { seconds } from "./clock.js";
import { hourForm, locale, t } from "./languages.js";
import { localDay, plus } from "./local-day.js";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} timeZone @param {Intl.DateTimeFormatOptions} options */
function format(timeZone, options) {
  const key = locale() + timeZone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale(), { timeZone, ...options })));
  return made;
}

/**
 * `Today`, `Yesterday`, or the day.
 * @param {number} time Unix s
 * @param {string} timeZone
 * @param {number} now Unix s
 */
export function dayWords(time, timeZone, now) {
  const [day, today] = [localDay(time, timeZone), localDay(now, timeZone)];
  if (day === today) return t("Today");
  if (day === plus(today, -1)) return t("Yesterday");
  const year = day.slice(0, 4) !== today.slice(0, 4);
  return format(timeZone, { weekday: "long", day: "numeric", month: "long", ...(year ? { year: "numeric" } : {}) }).format(time * 1000);
}

/** @param {string|null} stamp RFC 3339 @param {string} timeZone @returns {string} `1 Dec 2026, 14:05` */
export function moment(stamp, timeZone) {
  if (stamp === null) return "";
  return format(timeZone, { day: "numeric", month: "short", year: "numeric", hour: hourForm(), minute: "2-digit" }).format(seconds(stamp) * 1000);
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

// @ts-check
/** Weeks, months and years of local days, the spans that addresses ask for, and their words. */

import { firstWeekday, locale, t } from "../languages.js";
import { daysBetween, isDay, numberOf, plus, stampOf, timeOf } from "../local-day.js";

/** 0 for the first day of a week here, to 6. @param {string} day */
export function weekPlace(day) {
  return (numberOf(day) + 4 - (firstWeekday() % 7) + 7) % 7; // 1970-01-01 was a Thursday
}

/** @param {string} day */
export function weekStart(day) {
  return plus(day, -weekPlace(day));
}

/** @param {string} day @param {number} months @returns {string} the first of that month */
export function monthPlus(day, months) {
  const at = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
}

/** A day in words. @param {string} day @param {Intl.DateTimeFormatOptions} form */
export function dayWords(day, form) {
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...form }).format(new Date(`${day}T00:00:00Z`));
}

/** `Monday, 23 November 2026`. @param {string} day */
export function wholeDay(day) {
  return dayWords(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** `Mon 23 Nov`. @param {string} day */
export function shortDay(day) {
  return dayWords(day, { weekday: "short", day: "numeric", month: "short" });
}

/** From a day to a day, both included, in words. @param {string} first @param {string} last */
export function spanWords(first, last) {
  const form = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });
  return form.formatRange(new Date(`${first}T00:00:00Z`), new Date(`${last}T00:00:00Z`));
}

/** Names of the weekdays, from the first one here. @param {"short"|"long"|"narrow"} form @returns {string[]} */
export function weekdayNames(form) {
  const start = weekStart("2026-11-23");
  return Array.from({ length: 7 }, (_, i) => dayWords(plus(start, i), { weekday: form }));
}

/**
 * What a look back shows. kind: how it was asked for. first, last: days, both included. start, end: Unix s where it is less
 * than whole days. words: of the address.
 * @typedef {{kind: "week"|"month"|"year"|"all"|"range", first: string, last: string, start: number|null, end: number|null, title: string}} Span
 */

/**
 * The span that an address asks for; of one that makes no sense the present week.
 * @param {string[]} words
 * @param {string} today
 * @param {string} oldest the first day with anything stored
 * @param {string} timeZone
 * @returns {Span}
 */
export function spanOf(words, today, oldest, timeZone) {
  const [kind, at] = words;
  const whole = { start: null, end: null };
  if (kind === "month" && isDay(`${at ?? today.slice(0, 7)}-01`)) {
    const first = `${at ?? today.slice(0, 7)}-01`;
    return { kind, first, last: plus(monthPlus(first, 1), -1), title: dayWords(first, { month: "long", year: "numeric" }), ...whole };
  }
  if (kind === "year" && isDay(`${at ?? today.slice(0, 4)}-01-01`)) {
    const year = at ?? today.slice(0, 4);
    return { kind, first: `${year}-01-01`, last: `${year}-12-31`, title: year, ...whole };
  }
  if (kind === "all") return { kind, first: oldest, last: today, title: t("All of it"), ...whole };
  const [from, to] = [...words].map((it) => it.split("T"));
  if (isDay(from?.[0]) && isDay(to?.[0])) {
    const ends = [from, to].map(([day, clock]) => (clock && /^\d\d:\d\d$/.test(clock) ? timeOf(day, clock, timeZone) : null));
    if (ends[0] !== null && ends[1] !== null && ends[1] > ends[0]) {
      return { kind: "range", first: from[0], last: to[0], start: ends[0], end: ends[1], title: `${spanWords(from[0], to[0])}, ${from[1]} – ${to[1]}` };
    }
    const [first, last] = from[0] <= to[0] ? [from[0], to[0]] : [to[0], from[0]];
    return { kind: "range", first, last, title: spanWords(first, last), ...whole };
  }
  const first = weekStart(kind === "week" && isDay(at) ? at : today);
  return { kind: "week", first, last: plus(first, 6), title: spanWords(first, plus(first, 6)), ...whole };
}

/**
 * The address of the span before (-1) or after (1), null where there is none.
 * @param {Span} span
 * @param {-1|1} step
 * @param {string} timeZone
 * @returns {string[]|null}
 */
export function nextTo(span, step, timeZone) {
  if (span.kind === "all") return null;
  if (span.kind === "week") return ["week", plus(span.first, 7 * step)];
  if (span.kind === "month") return ["month", monthPlus(span.first, step).slice(0, 7)];
  if (span.kind === "year") return ["year", String(Number(span.first.slice(0, 4)) + step)];
  if (span.start !== null && span.end !== null) {
    const length = span.end - span.start;
    return [span.start + step * length, span.end + step * length].map((time) => stampOf(time, timeZone));
  }
  const length = daysBetween(span.first, span.last) + 1;
  return [plus(span.first, length * step), plus(span.last, length * step)];
}

/** The first day of the time before, as long as a month or a year is there. @param {Span} span */
export function firstBefore(span) {
  if (span.kind === "month") return monthPlus(span.first, -1);
  if (span.kind === "year") return monthPlus(span.first, -12);
  return plus(span.first, -(daysBetween(span.first, span.last) + 1));
}

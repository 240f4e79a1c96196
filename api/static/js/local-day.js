// @ts-check
/**
 * Days as clocks in a time zone have them: by name (`2026-11-23`), and which moments they begin, end and change clocks at.
 * A time that a change skips is the moment of the change, one that comes twice is the first, as storage/days.py has it.
 */

const DAY_MS = 86_400_000;
const DAY_S = 86_400;

/** Formats are dear to make. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} day @returns {number} days since 1970 */
export function numberOf(day) {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

/** @param {number} number days since 1970 @returns {string} */
export function dayOf(number) {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** @param {string} day @param {number} days */
export function plus(day, days) {
  return dayOf(numberOf(day) + days);
}

/** How many days from one to before another. @param {string} from @param {string} to */
export function daysBetween(from, to) {
  return numberOf(to) - numberOf(from);
}

/** Whether a text names a day there is. @param {string|undefined} text @returns {text is string} */
export function isDay(text) {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(numberOf(text)) && dayOf(numberOf(text)) === text;
}

/** What clocks show, as if it were UTC. @param {number} time Unix s @param {string} timeZone @returns {number} s */
function shownBy(time, timeZone) {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    formats.set(timeZone, format);
  }
  const parts = format.formatToParts(Math.floor(time) * 1000);
  const part = (/** @type {string} */ type) => Number(parts.find((it) => it.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) / 1000;
}

/** How far clocks are ahead of UTC, s. @param {number} time Unix s @param {string} timeZone */
function offset_s(time, timeZone) {
  return shownBy(time, timeZone) - Math.floor(time);
}

/** The first moment after `start`, up to `end`, at which clocks are no more set as at `start`. @param {number} start Unix s @param {number} end @param {string} timeZone */
function changeBetween(start, end, timeZone) {
  const before = offset_s(start, timeZone);
  let [low, high] = [start, end];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset_s(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** The local day of a time. @param {number} time Unix s @param {string} timeZone @returns {string} */
export function localDay(time, timeZone) {
  return new Date(shownBy(time, timeZone) * 1000).toISOString().slice(0, 10);
}

/** `14:05` of a time. @param {number} time Unix s @param {string} timeZone @returns {string} */
export function clockOf(time, timeZone) {
  return new Date(shownBy(time, timeZone) * 1000).toISOString().slice(11, 16);
}

/** A time as addresses have it: `2026-11-23T14:05`. @param {number} time Unix s @param {string} timeZone */
export function stampOf(time, timeZone) {
  return `${localDay(time, timeZone)}T${clockOf(time, timeZone)}`;
}

/** When clocks show this. @param {string} day @param {string} clock `14:05` @param {string} timeZone @returns {number} Unix s */
export function timeOf(day, clock, timeZone) {
  const shown = Date.parse(`${day}T${clock}:00Z`) / 1000;
  const offsets = [shown - DAY_S, shown + DAY_S].map((time) => offset_s(time, timeZone));
  const there = offsets.map((it) => shown - it).filter((time) => shownBy(time, timeZone) === shown);
  if (there.length) return Math.min(...there);
  return changeBetween(shown - offsets[1] - 1, shown - offsets[0], timeZone);
}

/** Midnight at which a day begins. @param {string} day @param {string} timeZone @returns {number} Unix s */
export function startOf(day, timeZone) {
  return timeOf(day, "00:00", timeZone);
}

/**
 * A day from midnight to midnight, and when clocks change in it, by how much; without a change its end, and 0.
 * @param {string} day
 * @param {string} timeZone
 * @returns {{start: number, end: number, change: number, ahead_s: number}} Unix s
 */
export function boundsOf(day, timeZone) {
  const [start, end] = [startOf(day, timeZone), startOf(plus(day, 1), timeZone)];
  const ahead_s = offset_s(end - 1, timeZone) - offset_s(start, timeZone);
  return { start, end, change: ahead_s ? changeBetween(start, end, timeZone) : end, ahead_s };
}

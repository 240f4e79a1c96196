// @ts-check
/** How the page says figures, times and names. Second person, present tense, no false digits. */

/** @typedef {import("./types.js").Activity} Activity */

/** The states of a day, in the order of every legend and table. */
export const STATES = /** @type {Activity[]} */ (["sitting", "standing", "moving", "lying", "not_worn", "unknown"]);

/** @type {Record<string, string>} */
const STATE_WORDS = {
  sitting: "Sitting",
  standing: "Standing",
  moving: "Moving",
  lying: "Lying",
  not_worn: "Not worn",
  unknown: "Unknown",
  nodata: "No data",
};

/** @type {Record<string, string>} */
const OUTCOMES = {
  taken: "break taken",
  partial: "short break",
  snoozed: "snoozed",
  ignored: "went on",
  false_alarm: "was fine",
  ended: "ended",
};

/** @type {Record<string, string>} */
const LINKS = {
  idle: "Idle",
  scanning: "Looking for it",
  connecting: "Connecting",
  starting: "Starting",
  streaming: "Streaming",
  silent: "Connected, silent",
  backing_off: "Trying again soon",
  stopped: "Stopped",
};

/** Only what lowers the worth of a reading and is not said by a reason of the service. @type {Record<string, string>} */
const QUALITIES = {
  gap: "Part of this second has no samples.",
  lost: "Some samples are lost on the way.",
  dynamic: "You are moving, so angles are less certain.",
  saturated: "The sensor is at the end of its range.",
  uncalibrated: "There is no reference pose yet, so lean is not known.",
  reference_shifted: "The sensor seems to have moved, so no slouch is judged until it is calibrated again.",
  invalid: "The sensor sends impossible values.",
  fault: "A sensor is faulty, so nothing it says is taken for posture.",
};

/** What lasts, as the page calls it; the state says the rest. @type {Record<string, string>} */
const EPISODES = {
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
};

/** @param {string} kind of an episode */
export function episodeWord(kind) {
  return EPISODES[kind] ?? capital(kind.replaceAll("_", " "));
}

/** @param {string} state */
export function stateWord(state) {
  return STATE_WORDS[state] ?? state;
}

/** What came of an alert, where the word is another one for its kind. @type {Record<string, Record<string, string>>} */
const OUTCOMES_OF = {
  slouch: { taken: "upright again" },
  shift: { taken: "moved" },
  held_bend: { taken: "upright again" },
  side_bend: { taken: "straight again" },
  twist: { taken: "straight again" },
  little_movement: { taken: "on your feet" },
  goal: { ended: "reached" },
  calibration_stale: { ended: "fits again" },
  not_worn: { ended: "worn again" },
  low_battery: { ended: "charged" },
  sensor_lost: { ended: "heard again" },
};

/**
 * What came of an alert. Only sitting is answered by a break.
 * @param {string} kind
 * @param {string|null} outcome
 */
export function outcomeWord(kind, outcome) {
  if (outcome === null) return "open";
  return OUTCOMES_OF[kind]?.[outcome] ?? OUTCOMES[outcome] ?? outcome.replaceAll("_", " ");
}

/** @param {string} link */
export function linkWord(link) {
  return LINKS[link] ?? link.replaceAll("_", " ");
}

/** @param {string} word */
export function qualitySentence(word) {
  return QUALITIES[word] ?? `${capital(word.replaceAll("_", " "))}.`;
}

/** @param {string} placement */
export function placeWord(placement) {
  return placement.replaceAll("_", " ");
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string[]} items */
export function listed(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
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
  if (s === null) return "unknown";
  return durationParts(s).map(([figure, unit]) => (unit ? `${figure} ${unit}` : figure)).join(" ");
}

/**
 * Keeps figures and their units on one line.
 * @param {string} text
 */
export function unbroken(text) {
  return text.replace(/(\d) (h|min|s|deg)\b(?: (?=\d))?/g, (part) => part.replaceAll(" ", "\u00a0"));
}

/**
 * @param {number|null} lean forward is positive
 * @returns {{figure: string, rest: string}}
 */
export function leanWords(lean) {
  if (lean === null) return { figure: "Lean unknown", rest: "" };
  const deg = Math.round(lean);
  if (deg === 0) return { figure: "0 deg", rest: "at your upright" };
  return { figure: `${Math.abs(deg)} deg`, rest: deg > 0 ? "forward of your upright" : "behind your upright" };
}

/** @param {number|null} side to the right is positive */
export function sideWords(side) {
  if (side === null) return "";
  const deg = Math.round(side);
  if (Math.abs(deg) < 2) return "level from side to side";
  return `${Math.abs(deg)} deg to your ${deg > 0 ? "right" : "left"}`;
}

/** @param {number|null} share 0..1 */
export function percent(share) {
  if (share === null) return "unknown";
  if (share > 0.99 && share < 1) return "over 99 %"; // nothing measured is quite certain
  return `${Math.round(share * 100)} %`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** Times of day in the wearer's time zone. */
export class Hours {
  /** @param {string} timeZone IANA name */
  constructor(timeZone) {
    const base = /** @type {const} */ ({ timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.timeZone = timeZone;
    this.minutes = new Intl.DateTimeFormat("en-GB", base);
    this.secondsFormat = new Intl.DateTimeFormat("en-GB", { ...base, second: "2-digit" });
    this.dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "long", day: "numeric", month: "long" });
  }

  /** @param {number} time Unix s @returns {string} `14:05` */
  at(time) {
    return this.minutes.format(time * 1000);
  }

  /** @param {number} time Unix s @returns {string} `14:05:09` */
  exactly(time) {
    return this.secondsFormat.format(time * 1000);
  }

  /** @param {number} time Unix s @returns {string} `Sunday 22 November` */
  day(time) {
    return this.dayFormat.format(time * 1000).replace(",", "");
  }
}

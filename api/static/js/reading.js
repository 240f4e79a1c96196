// @ts-check
/** What was so at one time of a day, as the cursor tells it. */

import { seconds } from "./clock.js";
import { swatch } from "./dom.js";
import { plural, t } from "./languages.js";
import { markSign } from "./legend.js";
import { mainState } from "./series.js";
import { markOf } from "./strip.js";
import { degrees, duration, episodeWord, number, sideWords, stateWord } from "./words.js";

/**
 * @param {import("./series.js").BucketSeries} series
 * @param {Iterable<import("./types.js").Episode>} episodes
 * @param {number} time Unix s
 * @param {number} until Unix s, the end of what is known
 * @returns {import("./cursor.js").Reading["lines"]}
 */
export function readDay(series, episodes, time, until) {
  const bucket = series.at(time);
  const state = mainState(bucket, until - (bucket?.start ?? time));
  /** @type {import("./cursor.js").Reading["lines"]} */
  const lines = [{ text: stateWord(state), sign: swatch(state) }];
  if (bucket && bucket.lean_deg !== null) {
    const [low, high] = [bucket.lean_min_deg ?? bucket.lean_deg, bucket.lean_max_deg ?? bucket.lean_deg].map(Math.round);
    const lean = degrees(Math.round(bucket.lean_deg));
    lines.push({ text: low === high ? t("Lean {lean}", { lean }) : t("Lean {lean} ({low} to {high})", { lean, low: number(low), high: number(high) }), sign: null });
  }
  const twist = bucket?.twist_deg ?? null;
  if (twist !== null) lines.push({ text: Math.abs(twist) < 2 ? t("Not twisted") : t("Twist {side}", { side: sideWords(-twist) }), sign: null });
  const steps = Math.round(bucket?.cadence_spm ?? 0);
  if (steps) lines.push({ text: plural(steps, "{n} step a minute", "{n} steps a minute"), sign: null });
  for (const it of episodes) {
    const [start, end] = [seconds(it.start), it.end === null ? until : seconds(it.end)];
    const mark = markOf(it.kind);
    if (mark === null || time < start || time >= end) continue;
    lines.push({ text: t("{what} of {duration}", { what: episodeWord(it.kind), duration: duration(end - start) }), sign: markSign(mark) });
  }
  return lines;
}

// @ts-check
/** What is meant by a place on the day: the mark that is there, else the second; and what else was at that time. */

import { seconds } from "../clock.js";
import { LOADS, markOf, stripRows } from "../strip.js";
import { loadAt } from "./drawings.js";

/** @typedef {import("./why.js").Chosen} Chosen */

/** A finger is not more exact, px. */
const NEAR_PX = 10;

/**
 * @param {import("./data.js").DayData} data
 * @param {import("../axis.js").TimeAxis} axis
 * @param {number} time Unix s
 * @param {string} row name of the row
 * @param {number|null} y px in the row, null by key: then alerts go first, then episodes
 * @returns {[Chosen, ...Chosen[]]}
 */
export function choicesAt(data, axis, time, row, y) {
  const near_s = NEAR_PX * axis.pixel_s;
  const end = (/** @type {import("../types.js").Episode} */ it) => (it.end === null ? data.until : seconds(it.end));
  const away = (/** @type {import("../types.js").Episode} */ it) => Math.max(0, seconds(it.start) - time, time - end(it));
  const episodes = data.episodes.filter((it) => markOf(it.kind) !== null && away(it) <= near_s).sort((a, b) => away(a) - away(b));
  const alerts = data.alerts.filter((it) => Math.abs(seconds(it.opened_at) - time) <= near_s)
    .sort((a, b) => Math.abs(seconds(a.opened_at) - time) - Math.abs(seconds(b.opened_at) - time));
  /** @type {Chosen[]} */
  const all = [...alerts.map((alert) => ({ alert })), ...episodes.map((episode) => ({ episode })), { time }];
  const inRow = (/** @type {Chosen} */ it) => {
    if (y === null) return true;
    if (row === "day-loads") {
      const twists = data.minutes.all().some((each) => each.twist_deg !== null);
      return it.episode?.kind === loadAt(twists ? LOADS : LOADS.filter((kind) => kind !== "twist"), y);
    }
    if (row !== "day-states") return it.time !== undefined;
    const place = it.alert ? stripRows("alert") : it.episode ? stripRows(it.episode.kind) : { top: 44, bottom: 200 };
    return place !== null && y >= place.top - 2 && y < place.bottom + 2;
  };
  const first = all.find(inRow) ?? { time };
  const covering = all.filter((it) => it !== first && (it.alert || it.time !== undefined || (it.episode && away(it.episode) === 0)));
  return [first, ...covering.slice(0, 4)];
}

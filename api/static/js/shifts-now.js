// @ts-check
/** Changes of posture in the last hour, on Now. */

import { byId, say, show } from "./dom.js";
import { plural, t } from "./languages.js";
import { AIM_PER_H, LEAST_S, shiftsBetween } from "./shifts.js";
import { duration } from "./words.js";

const HOUR_S = 3600;
const DOTS = 5;

/** @param {import("./picture.js").Picture} page @param {number} now Unix s */
export function showShifts(page, now) {
  const box = byId("shifts");
  const there = page.day !== null && page.now?.activity !== "not_worn";
  show(box, there);
  if (!there) return;
  const { count, sat_s, measured_s, per_h } = shiftsBetween(page.minutes, page.episodes.values(), now - HOUR_S, now);
  show(box, sat_s >= LEAST_S);
  if (sat_s < LEAST_S) return;
  const known = per_h !== null;
  show(byId("shift-dots"), known);
  show(byId("shift-aim"), known);
  if (!known) {
    say(byId("shift-words"), t("Changes of posture are not known: most of the last hour has no lean."));
    return;
  }
  const filled = Math.min(DOTS, Math.floor((per_h / AIM_PER_H[0]) * DOTS));
  [...byId("shift-dots").children].forEach((dot, i) => dot.classList.toggle("on", i < filled));
  const sat = duration(measured_s);
  const [low, high] = AIM_PER_H;
  say(byId("shift-words"),
    plural(count, "{n} change of posture in {sat} of sitting", "{n} changes of posture in {sat} of sitting", { sat }));
  say(byId("shift-aim"), t("{low} to {high} an hour", { low, high }));
}

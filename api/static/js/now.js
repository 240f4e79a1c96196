// @ts-check
/** Now: the state and since when, the lean with its figure, the sitting clock, how certain it is and what is unknown. */

import { seconds } from "./clock.js";
import { byId, h, say, setAttributes, show, swatch } from "./dom.js";
import { Figure } from "./figure.js";
import { t, texts, told } from "./languages.js";
import { Leaning } from "./leaning.js";
import { showShifts } from "./shifts-now.js";
import { capital, degrees, duration, durationParts, leanWords, listed, percent, placeWord, qualitySentence, sideWords, stateWord } from "./words.js";

/** @typedef {import("./types.js").Now} Now */

/** Before the first reading. @type {Record<string, string>} */
const NOTHING_YET = texts({ empty: "Ready", waiting: "Waiting" });

/**
 * Since when the present state lasts, Unix s. Sitting counts from the start of its bout, as the sitting clock and
 * the alerts do: what is too short to be a break does not begin it anew.
 * @param {Now} now
 * @returns {number|null}
 */
export function inStateSince(now) {
  const since = now.activity === "sitting" ? (now.bout_start ?? now.activity_since) : now.activity_since;
  return since === null ? null : seconds(since);
}

/**
 * @param {import("./picture.js").Picture} page
 * @returns {(fresh: import("./freshness.js").Freshness) => void} to be called at every tick
 */
export function mountNow(page) {
  const figure = new Figure(byId("figure"));
  const root = byId("now");
  const word = byId("state");
  const sign = byId("state-sign");
  let shownState = "";
  let told = "";
  const leaning = new Leaning(page, byId("figure"), (leans) => {
    figure.follow(leans, page.clock.speed);
    const now = page.now;
    const text = `${leaning.lean} ${leaning.side}`;
    if (now?.lean_deg == null || text === told) return;
    told = text;
    sayLean(leaning.lean, leaning.side, now.activity === "lying");
  });

  const render = () => {
    const now = page.now;
    if (!now || document.hidden) return;
    const state = now.time === null ? "unknown" : now.activity;
    say(word, stateWord(state));
    if (state !== shownState) {
      sign.replaceChildren(swatch(state, 20));
      root.dataset.state = state;
      shownState = state;
    }
    showLean(now, figure, state, leaning);
    told = "";
    showClock(now);
    showCertainty(now);
    showUnknown(now);
  };
  page.on(["now"], render);
  document.addEventListener("visibilitychange", render);

  return (fresh) => {
    leaning.tick();
    if (document.hidden) return;
    const now = page.now;
    const known = now !== null && now.time !== null;
    root.classList.toggle("stale", fresh.kind !== "live");
    root.classList.toggle("blank", !known);
    show(byId("now-detail"), known);
    show(byId("now-clocks"), known);
    show(byId("now-ground"), known && byId("unknown").childElementCount > 0);
    if (!known) {
      say(word, t(NOTHING_YET[fresh.kind] ?? "Connecting"));
      say(byId("time-in-state"), "");
      say(byId("since"), "");
      figure.show({ pose: "not_worn", lean: null, side: null, entry: null, words: t("nothing to see yet"), sideWords: t("nothing to see yet") });
      return;
    }
    const read = seconds(/** @type {string} */ (now.time)) + 1;
    const until = fresh.kind === "live" ? Math.max(read, page.clock.now()) : read;
    const since = inStateSince(now);
    showDuration(byId("time-in-state"), since === null ? null : until - since);
    say(byId("since"), since === null ? "" : t("since {time}", { time: page.hours.at(since) }));
    showShifts(page, until);
  };
}

/** @param {HTMLElement} element @param {number|null} lasted */
function showDuration(element, lasted) {
  const parts = lasted === null ? [] : durationParts(lasted);
  const text = parts.flat().join(" ");
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren(
    ...parts.flatMap(([figure, unit]) => (unit ? [figure, h("small", {}, `\u202f${unit} `)] : [figure])),
  );
}

/** @param {number|null} lean_deg @param {number|null} side_deg @param {boolean} lying */
function sayLean(lean_deg, side_deg, lying) {
  const lean = leanWords(lean_deg);
  const side = sideWords(side_deg);
  say(byId("lean-figure"), lying ? t("Lying") : lean.figure);
  say(byId("lean-rest"), lying ? t("down, so lean does not count") : lean.rest);
  say(byId("side"), lying ? "" : side);
  return { lean, side };
}

/** @param {Now} now @param {Figure} figure @param {string} state @param {Leaning} leaning */
function showLean(now, figure, state, leaning) {
  const followed = leaning.fresh && now.lean_deg !== null;
  const [lean_deg, side_deg] = followed ? [leaning.lean, leaning.side] : [now.lean_deg, now.side_deg];
  const { lean, side } = sayLean(lean_deg, side_deg, state === "lying");
  const slouch = byId("slouch");
  show(slouch, now.slouching_since !== null);
  if (now.slouching_since !== null && now.time !== null) {
    const lasted = Math.max(1, seconds(now.time) + 1 - seconds(now.slouching_since));
    say(slouch, now.slouch_entry_deg === null
      ? t("Beyond your limit for {duration}.", { duration: duration(lasted) })
      : t("Beyond your limit of {limit} for {duration}.", { limit: degrees(Math.round(now.slouch_entry_deg)), duration: duration(lasted) }));
  }
  root().classList.toggle("beyond", now.slouching_since !== null);
  figure.show({
    pose: /** @type {import("./figure.js").Pose} */ (state),
    lean: lean_deg,
    side: side_deg,
    followed,
    entry: now.slouch_entry_deg,
    words: `${stateWord(state)}, ${lean.figure} ${lean.rest}`.trim(),
    sideWords: side,
  });
}

const root = () => byId("now");

/** @param {Now} now */
function showClock(now) {
  const clock = now.sitting_clock_s;
  const limit = now.sitting_limit_s;
  const box = byId("sitting-clock");
  show(box, clock !== null && limit !== null);
  if (clock === null || limit === null) return;
  const left = limit - clock;
  const upright = now.upright_s ?? 0;
  const about = upright > 0 && clock > 0
    ? t("On your feet for {upright}. The clock has {sat}.", { upright: duration(upright), sat: duration(clock) })
    : left > 0
      ? t("Next break in {duration}", { duration: duration(left < 60 ? left : Math.ceil(left / 60) * 60) })
      : t("Past your {limit} by {duration}", { limit: duration(limit), duration: duration(-left) });
  say(byId("clock-words"), clock === 0 ? t("The sitting clock is at zero.") : about);
  say(byId("clock-figures"), clock === 0 || upright > 0 ? "" : left > 0 ? t("{part} of {whole}", { part: duration(clock), whole: duration(limit) }) : duration(clock));
  const scale = Math.max(limit, clock);
  setAttributes(byId("clock-fill"), { width: ((Math.min(clock, limit) / scale) * 100).toFixed(2) });
  setAttributes(byId("clock-over"), {
    x: ((limit / scale) * 100).toFixed(2),
    width: ((Math.max(0, clock - limit) / scale) * 100).toFixed(2),
  });
}

/** @param {Now} now */
function showCertainty(now) {
  const places = listed(now.placements.map(placeWord));
  const certain = now.activity === "unknown" ? t("Not certain") : t("{share} certain", { share: percent(now.confidence) });
  say(byId("confidence"), capital(certain) + (places ? "," : ""));
  say(byId("placements"), places ? t("from {places}", { places }) : "");
  const maybe = now.activity === "unknown" && now.p_sitting !== null;
  show(byId("p-sitting"), maybe);
  if (maybe) say(byId("p-sitting"), t("Sitting at {share}, else on your feet.", { share: percent(now.p_sitting) }));
}

/** What says that a reading is worth less, or nothing: it is told without being asked for. */
const GRAVE = ["uncalibrated", "reference_shifted", "invalid", "fault"];

/** @param {Now} now */
function showUnknown(now) {
  const list = byId("unknown");
  const box = /** @type {HTMLDetailsElement} */ (byId("now-ground"));
  const lines = now.reasons.map(told);
  if (!lines.length) lines.push(...now.quality.map(qualitySentence));
  const grave = now.activity === "unknown" || now.quality.some((it) => GRAVE.includes(it));
  if (grave && !box.dataset.grave) box.open = true;
  box.dataset.grave = grave ? "yes" : "";
  const text = lines.join("\n");
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...lines.map((line) => h("li", {}, line)));
}

// @ts-check
/**
 * The calibration of a worn sensor: two poses (one for a thigh or a head), a figure that follows, a countdown, and
 * plain words where a pose was not taken.
 */

import { ApiError } from "../api.js";
import { seconds } from "../clock.js";
import { h, s, say, setAttributes, show } from "../dom.js";
import { Figure } from "../figure.js";
import { t } from "../languages.js";
import { Motion, STILL_G, angleBetween, meanOf } from "./motion.js";
import { placeOf } from "./places.js";
import { Pose } from "./pose.js";
import { BOTH_ANEW, failureWords, refusalWords } from "./refusals.js";
import { SampleStream } from "./stream.js";

/** Least angle between the poses (analysis, section 2), deg. */
const LEAST_DEG = 8;
const KEPT = "sitwell.upright.";

/** @typedef {import("./motion.js").Vector} Vector */
/** @typedef {{until: number, up: Vector}} Kept */

/** An upright pose that the service still keeps is not asked for again after a reload. @param {string} id @param {number} now Unix s @returns {Kept|null} */
function kept(id, now) {
  try {
    const it = /** @type {Kept|null} */ (JSON.parse(sessionStorage.getItem(KEPT + id) ?? "null"));
    return it && it.until > now ? it : null;
  } catch {
    return null;
  }
}

/** @param {string} id @param {Kept|null} it */
function keep(id, it) {
  try {
    if (it) sessionStorage.setItem(KEPT + id, JSON.stringify(it));
    else sessionStorage.removeItem(KEPT + id);
  } catch {
    // storage is switched off: a reload asks for the pose again
  }
}

/** @param {"upright"|"slouch"} stage @param {number} poses @param {boolean} head */
function asked(stage, poses, head) {
  if (stage === "slouch") return t("Now let yourself sink into the slouch you know, and stay there.");
  if (head) return t("Look straight ahead, and keep still.");
  return poses === 1 ? t("Stand still, as you usually stand.") : t("Sit upright, as tall as is comfortable.");
}

function tooOldWords() {
  return t("The upright pose is too old by now. Hold it once more.");
}

export class Calibration {
  /** @type {"upright"|"slouch"|"done"} */
  stage = "upright";
  /** @type {Pose|null} */
  #pose = null;
  /** @type {Kept|null} the upright pose, as long as the service keeps it */
  #kept = null;
  #holding = false;
  #motion = new Motion();
  #off = () => {};

  /**
   * @param {HTMLElement} root
   * @param {import("../picture.js").Picture} page
   * @param {import("../types.js").Sensor} sensor
   * @param {() => void} onDone
   * @param {boolean} [anew] begins with the first pose also where there is a calibration
   */
  constructor(root, page, sensor, onDone, anew = false) {
    this.page = page;
    this.sensor = sensor;
    this.onDone = onDone;
    this.poses = placeOf(sensor.placement)?.poses ?? 2;
    this.ask = h("p", { class: "ask", "data-testid": "pose-ask" });
    this.count = h("p", { class: "count", "data-testid": "pose-count", "aria-hidden": "true" });
    this.words = h("p", { class: "words", role: "status", "data-testid": "pose-words" });
    this.refused = h("p", { class: "trouble", role: "status", "data-testid": "pose-refused", hidden: true });
    this.go = h("button", { type: "button", class: "primary", "data-testid": "pose-go" });
    this.less = h("button", { type: "button", "data-testid": "pose-less" }, t("Leave the slouch out"));
    this.stillFill = s("rect", { class: "fill", height: 6, width: 0 });
    this.stillWords = h("p", { class: "hint" });
    this.still = h("div", { class: "stillness" }, this.stillWords,
      s("svg", { class: "gauge", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
        s("rect", { class: "track", width: 100, height: 6 }), this.stillFill, s("rect", { class: "limit", x: 50, width: 0.5, height: 6 })));
    const figure = h("div", { class: "figure", "data-testid": "pose-figure" });
    this.figure = new Figure(figure);
    root.classList.add("calibration");
    root.replaceChildren(figure, h("div", { class: "told" }, this.ask, this.count, this.words, this.still, this.refused,
      h("div", { class: "answers" }, this.go, this.less)));
    this.go.addEventListener("click", () => void (this.stage === "done" ? this.#again() : this.#pose ? this.#stop() : this.#tooOld() || this.#take()));
    this.less.addEventListener("click", () => void (this.#tooOld() || this.#finish()));
    this.#kept = this.poses === 2 ? kept(sensor.id, page.clock.now()) : null;
    if (this.#kept) this.stage = "slouch";
    else if (sensor.calibration && !anew) this.stage = "done";
    this.stream = new SampleStream(page.api, sensor.id, (samples) => {
      this.#motion.take(samples);
      this.#live();
    });
    this.#off = page.on(["now"], () => this.stage === "done" && this.#live());
    this.#draw();
  }

  leave() {
    this.#pose?.stop();
    this.stream.close();
    this.#off();
  }

  #again() {
    this.stage = "upright";
    this.#refuse("");
    this.#draw();
  }

  #stop() {
    this.#pose?.stop();
  }

  async #take() {
    const stage = /** @type {"upright"|"slouch"} */ (this.stage);
    this.#refuse("");
    this.#pose = new Pose(this.page.api, this.sensor.id, stage, ({ phase, left_s }) => {
      this.#holding = phase !== "ready";
      say(this.count, left_s > 0 ? String(left_s) : "…");
      say(this.words, { ready: t("Get ready."), hold: t("Hold still."), late: t("A moment: the last samples are on their way.") }[phase]);
    });
    this.#draw();
    try {
      const outcome = await this.#pose.take();
      if (outcome?.taken) await this.#taken(stage, outcome.taken);
      else if (outcome?.refused) this.#refused(outcome.refused);
      else say(this.words, t("Stopped."));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#refuse(failureWords(error));
    } finally {
      this.#pose = null;
      this.#holding = false;
      this.#draw();
    }
  }

  /** @param {"upright"|"slouch"} stage @param {{keeps_until: string}} taken */
  async #taken(stage, taken) {
    if (stage === "slouch" || this.poses < 2) return this.#finish();
    this.#kept = { until: seconds(taken.keeps_until), up: meanOf(this.#motion.last(6)) };
    keep(this.sensor.id, this.#kept);
    this.stage = "slouch";
    say(this.words, t("Upright is taken."));
  }

  async #finish() {
    try {
      const path = `sensors/${encodeURIComponent(this.sensor.id)}/calibration`;
      const { sensor, refused } = /** @type {import("../types.js").CalibrationOutcome} */ (await this.page.api.send("POST", path, {}));
      if (refused) this.#refused(refused);
      if (!sensor) return this.#draw();
      this.sensor = sensor;
      this.page.sensors.set(sensor.id, sensor);
      this.page.changed("sensors");
      keep(this.sensor.id, null);
      this.stage = "done";
      say(this.words, t("Calibrated."));
      this.#draw();
      this.onDone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409) this.#begin(tooOldWords());
      else this.#refuse(failureWords(error));
      this.#draw();
    }
  }

  /** The first pose is asked for again where the second came too late for it. */
  #tooOld() {
    if (this.stage !== "slouch" || !this.#kept || this.#kept.until > this.page.clock.now()) return false;
    this.#begin(tooOldWords());
    this.#draw();
    return true;
  }

  /** @param {import("../types.js").Refusal} refused */
  #refused(refused) {
    if (BOTH_ANEW.includes(refused.reason)) this.#begin(refusalWords(refused));
    else this.#refuse(refusalWords(refused));
  }

  /** With the first pose, anew. @param {string} why */
  #begin(why) {
    this.stage = "upright";
    this.#kept = null;
    keep(this.sensor.id, null);
    this.#refuse(why);
  }

  /** @param {string} words why, or nothing */
  #refuse(words) {
    say(this.words, "");
    say(this.refused, words);
    show(this.refused, words !== "");
  }

  #draw() {
    const { stage } = this;
    const busy = this.#pose !== null;
    const head = this.sensor.placement === "head";
    const begin = stage === "slouch" ? t("I slouch") : this.poses === 2 ? t("I sit upright") : head ? t("I look ahead") : t("I stand");
    say(this.ask, stage === "done" ? doneWords(this.sensor) : asked(stage, this.poses, head));
    say(this.go, busy ? t("Stop") : stage === "done" ? t("Calibrate again") : this.refused.hidden ? begin : t("Once more"));
    this.go.classList.toggle("primary", !busy && stage !== "done");
    show(this.count, busy);
    show(this.still, stage !== "done");
    show(this.less, !busy && stage === "slouch");
    this.#live();
  }

  #live() {
    const spread = this.#motion.spread(1);
    const quiet = spread !== null && spread <= STILL_G;
    setAttributes(this.stillFill, { width: spread === null ? 0 : Math.min(100, (spread / STILL_G) * 50).toFixed(1) });
    this.still.classList.toggle("restless", spread !== null && !quiet);
    say(this.stillWords, spread === null ? t("Waiting for samples.") : quiet ? t("Still enough.") : t("Moving: hold still."));
    const [lean, words] = this.#lean();
    this.figure.show({
      pose: this.poses === 1 && this.sensor.placement === "thigh" ? "standing" : "sitting",
      lean, side: null, entry: this.stage === "slouch" ? LEAST_DEG : null, words, sideWords: "",
    });
  }

  /** @returns {[number|null, string]} what the figure leans, and that in words */
  #lean() {
    const unknown = t("not known before the first pose");
    if (this.sensor.placement === "thigh") return [0, ""];
    if (this.stage === "done") {
      const lean = this.page.now?.lean_deg ?? null;
      return [lean, lean === null ? unknown : t("{n} deg from your upright", { n: Math.round(lean) })];
    }
    const now = this.#motion.last(0.4);
    if (!now.length) return [null, unknown];
    if (this.stage === "slouch" && this.#kept) {
      const deg = angleBetween(this.#kept.up, meanOf(now));
      if (!this.#pose) say(this.words, t("{n} deg from your upright; {least} or more make a slouch.", { n: Math.round(deg), least: LEAST_DEG }));
      return [deg, t("{n} deg from your upright", { n: Math.round(deg) })];
    }
    return this.#holding ? [0, t("upright")] : [null, unknown];
  }
}

/** @param {import("../types.js").Sensor} sensor */
export function doneWords(sensor) {
  const it = sensor.calibration;
  if (!it) return t("Not calibrated.");
  if (it.slouch_deg !== null) {
    return t("Your slouch leans {slouch} deg over your upright. Your upright is known to about {sigma} deg.",
      { slouch: Math.round(it.slouch_deg), sigma: Math.max(1, Math.round(it.sigma_deg)) });
  }
  if ((placeOf(sensor.placement)?.poses ?? 2) < 2) return t("It is known how this sensor sits on you.");
  return t("Your upright is known to about {sigma} deg. With one pose the general slouch limit of 8 deg is used.", { sigma: Math.max(1, Math.round(it.sigma_deg)) });
}

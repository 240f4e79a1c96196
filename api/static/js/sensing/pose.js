// @ts-check
/** One pose: get ready, hold still while the service keeps eight seconds, and what came of it. */

import { ApiError } from "../api.js";
import { ticks } from "../clock.js";

/** Seconds to settle after the button, and of the pose itself (the service keeps eight). */
export const READY_S = 3;
export const HOLD_S = 8;
/** The service waits fifteen seconds for the samples of a pose. */
const PATIENCE_MS = 25000;
const TICK_MS = 200;

/** @typedef {{phase: "ready"|"hold"|"late", left_s: number}} Progress */

export class Pose {
  #abort = new AbortController();
  #timer = 0;

  /**
   * @param {import("../api.js").Api} api
   * @param {string} sensor
   * @param {"upright"|"slouch"} pose
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(api, sensor, pose, onProgress) {
    this.api = api;
    this.path = `sensors/${encodeURIComponent(sensor)}/poses`;
    this.pose = pose;
    this.onProgress = onProgress;
  }

  stop() {
    window.clearInterval(this.#timer);
    this.#abort.abort();
  }

  /** @returns {Promise<import("../types.js").PoseOutcome|null>} null when it was stopped; an ApiError when nothing could be measured */
  async take() {
    try {
      await this.#count("ready", READY_S);
      if (this.#abort.signal.aborted) return null;
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PATIENCE_MS)]);
      void this.#count("hold", HOLD_S);
      return await this.api.send("POST", this.path, { pose: this.pose }, signal);
    } catch (error) {
      if (this.#abort.signal.aborted) return null;
      throw error instanceof ApiError ? error : new ApiError(0, String(error));
    } finally {
      window.clearInterval(this.#timer);
    }
  }

  /** @param {"ready"|"hold"} phase @param {number} seconds @returns {Promise<void>} after as many seconds */
  #count(phase, seconds) {
    const end = ticks() + seconds;
    return new Promise((resolve) => {
      this.#abort.signal.addEventListener("abort", () => resolve());
      const tell = () => {
        const left_s = Math.ceil(end - ticks());
        if (left_s > 0) return this.onProgress({ phase, left_s });
        if (phase === "hold") return this.onProgress({ phase: "late", left_s: 0 });
        window.clearInterval(this.#timer);
        resolve();
      };
      window.clearInterval(this.#timer);
      this.#timer = window.setInterval(tell, TICK_MS);
      tell();
    });
  }
}

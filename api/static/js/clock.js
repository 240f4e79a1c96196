// @ts-check
/** The time of the service, carried on between its messages. The browser's own date is never asked. */

/** Readings are a few seconds old when they come; only beyond this many real seconds do they move the clock. */
const STEP_S = 5;

/**
 * Unix seconds of an RFC 3339 string.
 * @param {string} text
 * @returns {number}
 */
export function seconds(text) {
  return Date.parse(text) / 1000;
}

/** Seconds of a clock that only runs forward and knows no date. */
export function ticks() {
  return performance.now() / 1000;
}

export class ServiceClock {
  #time = 0;
  #at = 0;
  speed = 1;
  known = false;

  /**
   * Takes a reading of the service's clock.
   * @param {number} time Unix s
   * @param {number} [speed] how many service seconds pass in one real second
   */
  set(time, speed) {
    if (speed !== undefined && speed > 0) this.speed = speed;
    this.#time = time;
    this.#at = ticks();
    this.known = true;
  }

  /**
   * Takes a reading that may be a little late; small differences are ignored, so that nothing jitters.
   * @param {number} time Unix s
   */
  check(time) {
    if (!this.known || Math.abs(time - this.now()) > STEP_S * Math.max(1, this.speed)) this.set(time);
  }

  /** @returns {number} Unix s at the service */
  now() {
    return this.#time + (ticks() - this.#at) * this.speed;
  }
}

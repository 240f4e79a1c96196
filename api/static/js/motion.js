// @ts-check
/**
 * Eases two angles after readings that come ten times a second. It draws only what can be seen to move, and only
 * while the page is looked at: somebody who sits still costs nothing.
 */

/** The angles follow a reading within about this time (time constant). */
const EASE_S = 0.12;
/** Less than this cannot be seen: half a pixel at the head of the figure. */
const VISIBLE_DEG = 0.25;
/** Not oftener than this: smooth for what a person does, half the work of every frame. */
const LEAST_MS = 30;
/** A frame that comes later than this does not make it jump. */
const MOST_MS = 100;
/** Readings that are this late are left out: then the page was busy or away. */
const LATE_MS = 1500;

/** @typedef {{lean: number, side: number}} Angles */

export class Motion {
  /** What is drawn, what is aimed at. @type {Angles} */
  #drawn = { lean: 0, side: 0 };
  /** @type {Angles} */
  #target = { lean: 0, side: 0 };
  /** @type {{due: number, angles: Angles}[]} */
  #queue = [];
  #frame = 0;
  #timer = 0;
  #last = 0;

  /** @param {(lean: number, side: number) => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Goes to one reading: eased, or at once where motion is not wanted or not seen. @param {Angles} angles */
  to(angles) {
    this.#queue = [];
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#aim(angles);
  }

  /**
   * Goes through readings at the pace at which they were measured.
   * @param {{after_ms: number, angles: Angles}[]} readings after_ms: from now on, in order
   */
  play(readings) {
    const now = performance.now();
    const begin = Math.max(now, (this.#queue.at(-1)?.due ?? now) + 1);
    for (const { after_ms, angles } of readings) this.#queue.push({ due: begin + after_ms, angles });
    while (this.#queue.length && this.#queue[0].due < (this.#queue.at(-1)?.due ?? 0) - LATE_MS) this.#queue.shift();
    if (!this.#timer) this.#step();
  }

  /** What is drawn now. */
  get angles() {
    return this.#drawn;
  }

  #step() {
    this.#timer = 0;
    const now = performance.now();
    let next = null;
    while (this.#queue.length && this.#queue[0].due <= now) next = this.#queue.shift();
    if (next) this.#aim(next.angles);
    if (this.#queue.length) this.#timer = window.setTimeout(() => this.#step(), Math.max(0, this.#queue[0].due - now));
  }

  /** @param {Angles} angles */
  #aim(angles) {
    this.#target = angles;
    if (this.reduced.matches || document.hidden) this.#jump();
    else if (!this.#frame && this.#far(VISIBLE_DEG)) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame((at) => this.#ease(at));
    }
  }

  /** @param {number} deg */
  #far(deg) {
    return Math.max(Math.abs(this.#target.lean - this.#drawn.lean), Math.abs(this.#target.side - this.#drawn.side)) > deg;
  }

  #jump() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#drawn = { ...this.#target };
    this.draw(this.#drawn.lean, this.#drawn.side);
  }

  /** @param {number} at */
  #ease(at) {
    const passed = at - this.#last;
    if (passed >= LEAST_MS) {
      this.#last = at;
      const share = 1 - Math.exp(-Math.min(passed, MOST_MS) / 1000 / EASE_S);
      this.#drawn.lean += (this.#target.lean - this.#drawn.lean) * share;
      this.#drawn.side += (this.#target.side - this.#drawn.side) * share;
      if (!this.#far(VISIBLE_DEG / 2)) return this.#jump();
      this.draw(this.#drawn.lean, this.#drawn.side);
    }
    this.#frame = requestAnimationFrame((time) => this.#ease(time));
  }
}

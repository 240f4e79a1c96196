// @ts-check
/** The part of the day that is shown: all rows share it, and it is zoomed and moved by wheel, fingers, mouse and keys. */

import { TimeAxis } from "../axis.js";

export const LEFT_PX = 40;
export const RIGHT_PX = 20;
const LEAST_S = 300;
/** One notch of the wheel, one press of a key. */
const STEP = 1.4;
const LENGTHS = /** @type {Record<string, number>} */ ({ "4h": 14400, "1h": 3600 });
/** A press that moves less is a click, px. */
const SLACK_PX = 5;

/**
 * How much a turn of the wheel zooms: one notch is a step, several that came together are as many; two fingers on a
 * touchpad come as many small ones.
 * @param {number} delta px
 */
function wheelFactor(delta) {
  const notches = Math.abs(delta) < 20 ? delta / 30 : delta / 100;
  return STEP ** Math.max(-8, Math.min(8, notches));
}

export class DayWindow {
  start = 0;
  end = 86400;
  /** Whether it goes on with the time. */
  #follows = false;
  /** Whether a drag has just ended, and the click after it is none. */
  dragged = false;
  /** Where each is that is down, px. @type {Map<number, number>} */
  #fingers = new Map();

  /** @param {import("./data.js").DayData} data @param {() => void} onChange */
  constructor(data, onChange) {
    this.data = data;
    this.onChange = onChange;
  }

  /** Whether two fingers zoom, and nothing is pointed at. */
  get pinched() {
    return this.#fingers.size > 1;
  }

  /** The whole day. */
  reset() {
    this.#follows = false;
    this.#put(this.data.start, this.data.end);
  }

  get whole() {
    return this.start <= this.data.start && this.end >= this.data.end;
  }

  /** Which of the ranges it is: `day`, `4h`, `1h` or none. */
  get range() {
    if (this.whole) return "day";
    return Object.keys(LENGTHS).find((it) => Math.abs(LENGTHS[it] - (this.end - this.start)) < 1) ?? "";
  }

  /** @param {string} range @param {number|null} about Unix s, what was looked at last */
  pick(range, about) {
    if (range === "day") return this.reset();
    const length = LENGTHS[range];
    const { data } = this;
    this.#follows = data.live && about === null;
    const middle = about ?? (data.live ? data.until - length / 2 : (this.start + this.end) / 2);
    this.#put(middle - length / 2, middle + length / 2);
  }

  /** Goes on with the time, where it does. */
  follow() {
    if (!this.#follows) return;
    const length = this.end - this.start;
    [this.start, this.end] = [this.data.until - length, this.data.until];
  }

  /** @param {number} factor below 1 is nearer @param {number} about Unix s, which stays where it is */
  zoom(factor, about) {
    const length = (this.end - this.start) * factor;
    const share = (about - this.start) / (this.end - this.start);
    this.#follows = false;
    this.#put(about - share * length, about + (1 - share) * length);
  }

  /** @param {number} seconds */
  move(seconds) {
    this.#follows = false;
    this.#put(this.start + seconds, this.end + seconds);
  }

  /** Moves just as far as a time needs to be inside. @param {number} time Unix s */
  reveal(time) {
    if (time < this.start) this.move(time - this.start - 0.1 * (this.end - this.start));
    else if (time > this.end) this.move(time - this.end + 0.1 * (this.end - this.start));
  }

  /** @param {number} start @param {number} end */
  #put(start, end) {
    const { data } = this;
    const length = Math.min(data.end - data.start, Math.max(LEAST_S, end - start));
    const middle = (start + end) / 2;
    this.start = Math.min(data.end - length, Math.max(data.start, middle - length / 2));
    this.end = this.start + length;
    this.onChange();
  }

  /** @param {number} width px @returns {TimeAxis} */
  axis(width) {
    return new TimeAxis(this.start, this.end, width, LEFT_PX, RIGHT_PX);
  }

  /** Gestures over a row. @param {HTMLElement} plot */
  listen(plot) {
    const time = (/** @type {number} */ clientX) => {
      const box = plot.getBoundingClientRect();
      return this.axis(box.width).time(clientX - box.left);
    };
    plot.addEventListener("wheel", (event) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) this.zoom(wheelFactor(event.deltaY), time(event.clientX));
      else if (sideways && !this.whole) this.move((sideways / 600) * (this.end - this.start));
      else return;
      event.preventDefault();
    }, { passive: false });
    const down = this.#fingers;
    let moved = 0;
    plot.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      down.set(event.pointerId, event.clientX);
      moved = 0;
      this.dragged = false;
    });
    plot.addEventListener("pointermove", (event) => {
      const before = down.get(event.pointerId);
      if (before === undefined) return;
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      down.set(event.pointerId, event.clientX);
      moved += Math.abs(event.clientX - before);
      if (moved < SLACK_PX) return;
      const pixel_s = this.axis(plot.clientWidth).pixel_s;
      if (other !== undefined) {
        const [was, is] = [Math.abs(before - other), Math.abs(event.clientX - other)];
        if (was > 8 && is > 8) this.zoom(was / is, time(other)); // so what is under each of them stays there
      } else if (!this.whole) this.move((before - event.clientX) * pixel_s);
      this.dragged = true;
    });
    const up = (/** @type {PointerEvent} */ event) => down.delete(event.pointerId);
    for (const name of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) plot.addEventListener(name, up);
  }

  /** @param {string} key @param {number} about Unix s @returns {boolean} whether it was one of its keys */
  key(key, about) {
    if (key === "+" || key === "=") this.zoom(1 / STEP, about);
    else if (key === "-") this.zoom(STEP, about);
    else if (key === "0") this.reset();
    else return false;
    return true;
  }
}

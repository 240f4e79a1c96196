// @ts-check
/** The one cursor over all rows of today: by pointer or by keys, with what was so at that time. */

import { h, setAttributes, show } from "./dom.js";

const KEYS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageDown: -15, PageUp: 15 });
const STEP_S = 60;

/**
 * @typedef {object} Reading
 * @property {string} time
 * @property {{text: string, sign: Node|null}[]} lines
 */

export class Cursor {
  /** @type {import("./axis.js").TimeAxis|null} */
  #axis = null;
  /** @type {number|null} */
  #time = null;

  /**
   * @param {HTMLElement} plot takes focus and the pointer; holds the rows
   * @param {(time: number) => Reading} read
   * @param {(x: number, y: number) => void} onClick px in the plot
   */
  constructor(plot, read, onClick) {
    this.plot = plot;
    this.read = read;
    this.line = h("div", { class: "cursor", hidden: true });
    this.tip = h("div", { class: "tip", "data-testid": "tip", hidden: true });
    plot.append(this.line, this.tip);
    plot.addEventListener("pointermove", (event) => this.#point(event));
    plot.addEventListener("pointerdown", (event) => this.#point(event));
    // A finger that is lifted has chosen; one that scrolls is taken away by the browser.
    plot.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && document.activeElement !== plot && this.#hide());
    plot.addEventListener("pointercancel", () => this.#hide());
    plot.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      onClick(event.clientX - box.left, event.clientY - box.top);
    });
    plot.addEventListener("keydown", (event) => this.#key(event));
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && this.#put(this.#time ?? this.#axis?.end ?? null));
    plot.addEventListener("blur", () => this.#hide());
  }

  /**
   * @param {import("./axis.js").TimeAxis} axis
   * @param {number} latest Unix s, the last time that can be read
   */
  use(axis, latest) {
    this.#axis = axis;
    this.latest = Math.min(axis.end, latest);
    setAttributes(this.plot, { "aria-valuemin": Math.round(axis.start), "aria-valuemax": Math.round(this.latest) });
    if (this.#time === null) {
      const reading = this.read(this.latest);
      setAttributes(this.plot, { "aria-valuenow": Math.round(this.latest), "aria-valuetext": words(reading) });
    } else if (!this.line.hidden) this.#put(this.#time);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (!this.#axis) return;
    this.#put(this.#axis.time(event.clientX - this.plot.getBoundingClientRect().left));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const axis = this.#axis;
    if (!axis) return;
    const from = this.#time ?? this.latest ?? axis.end;
    if (event.key in KEYS) this.#put(from + KEYS[event.key] * Math.max(STEP_S, axis.pixel_s));
    else if (event.key === "Home") this.#put(axis.start);
    else if (event.key === "End") this.#put(this.latest ?? axis.end);
    else if (event.key === "Escape") this.#hide();
    else if (event.key === "Enter" && this.#time !== null) this.plot.dispatchEvent(new CustomEvent("choose", { detail: this.#time }));
    else return;
    event.preventDefault();
  }

  #hide() {
    show(this.line, false);
    show(this.tip, false);
  }

  /** @param {number|null} time */
  #put(time) {
    const axis = this.#axis;
    if (!axis || time === null) return;
    const at = Math.min(this.latest ?? axis.end, Math.max(axis.start, time));
    this.#time = at;
    const reading = this.read(at);
    const x = axis.x(at);
    show(this.line, true);
    show(this.tip, true);
    this.line.style.transform = `translateX(${x.toFixed(1)}px)`;
    this.tip.replaceChildren(
      h("p", { class: "tip-time" }, reading.time),
      ...reading.lines.map((line) => h("p", {}, ...(line.sign ? [line.sign] : []), line.text)),
    );
    const width = this.tip.offsetWidth;
    const beside = x + 12 + width > axis.width ? x - 12 - width : x + 12;
    this.tip.style.transform = `translateX(${Math.max(0, Math.min(axis.width - width, beside)).toFixed(0)}px)`;
    setAttributes(this.plot, { "aria-valuenow": Math.round(at), "aria-valuetext": words(reading) });
  }
}

/** @param {Reading} reading */
function words(reading) {
  return [reading.time, ...reading.lines.map((line) => line.text)].join(", ");
}

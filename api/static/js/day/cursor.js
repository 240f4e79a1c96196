// @ts-check
/** The one cursor of a day: a line in every row at the same time, told beside the pointer, and a slider for keys and screen readers. */

import { h, setAttributes, show } from "../dom.js";
import { t } from "../languages.js";

/** @typedef {import("../cursor.js").Reading} Reading */
/** @typedef {{plot: HTMLElement, line: HTMLElement, tip: HTMLElement}} Row */

const KEYS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageDown: -15, PageUp: 15 });
/** A key goes on by this much, or by a pixel where that is more. */
const STEP_S = 60;

export class DayCursor {
  /** @type {Row[]} */
  #rows = [];
  /** The time read last, Unix s. @type {number|null} */
  time = null;
  #shown = false;
  /** Whether a pointer put it there, and not a key: then the slider's focus is nothing to it. */
  #pointed = false;

  /**
   * @param {import("./window.js").DayWindow} shown
   * @param {(time: number) => Reading} read
   * @param {(time: number, place: {plot: HTMLElement, x: number, y: number}|null) => void} choose place: null by key
   */
  constructor(shown, read, choose) {
    this.shown = shown;
    this.read = read;
    this.choose = choose;
    this.slider = h("div", { class: "day-slider", role: "slider", tabindex: 0, "data-testid": "day-slider", "aria-orientation": "horizontal",
      "aria-label": t("Time of day: arrows read all rows, plus and minus zoom, Enter says why") });
    this.slider.addEventListener("keydown", (event) => this.#key(event));
    this.slider.addEventListener("focus", () => this.slider.matches(":focus-visible") && this.put(this.time ?? shown.data.until));
    this.slider.addEventListener("blur", () => this.#pointed || this.hide());
    document.addEventListener("pointerdown", this.#elsewhere);
  }

  /** A finger elsewhere ends the reading; in the explanation it does not. */
  #elsewhere = (/** @type {PointerEvent} */ event) => {
    const on = /** @type {Element} */ (event.target);
    if (event.pointerType === "touch" && !on.closest(".why-panel") && !this.#rows.some(({ plot }) => plot.contains(on))) this.hide();
  };

  leave() {
    document.removeEventListener("pointerdown", this.#elsewhere);
  }

  /** @param {HTMLElement} plot @param {boolean} [first] the slider lies over it */
  add(plot, first = false) {
    const line = h("div", { class: "cursor", hidden: true });
    const tip = h("div", { class: "tip", "data-testid": "day-tip", hidden: true });
    plot.append(line, tip);
    if (first) plot.append(this.slider);
    const row = { plot, line, tip };
    this.#rows.push(row);
    const point = (/** @type {PointerEvent} */ event) => {
      if (this.shown.pinched) return this.hide();
      const box = plot.getBoundingClientRect();
      this.#pointed = true;
      this.put(this.shown.axis(box.width).time(event.clientX - box.left), row);
    };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    // A finger that is lifted has chosen; one that scrolls is taken away by the browser.
    plot.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "touch") return;
      this.#pointed = false;
      if (document.activeElement !== this.slider) this.hide();
    });
    plot.addEventListener("pointercancel", () => this.hide());
    plot.addEventListener("click", (event) => {
      if (this.shown.dragged || this.time === null) return;
      const box = plot.getBoundingClientRect();
      this.choose(this.time, { plot, x: event.clientX - box.left, y: event.clientY - box.top });
    });
  }

  hide() {
    this.#shown = this.#pointed = false;
    for (const { line, tip } of this.#rows) {
      show(line, false);
      show(tip, false);
    }
  }

  /** Draws it anew, after the rows were. */
  again() {
    const { data } = this.shown;
    setAttributes(this.slider, { "aria-valuemin": Math.round(data.start), "aria-valuemax": Math.round(data.until) });
    const time = this.time ?? data.until;
    if (this.#shown) this.put(time);
    else this.#tell(time);
  }

  /** @param {number} wanted Unix s @param {Row} [at] the row that tells it */
  put(wanted, at = this.#rows[0]) {
    const { data } = this.shown;
    const time = Math.min(data.until, Math.max(data.start, wanted));
    this.time = time;
    this.#shown = true;
    const reading = this.#tell(time);
    for (const row of this.#rows) {
      const axis = this.shown.axis(row.plot.clientWidth);
      const x = axis.x(time);
      const inside = time >= this.shown.start && time <= this.shown.end;
      show(row.line, inside);
      show(row.tip, inside && row === at);
      row.line.style.transform = `translateX(${x.toFixed(1)}px)`;
      if (row !== at || !inside) continue;
      row.tip.replaceChildren(h("p", { class: "tip-time" }, reading.time),
        ...reading.lines.map((line) => h("p", {}, ...(line.sign ? [line.sign] : []), line.text)));
      const width = row.tip.offsetWidth;
      const beside = x + 12 + width > axis.width ? x - 12 - width : x + 12;
      row.tip.style.transform = `translateX(${Math.max(0, Math.min(axis.width - width, beside)).toFixed(0)}px)`;
    }
  }

  /** @param {number} time */
  #tell(time) {
    const reading = this.read(time);
    setAttributes(this.slider, { "aria-valuenow": Math.round(time), "aria-valuetext": [reading.time, ...reading.lines.map((it) => it.text)].join(", ") });
    return reading;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { data } = this.shown;
    const from = this.time ?? data.until;
    this.#pointed = false;
    if (event.key in KEYS) {
      const pixel_s = this.shown.axis(this.#rows[0].plot.clientWidth).pixel_s;
      this.put(from + KEYS[event.key] * Math.max(STEP_S, pixel_s));
      this.shown.reveal(this.time ?? from);
    } else if (event.key === "Home") this.put(this.shown.start);
    else if (event.key === "End") this.put(Math.min(data.until, this.shown.end));
    else if (event.key === "Escape" && this.#shown) this.hide();
    else if (event.key === "Enter" || event.key === " ") this.choose(from, null);
    else if (!this.shown.key(event.key, from)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// @ts-check
/** Reads a chart value by value: by pointer, by touch and by keys, told beside the cursor and to screen readers. */

import { h, setAttributes, show } from "./dom.js";

/**
 * at: where each value is on the x axis (its value there, or px in a drawing of one's own), in order. read: what is to be
 * told of one. choose: what a click or Enter does with one.
 * @typedef {{at: number[], read: (i: number) => {heading: string, lines: string[]}, choose?: (i: number) => void}} Reading
 */

/** How many values a key goes on, as shares of all or as their number. @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -7, PageUp: 7 };

export class ChartReader {
  /** @type {Reading|null} */
  #reading = null;
  /** @type {number[]} */
  #xs = [];
  #i = -1;
  /** Two fingers zoom, until all of them are lifted, and nothing is read. */
  #pinched = false;

  /** @param {HTMLElement} plot @param {string} name what the slider is called */
  constructor(plot, name) {
    this.plot = plot;
    this.name = name;
    this.line = h("div", { class: "cursor", hidden: true });
    this.tip = h("div", { class: "tip", "data-testid": "chart-tip", hidden: true });
    plot.append(this.line, this.tip);
    plot.addEventListener("pointermove", (event) => this.#point(event));
    plot.addEventListener("pointerdown", (event) => {
      this.#pinched = !event.isPrimary;
      if (this.#pinched) this.hide();
      else this.#point(event);
    });
    // A finger that is lifted has chosen; one that scrolls is taken away by the browser.
    plot.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && document.activeElement !== plot && this.hide());
    plot.addEventListener("pointercancel", () => this.hide());
    plot.addEventListener("click", () => this.#i >= 0 && !this.tip.hidden && this.#reading?.choose?.(this.#i));
    plot.addEventListener("keydown", (event) => this.#key(event));
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && this.#put(this.#i < 0 ? this.#xs.length - 1 : this.#i));
    plot.addEventListener("blur", () => this.hide());
  }

  /** @param {Reading|null} reading @param {number[]} xs px of each value @param {number} width px */
  use(reading, xs, width) {
    const same = reading !== null && this.#reading?.at.length === reading.at.length;
    this.#reading = reading;
    this.#xs = xs;
    this.width = width;
    const there = reading !== null && xs.length > 0;
    this.plot.classList.toggle("chosen", Boolean(reading?.choose));
    if (!there) {
      this.#i = -1;
      this.hide();
      setAttributes(this.plot, { role: "img", tabindex: null, "aria-label": this.name });
      for (const name of ["valuemin", "valuemax", "valuenow", "valuetext"]) this.plot.removeAttribute(`aria-${name}`);
      return;
    }
    if (!same) {
      this.#i = -1;
      this.hide(); // another value would be told under a pointer that did not move
    }
    setAttributes(this.plot, { role: "slider", tabindex: 0, "aria-label": this.name, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": xs.length - 1 });
    this.#tell(this.#i < 0 ? xs.length - 1 : this.#i);
    if (!this.tip.hidden) this.#put(this.#i);
  }

  hide() {
    show(this.line, false);
    show(this.tip, false);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (!this.#reading || event.buttons > 1 || this.#pinched) return;
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    let nearest = 0;
    this.#xs.forEach((it, i) => Math.abs(it - x) < Math.abs(this.#xs[nearest] - x) && (nearest = i));
    this.#put(nearest);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.#reading || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const from = this.#i < 0 ? this.#xs.length - 1 : this.#i;
    if (event.key in KEYS) this.#put(from + KEYS[event.key]);
    else if (event.key === "Home") this.#put(0);
    else if (event.key === "End") this.#put(this.#xs.length - 1);
    else if (event.key === "Escape" && !this.tip.hidden) this.hide();
    else if (event.key === "Enter" && this.#reading.choose) this.#reading.choose(from);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} i */
  #tell(i) {
    const said = this.#reading?.read(i);
    if (said) setAttributes(this.plot, { "aria-valuenow": i, "aria-valuetext": [said.heading, ...said.lines].join(", ") });
    return said;
  }

  /** @param {number} wanted */
  #put(wanted) {
    const i = Math.max(0, Math.min(this.#xs.length - 1, wanted));
    const said = this.#tell(i);
    if (!said) return;
    this.#i = i;
    const x = this.#xs[i];
    const inside = x >= 0 && x <= (this.width ?? 0);
    show(this.line, inside);
    show(this.tip, inside);
    if (!inside) return;
    this.line.style.transform = `translateX(${x.toFixed(1)}px)`;
    this.tip.replaceChildren(h("p", { class: "tip-time" }, said.heading), ...said.lines.map((it) => h("p", { class: "tip-line" }, it)));
    const width = this.tip.offsetWidth;
    const beside = x + 12 + width > (this.width ?? 0) ? x - 12 - width : x + 12;
    this.tip.style.transform = `translateX(${Math.max(0, Math.min((this.width ?? 0) - width, beside)).toFixed(0)}px)`;
  }
}

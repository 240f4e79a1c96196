// @ts-check
/**
 * The card that every chart comes in: heading, drawing, legend, a sentence that says what it shows, the table behind
 * it, and what is shown as a file. Its contract is in docs/dashboard.md, under "A chart".
 */

import { ApiError } from "./api.js";
import { csvOf, pngOf, save, svgOf, svgText } from "./chart-files.js";
import { chartLibrary, lookOf } from "./chart-look.js";
import { ChartReader } from "./chart-reading.js";
import { h, say, setAttributes, show } from "./dom.js";
import { t } from "./languages.js";
import { sourceSentence, sourceTag } from "./source.js";
import { onTheme } from "./theme.js";
import { unbroken } from "./words.js";

/** @typedef {import("./chart-files.js").Cell} Cell */
/** @typedef {import("./chart-look.js").Look} Look */
/** @typedef {import("./chart-reading.js").Reading} Reading */

/**
 * What a card shows. sentence: said below and in files. range: the time shown, in words. file: of which days, for the
 * file's name, such as `2026-11-23-to-2026-11-29`. table: a cell is a text, a number, null (not known), or the value of
 * the file with its text here. option: what ECharts is to draw; or svg: a drawing of one's own, as wide as `look.width`, with its
 * viewBox in px. legend: signs (16 px) with their words. reading: for cursor and keys. grid: the drawing has names, keys
 * and targets of its own, so the card keeps its hands off it.
 * @typedef {object} Shown
 * @property {string} sentence
 * @property {string} range
 * @property {string} file
 * @property {{columns: string[], rows: Cell[][], caption?: string}} table
 * @property {(look: Look) => object} [option]
 * @property {(look: Look) => SVGSVGElement} [svg]
 * @property {{sign: SVGSVGElement, word: string}[]} [legend]
 * @property {Reading|((look: Look) => Reading)} [reading]
 * @property {boolean} [grid]
 */

let made = 0;

export class ChartCard {
  /** @type {Shown|null} */
  #shown = null;
  /** @type {any} */
  #chart = null;
  /** @type {(() => void)[]} */
  #ends = [];
  #gone = false;
  #width = 0;

  /**
   * @param {import("./picture.js").Picture} page
   * @param {{name: string, title: string, height?: number, level?: 2|3}} card name: of its files and its test id, in English;
   *   height: of what ECharts draws, px
   */
  constructor(page, { name, title, height = 240, level = 3 }) {
    this.page = page;
    this.name = name;
    this.title = title;
    this.height = height;
    const id = `chart-${name}-${++made}`;
    this.drawn = h("div", { class: "chart-drawn", "aria-hidden": "true" });
    /** What is drawn, with its cursor: gestures of one's own listen here. */
    this.plot = h("div", { class: "chart-plot", "data-testid": `${name}-plot` }, this.drawn);
    this.reader = new ChartReader(this.plot, title);
    this.legend = h("ul", { class: "legend" });
    this.sentence = h("figcaption", { id: `${id}-says`, "data-testid": `${name}-sentence` });
    this.rows = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("Table: {title}", { title }) });
    this.table = h("details", { class: "table" }, h("summary", { "data-testid": `${name}-table` }, t("Table")), this.rows);
    this.files = h("div", { class: "chart-files", role: "group", "aria-label": t("Save “{title}”", { title }) });
    for (const kind of /** @type {const} */ (["CSV", "PNG", "SVG"])) {
      const button = h("button", { type: "button", class: "quiet", "data-testid": `${name}-${kind.toLowerCase()}`, title: t("Save as {kind}", { kind }) }, kind);
      button.addEventListener("click", () => void this.#save(kind));
      this.files.append(button);
    }
    this.missing = h("p", { class: "hint", hidden: true }, t("The drawing needs the chart library, which is not installed; the table has its figures."));
    this.figure = h("figure", { "aria-labelledby": id, "aria-describedby": `${id}-says`, hidden: true },
      this.plot, this.missing, this.legend, this.sentence, h("div", { class: "chart-foot" }, this.table, this.files));
    this.state = h("div", { class: "chart-state hint", "data-testid": `${name}-state`, role: "status" });
    this.state.style.minHeight = `${height}px`;
    /** Where controls of the chart go, beside its heading. */
    this.controls = h("div", { class: "chart-controls" });
    const heading = h("div", { class: "heading" }, h(level === 2 ? "h2" : "h3", { id }, title),
      sourceTag(), this.controls);
    this.root = h("section", { class: "chart", "data-testid": `chart-${name}`, "aria-labelledby": id }, heading, this.state, this.figure);
    this.table.addEventListener("toggle", () => this.#fill());
    const resized = new ResizeObserver(() => this.plot.clientWidth !== this.#width && this.draw());
    resized.observe(this.plot);
    this.#ends.push(() => resized.disconnect(), onTheme(() => this.draw()));
    this.wait();
  }

  /** Says that what it shows is asked for; what it showed before stays, greyed. @param {string} [text] */
  wait(text = t("Reading your history.")) {
    setAttributes(this.root, { "aria-busy": "true" });
    if (this.figure.hidden) this.#say(text);
  }

  /** Says that there is nothing to show, and why. @param {string} text @param {...Node} more such as a way out */
  empty(text, ...more) {
    this.#shown = null;
    this.#say(text, ...more);
  }

  /** Says that it cannot be shown. @param {unknown} error @param {() => void} again */
  broken(error, again) {
    this.#shown = null;
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 403) return this.#say(t("You may not see this: {why}", { why: error.message }));
    const button = h("button", { type: "button", class: "quiet" }, t("Try again"));
    button.addEventListener("click", again);
    this.#say(error.status === 0 ? t("The service is not answering. Nothing is lost; it is asked again when you like.") : error.message, button);
  }

  /** @param {string} text @param {...Node} more */
  #say(text, ...more) {
    const waits = text === t("Reading your history.");
    if (!waits) setAttributes(this.root, { "aria-busy": null });
    this.state.style.minHeight = waits ? `${this.height}px` : "";
    this.state.replaceChildren(h("p", {}, text), ...more);
    show(this.state, true);
    show(this.figure, false);
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    setAttributes(this.root, { "aria-busy": null });
    show(this.figure, true);
    this.draw();
    show(this.state, false);
  }

  /** Draws what is shown in the present colours and width. */
  draw() {
    const shown = this.#shown;
    this.#width = this.plot.clientWidth;
    if (!shown || this.#gone || this.#width === 0) return;
    const look = lookOf(this.#width, this.height);
    say(this.sentence, unbroken([shown.sentence, sourceSentence(this.page.source)].filter(Boolean).join(" ")));
    this.legend.replaceChildren(...(shown.legend ?? []).map(({ sign, word }) => h("li", {}, sign, word)));
    show(this.legend, Boolean(shown.legend?.length));
    setAttributes(this.drawn, { "aria-hidden": shown.grid ? null : "true" });
    this.#fill();
    if (shown.svg) this.#own(shown, shown.svg(look), look);
    else void this.#echarts(shown, look);
  }

  /** @param {Shown} shown @param {SVGSVGElement} svg @param {Look} look */
  #own(shown, svg, look) {
    this.#chart?.dispose();
    this.#chart = null;
    this.drawn.style.height = "";
    this.drawn.replaceChildren(svg);
    show(this.missing, false);
    if (shown.grid) {
      this.reader.use(null, [], this.#width);
      setAttributes(this.plot, { role: null, "aria-label": null });
    } else this.#read(shown, look, (at) => at);
  }

  /** @param {Shown} shown @param {Look} look */
  async #echarts(shown, look) {
    this.drawn.style.height = `${this.height}px`;
    const library = await chartLibrary();
    if (this.#gone || this.#shown !== shown || !shown.option) return;
    show(this.missing, library === null);
    show(this.plot, library !== null);
    if (library === null) return void (this.table.open = true);
    if (!this.#chart) {
      this.drawn.replaceChildren();
      this.#chart = library.init(this.drawn, null, { renderer: "svg", width: look.width, height: this.height });
    } else if (this.#chart.getWidth() !== look.width) this.#chart.resize({ width: look.width, height: this.height });
    this.#chart.setOption(shown.option(look), { notMerge: true });
    this.#read(shown, look, (value) => this.xOf(value));
  }

  /** @param {Shown} shown @param {Look} look @param {(at: number) => number} x */
  #read({ reading }, look, x) {
    const it = typeof reading === "function" ? reading(look) : reading ?? null;
    this.reader.use(it, (it?.at ?? []).map(x), look.width);
  }

  /** px of a value of the x axis that ECharts drew. @param {number} value @returns {number} */
  xOf(value) {
    return this.#chart?.convertToPixel({ xAxisIndex: 0 }, value) ?? NaN;
  }

  /** The value of the x axis at px. @param {number} x @returns {number} */
  valueAt(x) {
    return this.#chart?.convertFromPixel({ xAxisIndex: 0 }, x) ?? NaN;
  }

  #fill() {
    const shown = this.#shown;
    if (!shown || !this.table.open) return;
    const { columns, rows, caption } = shown.table;
    this.rows.replaceChildren(h("table", {},
      h("caption", {}, [caption ?? this.title, shown.range].join(", ")),
      h("thead", {}, h("tr", {}, ...columns.map((it) => h("th", { scope: "col" }, it)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, i) => (i ? h("td", {}, words(cell)) : h("th", { scope: "row" }, words(cell)))))))));
  }

  /** @param {"CSV"|"PNG"|"SVG"} kind */
  async #save(kind) {
    const shown = this.#shown;
    if (!shown) return;
    const { source } = this.page;
    const name = ["sitwell", this.name, shown.file, ...(source ? [source] : [])].join("-");
    if (kind === "CSV") {
      return save(`${name}.csv`, new Blob([csvOf(shown.table.columns, shown.table.rows, source)], { type: "text/csv;charset=utf-8" }));
    }
    const drawn = this.drawn.querySelector("svg");
    if (!drawn) return;
    const svg = svgOf({ title: this.title, range: shown.range, sentence: this.sentence.textContent ?? "", source, drawn, legend: shown.legend ?? [] });
    if (kind === "SVG") save(`${name}.svg`, new Blob([svgText(svg)], { type: "image/svg+xml" }));
    else save(`${name}.png`, await pngOf(svg));
  }

  /** Lets go of everything; a page calls it in `leave()`. */
  dispose() {
    this.#gone = true;
    this.#ends.forEach((end) => end());
    this.#chart?.dispose();
    this.#chart = null;
  }
}

/** @param {Cell} cell */
function words(cell) {
  if (cell !== null && typeof cell === "object") return cell.text;
  return cell === null ? t("unknown") : String(cell);
}

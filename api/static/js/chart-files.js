// @ts-check
/** A chart as a file: its figures as CSV, what is seen as SVG or PNG, with its title, legend and sentence. */

import { s } from "./dom.js";
import { sourceWords } from "./source.js";

/** @typedef {string|number|null|{value: string|number|null, text: string}} Cell */

/** What a drawn element looks like by style sheets, and has to say itself in a file. */
const SEEN = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity",
  "font-size", "font-weight", "text-anchor", "dominant-baseline",
];
/** What every element has unless it says otherwise, and no file needs to repeat. @type {Record<string, string>} */
const PLAIN = {
  "fill-opacity": "1", "stroke": "none", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter",
  "stroke-opacity": "1", "opacity": "1", "text-anchor": "start", "dominant-baseline": "auto",
};
const PAD = 16;
const LINE = 18;
const PNG_SCALE = 2;

/**
 * RFC 4180, numbers with a point, nothing where nothing is known; the last column marks data that were made up or replayed.
 * @param {string[]} columns
 * @param {Cell[][]} rows
 * @param {import("./source.js").Source} source
 */
export function csvOf(columns, rows, source) {
  const lines = [columns, ...rows.map((row) => row.map((cell) => (cell !== null && typeof cell === "object" ? cell.value : cell)))];
  if (source) lines.forEach((line, i) => line.push(i ? source : "data"));
  return lines.map((line) => line.map(field).join(",") + "\r\n").join("");
}

/** @param {string|number|null|undefined} value */
function field(value) {
  const text = value === null || value === undefined ? "" : String(value).replaceAll("\u00a0", " ");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @typedef {object} Picture
 * @property {string} title
 * @property {string} range the time that is shown
 * @property {string} sentence
 * @property {import("./source.js").Source} source
 * @property {SVGSVGElement} drawn
 * @property {{sign: SVGSVGElement, word: string}[]} legend
 */

/** One SVG file of what is seen. @param {Picture} picture @returns {SVGSVGElement} */
export function svgOf({ title, range, sentence, source, drawn, legend }) {
  const body = getComputedStyle(document.body);
  const box = drawn.getBoundingClientRect();
  const width = Math.ceil(Math.max(box.width, 480)) + 2 * PAD;
  const measure = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  measure.font = `13px ${body.fontFamily}`;
  const long = (/** @type {string} */ text) => measure.measureText(text).width;
  const muted = getComputedStyle(document.documentElement).getPropertyValue("--muted") ? mutedColour() : body.color;
  const parts = [];
  let y = PAD + 14;
  const write = (/** @type {string} */ text, /** @type {number} */ x, size = 13, colour = muted, weight = 400) => {
    const it = s("text", { x, y, fill: colour, "font-size": size, "font-weight": weight });
    it.textContent = text;
    parts.push(it);
  };
  write(title, PAD, 17, body.color, 600);
  y += LINE + 2;
  write([range, sourceWords(source)].filter(Boolean).join(" · "), PAD);
  y += 12;
  const chart = plain(drawn);
  for (const [name, value] of Object.entries({ x: PAD, y, width: Math.ceil(box.width), height: Math.ceil(box.height), overflow: "hidden" })) chart.setAttribute(name, String(value));
  if (!chart.hasAttribute("viewBox")) chart.setAttribute("viewBox", `0 0 ${Math.ceil(box.width)} ${Math.ceil(box.height)}`);
  parts.push(chart);
  y += Math.ceil(box.height) + LINE + 4;
  let x = PAD;
  for (const { sign, word } of legend) {
    if (x > PAD && x + 24 + long(word) > width - PAD) [x, y] = [PAD, y + LINE + 4];
    const copy = plain(sign);
    for (const [name, value] of Object.entries({ x, y: y - 13, width: 16, height: 16 })) copy.setAttribute(name, String(value));
    parts.push(copy);
    write(word, x + 22, 13, body.color);
    x += 22 + long(word) + 18;
  }
  if (legend.length) y += LINE + 6;
  for (const line of wrapped(sentence, width - 2 * PAD, long)) {
    write(line, PAD);
    y += LINE;
  }
  const height = Math.ceil(y - LINE + PAD);
  const ground = s("rect", { width, height, fill: getComputedStyle(document.body).backgroundColor });
  const root = s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": body.fontFamily, role: "img" }, ground, ...parts);
  const name = s("title");
  name.textContent = [title, range, sourceWords(source)].filter(Boolean).join(", ");
  root.prepend(name, patternsOf(root));
  return root;
}

function mutedColour() {
  const probe = document.createElement("span");
  probe.className = "hint";
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A copy that needs no style sheet. @template {SVGElement} T @param {T} drawn @returns {T} */
function plain(drawn) {
  const copy = /** @type {T} */ (drawn.cloneNode(true));
  const originals = [drawn, ...drawn.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, i) => {
    const it = copies[i];
    for (const name of ["class", "style", "tabindex", "aria-hidden", "focusable"]) it.removeAttribute(name);
    for (const { name } of [...it.attributes]) if (/^(data-|aria-|on)/.test(name)) it.removeAttribute(name);
    const style = getComputedStyle(original);
    if (style.display === "none" || style.visibility === "hidden") {
      if (i) it.remove();
      return;
    }
    if (original.closest("defs, clipPath") && !original.closest("pattern")) return;
    for (const name of SEEN) {
      const value = style.getPropertyValue(name).replace(/url\("?[^"#)]*#([^")]+)"?\)/, "url(#$1)");
      if (value === PLAIN[name] || !value) it.removeAttribute(name);
      else it.setAttribute(name, value);
    }
  });
  return copy;
}

/** The patterns of the page that are used in `root`, by value. @param {SVGElement} root */
function patternsOf(root) {
  const used = new Set();
  for (const it of root.querySelectorAll("[fill^='url(']")) used.add(it.getAttribute("fill")?.slice(5, -1));
  const defs = s("defs");
  for (const id of used) {
    const pattern = document.querySelector(`.patterns #${CSS.escape(id)}`);
    if (pattern && !root.querySelector(`#${CSS.escape(id)}`)) defs.append(plain(/** @type {SVGElement} */ (pattern)));
  }
  return defs;
}

/** @param {string} text @param {number} width px @param {(text: string) => number} long */
function wrapped(text, width, long) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && long(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** @param {SVGSVGElement} svg */
export function svgText(svg) {
  return new XMLSerializer().serializeToString(svg);
}

/** @param {SVGSVGElement} svg @returns {Promise<Blob>} at twice its size, for paper and dense screens */
export async function pngOf(svg) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svgText(svg)], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Number(svg.getAttribute("width")) * PNG_SCALE;
    canvas.height = Number(svg.getAttribute("height")) * PNG_SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, refuse) => canvas.toBlob((it) => (it ? resolve(it) : refuse(new Error("the picture is too large"))), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Hands a file to the browser, which asks or saves as it is set to. @param {string} name @param {Blob} content */
export function save(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// @ts-check
/** Fields with a label, a hint and what is wrong beside them, and what the service says about each. */

import { ApiError } from "./api.js";
import { h, say, setAttributes, show } from "./dom.js";
import { spoken, t, told } from "./languages.js";
import { capital } from "./words.js";

/** @typedef {HTMLInputElement|HTMLSelectElement} Control */

let count = 0;

/** A control with its label; `problem(text)` says what is wrong with it, and takes that back when it is empty. */
export class Field {
  /**
   * @param {Control} control
   * @param {string} label
   * @param {{hint?: string, after?: Node|string}} [more] after: what follows the control, as its unit
   */
  constructor(control, label, { hint = "", after = "" } = {}) {
    if (!control.id) control.id = `field-${++count}`;
    this.control = control;
    this.hint = h("p", { class: "hint", id: `${control.id}-hint`, hidden: hint === "" }, hint);
    this.error = h("p", { class: "error", id: `${control.id}-error`, role: "status" });
    setAttributes(control, { "aria-describedby": [hint ? this.hint.id : "", this.error.id].filter(Boolean).join(" ") });
    const line = after === "" ? control : h("span", { class: "with-unit" }, control, h("span", { class: "unit" }, after));
    this.element = h("div", { class: "field" }, h("label", { for: control.id }, label), line, this.hint, this.error);
  }

  /** @param {string} text */
  problem(text) {
    say(this.error, text);
    setAttributes(this.control, { "aria-invalid": text ? "true" : null });
  }
}

/**
 * Says what the service has against a request: beside the fields that it points at, the rest in `general`.
 * @param {unknown} error rethrown when it is none of the service's
 * @param {Record<string, Field>} fields by pointer, as `/body/name`; one stands for all below it
 * @param {HTMLElement} general
 */
export function showProblem(error, fields, general) {
  if (!(error instanceof ApiError)) throw error;
  const rest = [];
  let first = null;
  for (const { pointer = "", detail } of error.errors) {
    const key = Object.keys(fields).find((it) => pointer === it || pointer.startsWith(`${it}/`));
    if (key === undefined) rest.push(detailWords(detail));
    else {
      fields[key].problem(detailWords(detail));
      first ??= fields[key].control;
    }
  }
  if (error.errors.length === 0) rest.push(problemWords(error));
  say(general, rest.join(" "));
  show(general, rest.length > 0);
  first?.focus();
}

/** What is wrong with one value; the service says it in English, and not all of that has words. @param {string} detail */
export function detailWords(detail) {
  const words = told(detail);
  return words === detail && spoken() !== "en" ? t("This value is not one that can be.") : sentence(words);
}

/**
 * What the service has against a request, in words that say what to do.
 * @param {ApiError} error
 */
export function problemWords(error) {
  if (error.status === 0) return t("The service is not answering. Nothing was changed; try again in a moment.");
  if (error.status === 429) return t("That was too much at once. Wait a moment, then try again.");
  if (error.status === 503) return t("The store is not available now. Nothing was changed; try again in a moment.");
  return sentence(error.message);
}

/** @param {string} text */
function sentence(text) {
  return /[.?)]$/.test(text) ? capital(text) : `${capital(text)}.`;
}

/** Takes all back that was said. @param {Field[]} fields @param {HTMLElement} general */
export function clearProblems(fields, general) {
  fields.forEach((field) => field.problem(""));
  say(general, "");
  show(general, false);
}

/** Where what concerns no single field is said. @param {string} [testid] */
export function generalProblem(testid = "problem") {
  return h("p", { class: "error general", role: "status", "data-testid": testid, hidden: true });
}

/**
 * A button that calls, and is not pressed twice meanwhile.
 * @param {string} text
 * @param {() => Promise<unknown>} call
 * @param {import("./dom.js").Attributes} [attributes]
 */
export function button(text, call, attributes = {}) {
  const made = h("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    setAttributes(made, { "aria-disabled": "true" }); // not disabled: that would lose the focus
    try {
      await call();
    } finally {
      setAttributes(made, { "aria-disabled": null });
    }
  });
  return made;
}

// @ts-check
/** What is not measured here and now, and how that is said: data of a simulated person, or of a replayed recording. */

import { h } from "./dom.js";
import { t, texts } from "./languages.js";

/** @typedef {"simulated"|"replayed"|""} Source */

/** @type {Record<string, string>} */
const WORDS = texts({ simulated: "Simulated data", replayed: "Replayed data", "": "" });
/** @type {Record<string, string>} */
const SENTENCES = texts({ simulated: "Simulated data.", replayed: "Replayed data.", "": "" });

/** Above a file, and in the header. @param {Source} source */
export function sourceWords(source) {
  return source && t(WORDS[source]);
}

/** Beside what is said of data. @param {Source} source */
export function sourceSentence(source) {
  return source && t(SENTENCES[source]);
}

/** Beside a heading: it shows itself by what the document is marked with. @returns {HTMLElement} */
export function sourceTag() {
  return h("span", { class: "tag sim", "aria-hidden": "true" },
    h("span", { "data-of": "simulated" }, t("simulated")), h("span", { "data-of": "replayed" }, t("replayed")));
}

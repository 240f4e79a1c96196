// @ts-check
/** The second look at what cannot be taken back: a dialog that says what will happen, and may want a word typed. */

import { h, say, setAttributes } from "./dom.js";
import { t } from "./languages.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {(Node|string)[]} body what will happen
 * @property {string} action the button that does it
 * @property {boolean} [risk] whether data are lost
 * @property {{word: string, label: string}} [typed] what has to be typed first
 */

let count = 0;

/**
 * Asks, and goes back to where the focus was. Escape, and clicking beside it, are a no.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, body, action, risk = false, typed }) {
  const id = `ask-${++count}`;
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  const yes = h("button", { type: "submit", value: "yes", class: risk ? "primary risk" : "primary", "data-testid": "ask-yes" }, action);
  const no = h("button", { type: "button", "data-testid": "ask-no" }, t("Cancel"));
  const word = h("input", { id: `${id}-word`, type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "data-testid": "ask-word", "aria-describedby": `${id}-hint` });
  const hint = h("p", { class: "error", id: `${id}-hint`, "data-testid": "ask-hint" });
  const form = h("form", { method: "dialog" },
    h("h2", { id: `${id}-title` }, title),
    h("div", { class: "ask-body" }, ...body),
    ...(typed ? [h("div", { class: "field" }, h("label", { for: word.id }, typed.label), word, hint)] : []),
    h("p", { class: "ask-buttons" }, no, yes));
  const dialog = h("dialog", { class: "ask", "aria-labelledby": `${id}-title`, "data-testid": "ask" }, form);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close(""));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
  form.addEventListener("submit", (event) => {
    if (!typed || word.value.trim() === typed.word) return;
    event.preventDefault();
    say(hint, t("This is not “{word}”.", { word: typed.word }));
    setAttributes(word, { "aria-invalid": "true" });
    word.focus();
  });
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      done(dialog.returnValue === "yes");
    });
    dialog.showModal();
    (typed ? word : no).focus();
  });
}

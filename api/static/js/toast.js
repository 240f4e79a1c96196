// @ts-check
/** What was just changed, said once, with a way back. It stays until something else is changed or it is closed: nobody is hurried. */

import { h, s } from "./dom.js";
import { t } from "./languages.js";

/** @type {HTMLElement|null} */
let box = null;

/**
 * @param {string} text
 * @param {(() => void)|null} [undo]
 */
export function toast(text, undo = null) {
  if (!box) {
    box = h("div", { class: "toast", "data-testid": "toast" });
    box.addEventListener("keydown", (event) => event.key === "Escape" && quiet());
    document.querySelector("main")?.append(box);
  }
  const back = h("button", { type: "button", class: "quiet", "data-testid": "toast-undo" }, t("Undo"));
  back.addEventListener("click", () => {
    quiet();
    undo?.();
  });
  const close = h("button", { type: "button", class: "icon", "aria-label": t("Close this line"), "data-testid": "toast-close" },
    s("svg", { class: "sign", viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, s("path", { d: "M6 6l12 12M18 6L6 18" })));
  close.addEventListener("click", quiet);
  const said = h("p", { role: "status" });
  box.replaceChildren(said, ...(undo ? [back] : []), close);
  box.hidden = false;
  said.textContent = text; // after it is there, so that a screen reader says it
}

/** Takes the line away, and its focus with it. */
export function quiet() {
  if (!box) return;
  if (box.contains(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
  box.hidden = true;
  box.replaceChildren();
}

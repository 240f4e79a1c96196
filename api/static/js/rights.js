// @ts-check
/** What whoever looks at this page may do here. A session keeps its rights for as long as it lasts, so they are asked for once. */

import { h } from "./dom.js";
import { t } from "./languages.js";

/** @typedef {"read"|"write"|"admin"|"organisation"} Right */

/** @typedef {{who: string, rights: Right[], wearer: string|null, expires_at: string|null}} Session */

/** @type {Promise<Session>|null} */
let asked = null;

/** @param {import("./api.js").Api} api @returns {Promise<Session>} */
export function session(api) {
  asked ??= api.get("session");
  asked.catch(() => (asked = null));
  return asked;
}

/** @param {Session} who @param {Right} right */
export function may(who, right) {
  return who.rights.includes(right);
}

/**
 * Says why nothing can be changed here.
 * @returns {HTMLElement}
 */
export function onlyLooking() {
  return h("p", { class: "looking", "data-testid": "only-looking" },
    t("You may look here, and change nothing: that wants the right to write. Whoever runs this Sitwell can give it to you."));
}

/**
 * The whole page, for somebody who may not see it.
 * @param {string} title
 * @param {string} missing what is missing, a sentence
 * @returns {HTMLElement[]}
 */
export function forbidden(title, missing) {
  return [
    h("h2", {}, title),
    h("div", { class: "notice", "data-testid": "forbidden" },
      h("p", { class: "what" }, t("This page is not for you.")),
      h("p", {}, missing),
      h("p", {}, t("Whoever runs this Sitwell can let you in: on its machine, this prints a link that does.")),
      h("p", { class: "command" }, h("code", {}, "sitwell login"))),
  ];
}

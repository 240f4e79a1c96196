// @ts-check
/** Coming in: what somebody sees who is not let in, and what becomes of a login link. */

import { ApiError } from "./api.js";
import { h, say, show } from "./dom.js";
import { t } from "./languages.js";

const LINK = /#login=([\w-]+)$/;

/** Takes the secret of a login link out of the address, so that no history keeps it; empty without one. */
export function secretOfLink() {
  const secret = LINK.exec(location.hash)?.[1] ?? "";
  if (secret) history.replaceState(null, "", location.pathname + location.search);
  return secret;
}

/**
 * Says how to log in, and returns once somebody has.
 * @param {HTMLElement} root
 * @param {import("./api.js").Api} api
 * @returns {Promise<void>}
 */
export function askToLogIn(root, api) {
  const rest = /** @type {HTMLElement} */ (document.querySelector(".columns"));
  const secret = h("input", { id: "secret", type: "password", autocomplete: "off", "data-testid": "login-secret" });
  const button = h("button", { type: "submit", class: "quiet", "data-testid": "login-button" }, t("Log in"));
  const refused = h("p", { role: "status", "data-testid": "login-refused", hidden: true });
  const form = h("form", {},
    h("label", { for: "secret" }, t("A link or a token that you were given can be put in here:")),
    h("p", { class: "command" }, secret, button), refused);
  root.replaceChildren(h("div", { class: "notice", "data-testid": "login" },
    h("p", { class: "what" }, t("Log in to see your day.")),
    h("p", {}, t("The service asks who you are. On the machine that it runs on, this prints a link that lets you in:")),
    h("p", { class: "command" }, h("code", {}, "sitwell login")),
    form));
  show(rest, false);
  return new Promise((done) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = secret.value.trim();
      try {
        await api.logIn(LINK.exec(said)?.[1] ?? said);
        show(rest, true);
        done();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(refused, error.status === 401 ? t("This does not let you in: it was used already, has expired, or is no secret. Ask for a new one.") : error.message);
        show(refused, true);
      }
    });
  });
}

// @ts-check
/** A new token, whose secret is shown once; and a link that logs a browser in. */

import { h, say, show } from "../../dom.js";
import { Field, button, clearProblems, generalProblem, showProblem } from "../../form.js";
import { t, texts } from "../../languages.js";
import { moment } from "../../when.js";
import { HOLDS, RIGHTS } from "./rights-words.js";

/** @typedef {import("../../types.js").Wearer} Wearer */
/** @typedef {import("../../picture.js").Picture} Picture */

/** For how long a token may be good, by days; 0 is without an end. @type {Record<string, string>} */
const SPANS = texts({ 7: "a week", 30: "30 days", 365: "a year", 0: "for ever" });
const SPAN_ORDER = ["7", "30", "365", "0"];

/**
 * A secret that is shown now and never again, with a way to take it along.
 * @param {string} secret
 * @param {string} testid
 * @returns {HTMLElement}
 */
function shownOnce(secret, testid) {
  const code = h("code", { class: "secret", tabindex: 0, "data-testid": testid }, secret);
  const said = h("span", { class: "hint", role: "status" });
  const copy = button(t("Copy"), async () => {
    try {
      await navigator.clipboard.writeText(secret);
      say(said, t("Copied."));
    } catch {
      getSelection()?.selectAllChildren(code);
      say(said, t("Your browser does not let it be copied; it is marked, copy it yourself."));
    }
  }, { class: "quiet", "data-testid": `${testid}-copy` });
  return h("p", { class: "secret-line" }, code, copy, said);
}

/** Who is reached, and what may be done: the part that tokens and links share. @param {Wearer[]} wearers @param {string} id @param {string} chosen */
function boundsOf(wearers, id, chosen) {
  const wearer = h("select", { id: `${id}-wearer`, "data-testid": `${id}-wearer` },
    h("option", { value: "" }, t("Everybody")), ...wearers.map((it) => h("option", { value: it.id }, it.name)));
  const radios = /** @type {(keyof typeof RIGHTS)[]} */ (Object.keys(RIGHTS)).map((right) => {
    const radio = h("input", { type: "radio", name: `${id}-right`, value: right, checked: right === chosen, id: `${id}-${right}`, "data-testid": `${id}-${right}`, "aria-describedby": `${id}-${right}-what` });
    return { right, radio, row: h("div", { class: "right" }, radio, h("label", { for: radio.id }, t(RIGHTS[right])), h("span", { class: "hint", id: `${id}-${right}-what` }, t(HOLDS[right]))) };
  });
  const field = new Field(wearer, t("Whose data"), { hint: t("Of one wearer, and it is as if nobody else were there. Administering and averages are about everybody.") });
  const fit = () => {
    for (const { right, radio } of radios) {
      radio.disabled = wearer.value !== "" && (right === "admin" || right === "organisation");
      if (radio.disabled && radio.checked) radios[0].radio.checked = true;
    }
  };
  wearer.addEventListener("change", fit);
  return {
    field,
    rights: h("fieldset", { class: "rights" }, h("legend", {}, t("What may be done")), ...radios.map((it) => it.row)),
    /** As the API wants it. */
    get wish() {
      return { rights: radios.filter((it) => it.radio.checked).map((it) => it.right), wearer: wearer.value || null };
    },
  };
}

/** @param {Picture} page @param {Wearer[]} wearers @param {() => Promise<unknown>} changed @returns {HTMLElement} */
export function mountToken(page, wearers, changed) {
  const name = h("input", { type: "text", maxlength: 60, autocomplete: "off", id: "token-name", "data-testid": "token-name" });
  const days = h("select", { id: "token-days", "data-testid": "token-days" }, ...SPAN_ORDER.map((value) => h("option", { value, selected: value === "365" }, t(SPANS[value]))));
  const fields = { name: new Field(name, t("Name"), { hint: t("What it is for, so that you know it later: “grafana”, “wall display”.") }), days: new Field(days, t("Good for")) };
  const bounds = boundsOf(wearers, "token", "read");
  const general = generalProblem("token-problem");
  const made = h("div", { class: "made", "data-testid": "token-made", hidden: true });
  const form = h("form", { novalidate: true }, fields.name.element, bounds.field.element, bounds.rights, fields.days.element, general,
    h("p", {}, h("button", { type: "submit", class: "primary", "data-testid": "token-make" }, t("Make the token"))));
  const details = h("details", { class: "make", "data-testid": "make-token" }, h("summary", {}, t("Make a token for a program")), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearProblems([...Object.values(fields), bounds.field], general);
    if (name.value.trim() === "") {
      fields.name.problem(t("It wants a name."));
      return name.focus();
    }
    try {
      const { token, secret } = await page.api.send("POST", "tokens", { name: name.value.trim(), ...bounds.wish, days: Number(days.value) || null });
      const title = h("h3", { tabindex: -1 }, t("The secret of “{name}”", { name: token.name }));
      made.replaceChildren(title,
        h("p", {}, t("It is shown this once and never again: Sitwell keeps only its fingerprint. Whoever has it can do what it may.")),
        shownOnce(secret, "token-secret"),
        h("p", { class: "hint" }, t("A program sends it with each request:"), " ", h("code", {}, "Authorization: Bearer \u2026")),
        h("p", {}, button(t("I have it"), async () => {
          made.replaceChildren(); // the secret is nowhere on the page any more
          show(made, false);
          /** @type {HTMLElement|null} */ (details.querySelector("summary"))?.focus();
        }, { class: "primary", "data-testid": "token-have" })));
      show(made, true);
      form.reset();
      details.open = false;
      title.focus();
      await changed();
    } catch (error) {
      showProblem(error, { "/body/name": fields.name, "/body/days": fields.days, "/body/wearer": bounds.field, "/body/rights": bounds.field, "/body": bounds.field }, general);
    }
  });
  return h("section", { class: "token-making", "aria-label": t("Make a token for a program") }, details, made);
}

/** @param {Picture} page @param {Wearer[]} wearers @param {() => Promise<unknown>} changed @returns {HTMLElement} */
export function mountLink(page, wearers, changed) {
  const bounds = boundsOf(wearers, "link", "write");
  const general = generalProblem("link-problem");
  const made = h("div", { class: "made", "data-testid": "link-made", hidden: true });
  const form = h("form", {}, bounds.field.element, bounds.rights, general,
    h("p", {}, h("button", { type: "submit", class: "primary", "data-testid": "link-make" }, t("Make the link"))));
  const details = h("details", { class: "make", "data-testid": "make-link" }, h("summary", {}, t("Let a person in with a link")), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearProblems([bounds.field], general);
    try {
      const { path, expires_at } = await page.api.send("POST", "login-links", bounds.wish);
      const title = h("h3", { tabindex: -1 }, t("A link that lets one browser in"));
      made.replaceChildren(title,
        h("p", {}, t("It works once, until {when}. The session it opens lasts 30 days.", { when: moment(expires_at, page.wearer.timezone) })),
        shownOnce(new URL(path.slice(1), new URL("./", document.baseURI)).href, "link-secret"),
        ...(["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)
          ? [h("p", { class: "hint" }, t("This address leads to this machine alone. For another one, open Sitwell by the name it has there, or see docs/security.md."))] : []),
        h("p", {}, button(t("I have it"), async () => {
          made.replaceChildren();
          show(made, false);
          /** @type {HTMLElement|null} */ (details.querySelector("summary"))?.focus();
        }, { class: "primary", "data-testid": "link-have" })));
      show(made, true);
      details.open = false;
      title.focus();
      await changed();
    } catch (error) {
      showProblem(error, { "/body": bounds.field }, general);
    }
  });
  return h("section", { class: "token-making", "aria-label": t("Let a person in with a link") }, details, made);
}


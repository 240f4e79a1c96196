// @ts-check
/** The way to the pages that a narrow screen's bar has no room for. */

import { h } from "../dom.js";
import { LANGUAGES, choose, chosen, t, texts } from "../languages.js";
import { PAGES, address } from "../router.js";

/** What each is for, by name. @type {Record<string, string>} */
const WHAT = texts({
  sensors: "What you wear, its battery and link; pair, calibrate, let it show itself.",
  settings: "When and how Sitwell speaks to you, and why the limits are what they are.",
  tokens: "Who may ask this service, and how others get in.",
  data: "Take everything with you, or have it erased.",
  about: "Version, licences, and what Sitwell is not.",
});

/** @param {HTMLElement} place @returns {import("../router.js").Shown} */
export function mount(place) {
  const links = PAGES.filter(({ name }) => name in WHAT).map(({ name, title }) =>
    h("li", {}, h("a", { href: address(name), "data-testid": `more-${name}` }, h("strong", {}, t(title)), h("span", {}, t(WHAT[name])))));
  place.append(h("h2", {}, t("More")), h("ul", { class: "more-list" }, ...links), languageChoice());
  return {};
}

/** The language of the page in this browser. */
function languageChoice() {
  const own = chosen();
  const select = h("select", { id: "language", "data-testid": "language" },
    h("option", { value: "" }, t("The wearer's, as alerts are said")),
    ...LANGUAGES.map(([tag, name]) => h("option", { value: tag, lang: tag, selected: tag === own }, name)));
  select.addEventListener("change", () => {
    choose(select.value || null);
    location.reload(); // what is said already would stay
  });
  return h("p", { class: "language" }, h("label", { for: "language" }, t("Language of this page, in this browser")), select);
}

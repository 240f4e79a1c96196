// @ts-check
/** The way to the pages that a narrow screen's bar has no room for. */

import { h } from "../dom.js";
import { t, texts } from "../languages.js";
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
  place.append(h("h2", {}, t("More")), h("ul", { class: "more-list" }, ...links));
  return {};
}

// @ts-check
/** Settings: when and how Sitwell speaks, why the limits are what they are, and the way back from each change. */

import { h } from "../dom.js";
import { t } from "../languages.js";
import { may, onlyLooking, session } from "../rights.js";
import { address } from "../router.js";
import { quiet } from "../toast.js";
import { AlertSettings } from "./settings/alert-settings.js";
import { mountBrowser } from "./settings/browser.js";
import { mountChannels } from "./settings/channels.js";
import { GROUPS } from "./settings/names.js";
import { mountPresets } from "./settings/presets.js";
import { mountYou } from "./settings/you.js";

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @param {string[]} words a section to go to
 * @returns {Promise<import("../router.js").Shown>}
 */
export async function mount(place, page, words) {
  const who = await session(page.api);
  const writes = may(who, "write");
  const settings = new AlertSettings(page, writes);
  await settings.ask();
  const presets = mountPresets(settings, writes);
  const channels = mountChannels(page, writes);
  const browser = mountBrowser(page);
  const you = await mountYou(page, settings, writes);
  /** @type {[string, string, HTMLElement][]} */
  const sections = [
    ["presets", t("Presets"), presets.root],
    ...Object.entries(GROUPS).map(([id, title]) => /** @type {[string, string, HTMLElement]} */ ([id, t(title), settings.group(id)])),
    ...settings.others(),
    ["channels", t("Channels"), channels.root],
    ["browser", t("This browser"), browser.root],
    ["you", t("You"), you.root],
  ];
  const links = sections.map(([id, title]) => h("li", {}, h("a", { href: address("settings", id), "data-testid": `to-section-${id}` }, title)));
  place.append(
    h("div", { class: "heading" }, h("h2", {}, t("Settings")), h("p", { class: "date" }, page.wearer.name)),
    h("div", { class: "settings-columns" },
      h("nav", { class: "sections", "aria-label": t("Sections of the settings") }, h("ul", {}, ...links)),
      h("div", { class: "settings-list" }, ...(writes ? [] : [onlyLooking()]),
        ...sections.map(([id, title, content]) => h("section", { class: "settings-section", id: `section-${id}`, tabindex: -1, "aria-labelledby": `section-${id}-title`, "data-testid": `section-${id}` },
          h("h3", { id: `section-${id}-title` }, title), content)))));
  const go = (/** @type {string[]} */ [section]) => {
    const target = section && document.getElementById(`section-${section}`);
    if (!target) return;
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  };
  if (words.length) window.setTimeout(() => go(words)); // after the router has gone to the top
  void channels.ask();
  return {
    go,
    leave: () => {
      quiet();
      browser.leave();
    },
  };
}

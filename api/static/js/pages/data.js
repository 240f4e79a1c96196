// @ts-check
/** Data: take everything along, have it erased, and how the store is. */

import { h } from "../dom.js";
import { t } from "../languages.js";
import { may, onlyLooking, session } from "../rights.js";
import { sourceTag } from "../source.js";
import { quiet } from "../toast.js";
import { mountErasing } from "./data/erasing.js";
import { mountExports } from "./data/exports.js";
import { mountStore } from "./data/store.js";

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @returns {Promise<import("../router.js").Shown>}
 */
export async function mount(place, page) {
  const [who, health, about] = await Promise.all([session(page.api), page.api.health(), page.api.get("about"), page.loadSensors()]);
  page.takeHealth(health);
  const writes = may(who, "write");
  const erases = who.wearer === null ? may(who, "admin") : writes;
  const exports = mountExports(page, writes);
  const store = mountStore(page, about.store);
  const erasing = mountErasing(page, erases, exports.ask);
  place.append(
    h("div", { class: "heading" }, h("h2", {}, t("Data")), h("p", { class: "date" }, page.wearer.name), sourceTag()),
    h("p", { class: "lead" }, t("What is measured is yours. It is on the machine that Sitwell runs on, and goes nowhere by itself.")),
    ...(writes ? [] : [onlyLooking()]),
    exports.root, store.root, erasing.root);
  void exports.ask(); // the page has the focus at once, not when its lists have come
  return {
    leave: () => {
      quiet();
      exports.leave();
      store.leave();
      erasing.leave();
    },
  };
}

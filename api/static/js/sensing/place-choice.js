// @ts-check
/** Where a sensor is worn: a drawn body, radio buttons, and what can and cannot be known from each place. */

import { h, say } from "../dom.js";
import { t } from "../languages.js";
import { drawBody } from "./body.js";
import { PLACES, placeName } from "./places.js";

/** What the guide of each kind of sensor says. @typedef {{name: string, title: string, placements: string[], wear: string, limits: string[]}} Guide */

/**
 * @param {HTMLElement} root
 * @param {import("../picture.js").Picture} page
 * @param {import("../types.js").Sensor} sensor
 * @param {Guide|null} guide
 * @returns {{chosen: () => string}}
 */
export function mountPlaceChoice(root, page, sensor, guide) {
  const others = [...page.sensors.values()].filter((it) => it.id !== sensor.id);
  const wornBy = (/** @type {string} */ placement) => others.find((it) => it.placement === placement) ?? null;
  let chosen = sensor.placement;
  const body = drawBody((placement) => {
    const radio = radios.get(placement);
    if (!radio || radio.disabled) return;
    radio.checked = true;
    radio.focus();
    choose(placement);
  }, { side: t("A body from the side, with a mark at each place"), behind: t("The same from behind") });
  /** @type {Map<string, HTMLInputElement>} */
  const radios = new Map();
  const names = [...(guide?.placements ?? []), ...Object.keys(PLACES)].filter((it, i, all) => it in PLACES && all.indexOf(it) === i);
  const how = h("p", { class: "how" });
  const can = h("dd");
  const cannot = h("dd");
  const labels = names.map((name) => {
    const worn = wornBy(name);
    const radio = h("input", { type: "radio", name: "place", value: name, checked: name === chosen, disabled: worn !== null, "data-testid": `place-${name}` });
    radios.set(name, radio);
    radio.addEventListener("change", () => choose(name));
    const note = worn ? t("{name} is there", { name: worn.name }) : guide?.placements.includes(name) ? t("fits this sensor") : "";
    return h("label", { class: worn ? "place taken" : "place" }, radio, h("span", {}, placeName(name)), h("small", {}, note));
  });
  const choose = (/** @type {string} */ name) => {
    chosen = name;
    const place = PLACES[name];
    say(how, t(place.how));
    say(can, t(place.can));
    say(cannot, t(place.cannot));
    body.show(name, (it) => wornBy(it) !== null);
  };
  choose(chosen);
  root.classList.add("place-choice");
  root.append(
    h("div", { class: "views" }, ...body.views),
    h("fieldset", { class: "places" }, h("legend", { class: "unseen" }, t("Where do you wear it?")), ...labels),
    h("div", { class: "knows", "data-testid": "knows", "aria-live": "polite" }, how,
      h("dl", {}, h("dt", {}, t("Known from there")), can, h("dt", {}, t("Not known from there")), cannot)),
  );
  if (guide) {
    root.append(h("details", { class: "guide" }, h("summary", {}, t("How to wear it, and what to know of it")), h("p", {}, h("strong", {}, guide.title), " ", t(guide.wear)),
      h("ul", {}, ...guide.limits.map((it) => h("li", {}, t(it))))));
  }
  return { chosen: () => chosen };
}

/** @param {import("../picture.js").Picture} page @param {string} driver @returns {Promise<Guide|null>} */
export async function guideOf(page, driver) {
  const { items } = await page.api.get("drivers");
  return items.find((/** @type {Guide} */ it) => it.name === driver) ?? null;
}

/**
 * Moves the sensor there; its calibration does not move along.
 * @param {import("../picture.js").Picture} page
 * @param {import("../types.js").Sensor} sensor
 * @param {string} placement
 */
export async function moveTo(page, sensor, placement) {
  if (placement === sensor.placement) return;
  const changed = await page.api.send("PATCH", `sensors/${encodeURIComponent(sensor.id)}`, { placement });
  page.sensors.set(changed.id, changed);
  page.changed("sensors");
}

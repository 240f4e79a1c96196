// @ts-check
/** The calibration, with what a skip means. */

import { h } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { Calibration } from "../../sensing/calibration.js";
import { placeName, placeOf } from "../../sensing/places.js";

export const words = texts({
  title: "Show it your upright",
  lead: "Sitwell compares you with yourself. Each pose is held for eight seconds.",
  skip: "Later: lean stays unknown until then",
});

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export function mount(root, host) {
  if (!placeOf(host.sensor.placement)?.poses) {
    root.append(h("p", { "data-testid": "no-pose" }, t("{place}: there is nothing to calibrate.", { place: placeName(host.sensor.placement) })));
    host.ready(t("Continue"), true);
    return {};
  }
  const place = h("div");
  root.append(place);
  const calibration = new Calibration(place, host.page, host.sensor, () => host.ready(t("Continue"), true));
  if (host.sensor.calibration) host.ready(t("Continue"), true);
  return { leave: () => calibration.leave() };
}

// @ts-check
/** A worn sensor is calibrated again. */

import { h } from "../../dom.js";
import { t } from "../../languages.js";
import { address } from "../../router.js";
import { Calibration } from "../../sensing/calibration.js";
import { placeName } from "../../sensing/places.js";

export class CalibrateView {
  /** @param {HTMLElement} root @param {import("../../picture.js").Picture} page @param {import("../../types.js").Sensor} sensor */
  constructor(root, page, sensor) {
    const place = h("div");
    const back = h("a", { class: "action", href: address("sensors"), "data-testid": "to-sensors-page" }, t("Back to the sensors"));
    root.append(h("div", {}, h("h2", { tabindex: -1 }, t("Calibrate {name}", { name: sensor.name })),
      h("p", { class: "hint" }, `${placeName(sensor.placement)}. ${t("What is calibrated now holds until the new one is taken.")}`)), place, h("div", { class: "answers" }, back));
    this.calibration = new Calibration(place, page, sensor, () => {
      back.classList.add("primary");
      back.textContent = t("Done: back to the sensors");
    }, true);
  }

  leave() {
    this.calibration.leave();
  }
}

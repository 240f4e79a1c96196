// @ts-check
/** A sensor is called otherwise, or worn elsewhere. */

import { ApiError } from "../../api.js";
import { h, say, setAttributes, show } from "../../dom.js";
import { t } from "../../languages.js";
import { address, goTo } from "../../router.js";
import { guideOf, mountPlaceChoice, moveTo } from "../../sensing/place-choice.js";

/** As the service takes them. */
const LONGEST_NAME = 64;

export class PlaceView {
  /** @param {HTMLElement} root @param {import("../../picture.js").Picture} page @param {import("../../types.js").Sensor} sensor */
  static async of(root, page, sensor) {
    return new PlaceView(root, page, sensor, await guideOf(page, sensor.driver));
  }

  /**
   * @param {HTMLElement} root @param {import("../../picture.js").Picture} page @param {import("../../types.js").Sensor} sensor
   * @param {import("../../sensing/place-choice.js").Guide|null} guide
   */
  constructor(root, page, sensor, guide) {
    const name = h("input", { id: "sensor-name", type: "text", value: sensor.name, maxlength: LONGEST_NAME, autocomplete: "off", "aria-describedby": "sensor-name-trouble", "data-testid": "sensor-name" });
    const nameTrouble = h("p", { class: "error", id: "sensor-name-trouble", role: "status" });
    const place = h("div");
    const trouble = h("p", { class: "trouble", role: "status", "data-testid": "place-trouble", hidden: true });
    const form = h("form", { class: "place-form" },
      h("div", { class: "field" }, h("label", { for: "sensor-name" }, t("Its name")), name, nameTrouble),
      place,
      h("p", { class: "hint" }, t("A calibration belongs to a place: worn elsewhere, the sensor wants a new one.")),
      trouble,
      h("div", { class: "answers" }, h("a", { class: "action", href: address("sensors") }, t("Cancel")),
        h("button", { type: "submit", class: "primary", "data-testid": "place-save" }, t("Save"))));
    root.append(h("h2", { tabindex: -1 }, t("Rename or move {name}", { name: sensor.name })), form);
    const choice = mountPlaceChoice(place, page, sensor, guide);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const called = name.value.trim();
      setAttributes(name, { "aria-invalid": called === "" ? "true" : null });
      say(nameTrouble, called === "" ? t("A sensor needs a name.") : "");
      if (called === "") return name.focus();
      try {
        if (called !== sensor.name) {
          const changed = await page.api.send("PATCH", `sensors/${encodeURIComponent(sensor.id)}`, { name: called });
          page.sensors.set(changed.id, changed);
        }
        await moveTo(page, sensor, choice.chosen());
        page.changed("sensors");
        const moved = choice.chosen() !== sensor.placement;
        goTo("sensors", ...(moved ? [sensor.id, "calibrate"] : []));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(trouble, error.message);
        show(trouble, true);
      }
    });
  }

  leave() {}
}

// @ts-check
/** Where it is worn, and what can be known from there. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { guideOf, moveTo, mountPlaceChoice } from "../../sensing/place-choice.js";

export const words = texts({
  title: "Where do you wear it?",
  lead: "Each place knows something else. For how you sit, the trunk is the one to begin with.",
});

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export async function mount(root, host) {
  const guide = await guideOf(host.page, host.sensor.driver);
  const choice = mountPlaceChoice(root, host.page, host.sensor, guide);
  const trouble = h("p", { class: "trouble", role: "status", hidden: true });
  root.append(trouble);
  host.ready(t("It is worn there"));
  return {
    next: async () => {
      try {
        await moveTo(host.page, host.sensor, choice.chosen());
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(trouble, error.status === 0 ? t("The service is not answering.") : error.message);
        show(trouble, true);
        return false;
      }
    },
  };
}

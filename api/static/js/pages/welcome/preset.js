// @ts-check
/** How much Sitwell speaks: one of the presets, with what each does in figures. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { hoursWords } from "../../words.js";

export const words = texts({
  title: "How much may it say?",
  lead: "You can change every limit later, on the page Settings.",
  skip: "Leave it as it is",
});

/** @type {Record<string, string>} */
const NAMES = texts({ gentle: "Gentle", office: "Office", back_pain_flare: "Back-pain flare", research: "Research" });

/** @type {Record<string, string>} */
const DOES = texts({
  gentle: "Few words: a break is suggested after {sitting} min of sitting, a change of posture after {shift} min. At most {day} alerts a day.",
  office: "A break is suggested after {sitting} min of sitting, a change of posture after {shift} min. At most {day} alerts a day.",
  back_pain_flare: "Short stretches: a break is suggested after {sitting} min of sitting, a change of posture after {shift} min. How you sit is left to what is comfortable.",
  research: "All is measured, and nothing is said about how you sit.",
});

const FIRST = "office";

/** @typedef {{name: string, departures: {name: string, value: any}[]}} Preset */

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export async function mount(root, host) {
  const { page } = host;
  const base = `wearers/${encodeURIComponent(page.wearer.id)}`;
  const settings = await page.api.get(`${base}/alert-settings`);
  const defaults = Object.fromEntries(settings.items.map((/** @type {{name: string, default: any}} */ it) => [it.name, it.default]));
  let chosen = settings.preset ?? FIRST;
  const ramp = h("input", { type: "checkbox", "data-testid": "ramp", checked: true });
  const ramped = h("label", { class: "ramp" }, ramp, h("span", {}, t("Begin gently, and come to it over three weeks")));
  const trouble = h("p", { class: "trouble", role: "status", hidden: true });
  const choose = (/** @type {string} */ name) => {
    chosen = name;
    show(ramped, name === "office");
  };
  const cards = settings.presets.map((/** @type {Preset} */ preset) => {
    const radio = h("input", { type: "radio", name: "preset", value: preset.name, checked: preset.name === chosen, "data-testid": `preset-${preset.name}` });
    radio.addEventListener("change", () => choose(preset.name));
    return h("label", { class: "preset" }, radio, h("span", { class: "told" },
      h("strong", {}, t(NAMES[preset.name] ?? preset.name)), h("span", {}, does(preset, defaults))));
  });
  choose(chosen);
  root.append(h("fieldset", { class: "presets" }, h("legend", { class: "unseen" }, t("Presets")), ...cards), ramped, trouble);
  host.ready(t("Take this one"));
  return {
    next: async () => {
      try {
        await page.api.send("PUT", `${base}/alert-preset`, { preset: chosen, ramp_up: chosen === "office" && ramp.checked });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(trouble, error.message);
        show(trouble, true);
        return false;
      }
    },
  };
}

/** @param {Preset} preset @param {Record<string, any>} defaults */
function does(preset, defaults) {
  const value = { ...defaults, ...Object.fromEntries(preset.departures.map((it) => [it.name, it.value])) };
  const figures = { sitting: Math.round(value.sitting_after_min), shift: Math.round(value.shift_after_min), day: value.alerts_per_day };
  const hours = hoursWords(value.quiet_hours);
  const said = [preset.name in DOES ? t(DOES[preset.name], figures) : "", hours && t("Quiet {hours}.", { hours })];
  return said.filter(Boolean).join(" ");
}

// @ts-check
/** Presets: what each is for, what would change, and the way to it over three weeks, all seen before it is taken. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { button, generalProblem, problemWords } from "../../form.js";
import { plural, t, texts, told } from "../../languages.js";
import { toast } from "../../toast.js";
import { date } from "../../when.js";
import { settingWord, valueWords } from "./names.js";

/** @typedef {import("./alert-settings.js").Answer} Answer */
/** @typedef {import("./names.js").Setting} Setting */

/** By the service's word. @type {Record<string, string>} */
const PRESETS = texts({
  gentle: "Gentle",
  office: "Office",
  back_pain_flare: "Back-pain flare",
  research: "Research",
});
/** What each is for. @type {Record<string, string>} */
const USES = texts({
  gentle: "Few alerts, late ones, no bends and twists. To begin with, or when Sitwell says too much.",
  office: "The defaults, with evenings off.",
  back_pain_flare: "Short bouts and many changes of posture; no slouch, no goals. For days on which your back hurts.",
  research: "Measures, and says nothing about posture.",
});
/** Days after the start at which the way to a preset takes a step. */
const STEPS = [0, 7, 14, 21];

/** @param {string} name */
function presetWord(name) {
  return name in PRESETS ? t(PRESETS[name]) : name.replaceAll("_", " ");
}

/**
 * @param {import("./alert-settings.js").AlertSettings} settings
 * @param {boolean} writes
 */
export function mountPresets(settings, writes) {
  const { page } = settings;
  const path = `wearers/${encodeURIComponent(page.wearer.id)}/alert-preset`;
  const now = h("p", { "data-testid": "preset-now" });
  const problem = generalProblem("preset-problem");
  const preview = h("div", { class: "preview", "data-testid": "preset-preview", hidden: true });
  const choices = h("ul", { class: "preset-cards" });
  const root = h("div", {}, now, h("p", { class: "hint" }, t("A preset departs from the defaults in a few settings. What you set yourself stays.")), choices, problem, preview);
  /** @type {HTMLElement|null} */
  let asked = null;

  /** @param {() => Promise<void>} call */
  const tried = async (call) => {
    try {
      await call();
      say(problem, "");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(problem, problemWords(error));
    }
    show(problem, problem.textContent !== "");
  };
  /** @param {string|null} preset @param {boolean} ramp_up */
  const take = (preset, ramp_up) => tried(async () => {
    const before = settings.answer;
    settings.take(await page.api.send("PUT", path, { preset, ramp_up }));
    close();
    toast(preset === null ? t("No preset holds now.") : ramp_up ? t("You are on the way to {preset}.", { preset: presetWord(preset) }) : t("{preset} holds now.", { preset: presetWord(preset) }),
      () => void tried(async () => settings.take(await page.api.send("PUT", path, { preset: before.preset, ramp_up: before.ramp_up_since !== null }))));
  });
  const close = () => {
    show(preview, false);
    asked?.focus();
    asked = null;
  };
  /** @param {string|null} preset @param {HTMLElement} from */
  const look = (preset, from) => tried(async () => {
    const [then, ...plan] = /** @type {Answer[]} */ (await Promise.all([
      page.api.get(path, { preset }), ...(preset === null ? [] : STEPS.map((days) => page.api.get(path, { preset, days }))),
    ]));
    asked = from;
    preview.replaceChildren(...seen(settings.answer, then, preset, plan));
    const title = h("h4", { tabindex: -1 }, preset === null ? t("Without a preset") : t("With {preset}", { preset: presetWord(preset) }));
    preview.prepend(title);
    preview.append(h("p", { class: "preview-buttons" },
      ...(writes ? [button(preset === null ? t("Take it away") : t("Take it now"), () => take(preset, false), { class: "primary", "data-testid": "preset-take" })] : []),
      ...(writes && preset !== null && ramps(plan) ? [button(t("Over three weeks"), () => take(preset, true), { "data-testid": "preset-ramp" })] : []),
      button(t("Leave it"), async () => close(), { "data-testid": "preset-leave" })));
    show(preview, true);
    title.focus();
  });
  const draw = () => {
    const { answer } = settings;
    say(now, nowWords(answer, page.wearer.timezone));
    const names = [...answer.presets.map((it) => it.name), null];
    const had = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.testid;
    choices.replaceChildren(...names.map((name) => {
      const on = answer.preset === name;
      const departures = answer.presets.find((it) => it.name === name)?.departures ?? [];
      const see = button(t("See what changes"), () => look(name, see), { class: "quiet", "data-testid": `preset-see-${name ?? "none"}`,
        "aria-label": name === null ? t("See what changes without a preset") : t("See what changes with {preset}", { preset: presetWord(name) }) });
      return h("li", { class: on ? "preset-card on" : "preset-card", "data-testid": `preset-${name ?? "none"}` },
        h("p", { class: "preset-name" }, h("strong", {}, name === null ? t("None") : presetWord(name)), ...(on ? [h("span", { class: "tag" }, t("in force"))] : [])),
        h("p", {}, name === null ? t("The defaults, and what you set yourself.") : name in USES ? t(USES[name]) : ""),
        h("p", { class: "hint" }, name === null ? "" : plural(departures.length, "departs in one setting", "departs in {n} settings")),
        ...(on ? [] : [see]));
    }));
    if (had?.startsWith("preset-see-")) choices.querySelector("button")?.focus();
  };
  settings.onAnswer(draw);
  draw();
  return { root };
}

/** @param {Answer} answer @param {string} zone */
function nowWords(answer, zone) {
  if (answer.preset === null) return t("No preset is in force.");
  const preset = presetWord(answer.preset);
  if (answer.ramp_up_since === null || answer.ramp_up_day === null) return t("{preset} is in force.", { preset });
  const since = date(`${answer.ramp_up_since}T12:00:00Z`, zone);
  return answer.ramp_up_day >= STEPS[STEPS.length - 1] ? t("{preset} is in force; you came to it over three weeks from {since} on.", { preset, since })
    : t("Day {day} of 21 on the way to {preset}, since {since}. Each week takes a third of the way.", { preset, since, day: answer.ramp_up_day + 1 });
}

/** @param {Answer[]} plan */
function ramps(plan) {
  return plan.length > 1 && plan[0].items.some((it, i) => it.value !== plan[plan.length - 1].items[i].value);
}

/**
 * What would change, and by when.
 * @param {Answer} now
 * @param {Answer} then
 * @param {string|null} preset
 * @param {Answer[]} plan
 * @returns {HTMLElement[]}
 */
function seen(now, then, preset, plan) {
  const reasons = new Map(now.presets.find((it) => it.name === preset)?.departures.map((it) => [it.name, it.reason]));
  const changed = then.items.filter((it) => it.value !== now.items.find((one) => one.name === it.name)?.value);
  const kept = now.items.filter((it) => it.own !== null && reasons.has(it.name));
  const was = (/** @type {Setting} */ it) => valueWords(it, now.items.find((one) => one.name === it.name)?.value ?? it.value);
  const parts = [];
  if (changed.length === 0) parts.push(h("p", {}, t("Nothing changes: what holds now is the same.")));
  else {
    parts.push(h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("What changes") }, h("table", { class: "changes", "data-testid": "preset-changes" },
      h("caption", { class: "unseen" }, t("What changes")),
      h("thead", {}, h("tr", {}, ...[t("Setting"), t("Now"), t("Then")].map((it) => h("th", { scope: "col" }, it)))),
      h("tbody", {}, ...changed.map((it) => h("tr", {}, h("th", { scope: "row" }, settingWord(it.name),
        h("span", { class: "hint" }, reasons.has(it.name) ? told(reasons.get(it.name) ?? "") : t("the default"))), h("td", {}, was(it)), h("td", {}, valueWords(it, it.value))))))));
  }
  if (kept.length) parts.push(h("p", { class: "hint" }, t("Yours, and so left as it is: {names}.", { names: kept.map((it) => settingWord(it.name)).join(", ") })));
  if (ramps(plan)) {
    const moving = plan[0].items.filter((it, i) => plan.some((step) => step.items[i].value !== it.value));
    parts.push(h("details", { class: "table" }, h("summary", { "data-testid": "preset-plan" }, t("The way over three weeks")),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("The way over three weeks") }, h("table", { class: "changes" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("Setting")), ...STEPS.map((day) => h("th", { scope: "col" }, t("From day {n}", { n: day + 1 }))))),
        h("tbody", {}, ...moving.map((it) => h("tr", {}, h("th", { scope: "row" }, settingWord(it.name)),
          ...plan.map((step) => h("td", {}, valueWords(it, step.items.find((one) => one.name === it.name)?.value ?? it.value))))))))));
  }
  return parts;
}

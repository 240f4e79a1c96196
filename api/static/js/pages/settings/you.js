// @ts-check
/** You: name, time zone, the language of your alerts, and your calendar. */

import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { Field, button, clearProblems, generalProblem, showProblem } from "../../form.js";
import { chosen, t } from "../../languages.js";
import { toast } from "../../toast.js";

/** @typedef {{id: string, name: string, timezone: string, own?: string[]}} Wearer own: what is set here rather than in the file */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {import("./alert-settings.js").AlertSettings} settings
 * @param {boolean} writes
 */
export async function mountYou(page, settings, writes) {
  const path = `wearers/${encodeURIComponent(page.wearer.id)}`;
  /** @type {Wearer} */
  let wearer = (await page.api.get("wearers")).items.find((/** @type {Wearer} */ it) => it.id === page.wearer.id) ?? page.wearer;
  const general = generalProblem("you-problem");
  const name = h("input", { type: "text", maxlength: 64, autocomplete: "off", value: wearer.name, disabled: !writes, "data-testid": "you-name" });
  const zones = zoneNames(wearer.timezone);
  const zone = h("select", { disabled: !writes, "data-testid": "you-timezone" }, ...zones.map((it) => h("option", { value: it, selected: it === wearer.timezone }, it.replaceAll("_", " "))));
  const fields = {
    name: new Field(name, t("Your name"), { hint: t("How Sitwell calls you; 1 to 64 characters.") }),
    timezone: new Field(zone, t("Your time zone"), { hint: t("Your days begin at midnight there, and quiet hours go by its clock.") }),
  };
  const back = button(t("Back to what the configuration says"), () => change({ name: null, timezone: null }), { class: "link", hidden: true });

  /** @param {Record<string, string|null>} values */
  const change = async (values) => {
    const before = wearer;
    clearProblems(Object.values(fields), general);
    try {
      wearer = await page.api.send("PATCH", path, values);
    } catch (error) {
      showProblem(error, { "/body/name": fields.name, "/body/timezone": fields.timezone }, general);
      return;
    }
    if (wearer.timezone !== before.timezone) location.reload(); // every time on the page is another one now
    name.value = wearer.name;
    draw();
    document.querySelectorAll(".settings .date, .page-settings .date").forEach((it) => say(it, wearer.name));
    toast(t("You are called {name} now.", { name: wearer.name }), before.name === wearer.name ? null : () => void change({ name: before.name }));
  };
  name.addEventListener("change", () => void change({ name: name.value.trim() }));
  zone.addEventListener("change", () => void change({ timezone: zone.value }));
  const draw = () => show(back, writes && Boolean(wearer.own?.length));
  draw();

  let language = settings.of("language")?.value;
  settings.onAnswer(() => {
    const now = settings.of("language")?.value;
    if (now === language) return;
    language = now;
    if (chosen() === null) location.reload(); // the page speaks it too
  });
  const calendar = h("p", { class: "effect", "data-testid": "calendar" });
  void page.api.quiet(page.wearer.id).then((quiet) => say(calendar, quiet.busy_until
    ? t("Your calendar says that you are busy until {time}; alerts wait.", { time: page.hours.at(seconds(quiet.busy_until)) })
    : t("Your calendar has no event now, or none is set up.")), () => say(calendar, ""));
  const root = h("div", {}, fields.name.element, fields.timezone.element, back, general,
    h("ul", { class: "settings" }, ...settings.row("language"),
      h("li", { class: "setting" }, h("p", { class: "setting-name" }, t("Your calendar")), calendar,
        h("p", { class: "source" }, t("It is named in the configuration file, as the calendar of a wearer: an iCalendar feed by its address, or a file. Nothing is said during its events; only their hours are read, and nothing of it is kept.")))));
  return { root };
}

/** @param {string} present @returns {string[]} */
function zoneNames(present) {
  const known = /** @type {any} */ (Intl).supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([present, ...known])].sort();
}

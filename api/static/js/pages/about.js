// @ts-check
/** About: what Sitwell is and is not, when to see a doctor, where data are, what it rests on, and whose work is in it. */

import { h } from "../dom.js";
import { t, texts } from "../languages.js";

/** Same day; then within a day or two. Of public NHS guidance, as docs/ and the evidence behind it have it. */
const AT_ONCE = Object.values(texts({
  a: "new numbness or tingling around the genitals, the buttocks or the inner thighs",
  b: "new trouble starting to pass urine, feeling it or holding it",
  c: "loss of control over bowel or bladder",
  d: "weakness, tingling or numbness in both legs",
  e: "new sexual dysfunction",
  f: "chest pain",
  g: "a serious accident before it",
}));
const SOON = Object.values(texts({
  a: "fever",
  b: "weight that goes without a reason",
  c: "a lump",
  d: "pain that is worse at night or at rest",
  e: "a foot that drops, or weakness of one side",
  f: "a balance that is not what it was",
}));

/** What the defaults rest on, by who found it. */
const SOURCES = texts({
  "Waongenngarm 2021, SJWEH 47:308": "Office workers who changed their posture often, or took active breaks, had less new low-back pain.",
  "Akkarakittichoke 2017, 2023": "20 to 30 changes of posture an hour came with less discomfort than 10.",
  "Compernolle 2021, Stephenson 2017": "Of prompts 30 % are followed within 5 min, and what they change fades over months: so Sitwell says little, and measures whether it is followed.",
  "Diaz 2023; Acti4": "Bouts of sitting of 30 min.",
  "ISO 11226, EN 1005-4": "How long and how often a bend or a twist may be held.",
  "Buckley 2015": "Two hours of standing and walking a day, towards four.",
  "Swain 2020; RESTORE 2023": "There is no consensus that posture causes back pain, and telling people of it did not by itself change pain: so Sitwell promises neither.",
  "Bull 2020 (WHO)": "There is no limit of sitting that all agree on: so the limits are yours.",
});

/** @typedef {{name: string, version: string|null, licence: string, where: "page"|"service"}} Library */

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @returns {Promise<import("../router.js").Shown>}
 */
export async function mount(place, page) {
  const about = await page.api.get("about");
  /** @type {Library[]} */
  const libraries = about.libraries;
  const section = (/** @type {string} */ id, /** @type {string} */ title, /** @type {Node[]} */ ...content) =>
    h("section", { "aria-labelledby": `about-${id}`, "data-testid": `about-${id}` }, h("h3", { id: `about-${id}` }, title), ...content);
  const bullets = (/** @type {string[]} */ items) => h("ul", { class: "bullets" }, ...items.map((it) => h("li", {}, t(it))));
  const pairs = (/** @type {Record<string, string>} */ items) =>
    h("dl", { class: "pairs" }, ...Object.entries(items).map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text))));
  place.append(
    h("div", { class: "heading" }, h("h2", {}, t("About Sitwell")), h("p", { class: "date", "data-testid": "version" }, t("Version {version}", { version: about.version }))),
    h("p", { class: "lead" }, t("Sitwell measures how you sit, stand and move with motion sensors that you wear, on a machine of yours, and tells you when a break is due.")),
    h("div", { class: "about-columns" },
      section("not", t("What it is not"),
        h("p", {}, t("Sitwell is not a medical device. It is for self-observation and for talking about it: it makes no diagnosis, treats nothing, and does not promise to prevent pain.")),
        h("p", {}, t("What it says is measured: trunk lean, time, changes of posture. From one sensor it cannot know how your spine is bent, and what it cannot know it calls unknown."))),
      section("flags", t("When to see a doctor"),
        h("p", {}, t("Most back pain passes. With one of these, have it looked at the same day; call the emergency number (112 in Europe, 999 in the UK, 911 in the US) when you cannot get there.")),
        h("p", { class: "flags-lead" }, t("When back pain comes with")), bullets(AT_ONCE),
        h("p", { class: "flags-lead" }, t("Within a day or two, when it comes with")), bullets(SOON),
        h("p", { class: "hint" }, t("Version 1 of 1 December 2026, based on public NHS guidance. It is no diagnosis, and a list never has everything: when in doubt, ask."))),
      section("data", t("Where your data are"),
        h("p", {}, t("In one file on the machine that runs this service. Nothing is sent anywhere unless somebody sets up a channel, an InfluxDB server or a calendar in the configuration. This page loads nothing from elsewhere.")),
        h("p", {}, h("a", { href: "#/data" }, t("Take them along, or have them erased")))),
      section("sources", t("What it rests on"), pairs(Object.fromEntries(Object.entries(SOURCES).map(([name, text]) => [name, t(text)]))),
        h("p", {}, t("Each setting names its own source, or says that it is our own judgement."), " ", h("a", { href: "#/settings" }, t("Settings")))),
      section("licences", t("Whose work is in it"),
        h("p", {}, t("Sitwell is free software under the Apache License 2.0, without any warranty.")), pairs(Object.fromEntries(libraries.map((it) => [[it.name, it.version ?? ""].join(" ").trim(), it.licence]))),
        h("p", {}, h("a", { href: "./vendor/echarts.LICENSE" }, t("Licence of ECharts")), " \u00b7 ", h("a", { href: "./vendor/echarts.NOTICE" }, t("its notice")), " \u00b7 ", h("a", { href: "./vendor/swagger-ui.LICENSE" }, t("Licence of Swagger UI")), " \u00b7 ", h("a", { href: "./vendor/swagger-ui.NOTICE" }, t("its notice")))),
      section("docs", t("To read on"),
        h("p", {}, h("a", { href: "./docs/" }, t("The API: every call, to be tried"))),
        h("p", {}, t("In the folder docs of Sitwell: alerts.md (what is said, and why not), channels.md, security.md, storage.md, sensors.md (which to wear where), accuracy.md (how well it measures).")))));
  return {};
}

// @ts-check
/** Erasing: what will be gone in words and figures, what remains, and the wearer's name typed before it is done. */

import { ask } from "../../ask.js";
import { seconds } from "../../clock.js";
import { h, show } from "../../dom.js";
import { button, clearProblems, generalProblem, showProblem } from "../../form.js";
import { plural, t, texts } from "../../languages.js";
import { localDay, plus } from "../../local-day.js";
import { address } from "../../router.js";
import { date, figure } from "../../when.js";
import { RangeChoice, stamp } from "./range.js";

const [HOUR_S, DAY_S] = [3600, 86400];
/** For a range up to this long what there is is asked by the hour, else by the day. */
const BY_HOUR_S = 200 * DAY_S;
const EVER_S = 10 * 366 * DAY_S;
/** Days are asked for no further back. */
const MOST_DAYS = 3690;
/** The whole file is written anew, which takes as long as copying it. */
const ERASE_MS = 600_000;

/** What was erased, in the order it is told. @type {Record<string, string>} */
const ONE = texts({
  frames: "one second",
  minutes: "one minute",
  episodes: "one episode",
  alerts: "one alert",
  samples: "one raw sample",
  sample_blocks: "one block of raw samples",
  readings: "one reading of a link",
  calibrations: "one calibration",
  sensors: "one sensor",
});
/** @type {Record<string, string>} */
const MANY = texts({
  frames: "{n} seconds",
  minutes: "{n} minutes",
  episodes: "{n} episodes",
  alerts: "{n} alerts",
  samples: "{n} raw samples",
  sample_blocks: "{n} blocks of raw samples",
  readings: "{n} readings of links",
  calibrations: "{n} calibrations",
  sensors: "{n} sensors",
});

/** @param {string} kind @param {number} n */
function counted(kind, n) {
  return n === 1 ? t(ONE[kind]) : t(MANY[kind], { n: figure(n, 0) });
}

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} may
 * @param {() => Promise<void>} erased called when something was
 */
export function mountErasing(page, may, erased) {
  const { wearer } = page;
  const range = new RangeChoice("erase", wearer.timezone, { all: t("Everything of {name}", { name: wearer.name }), part: t("Some days") });
  const general = generalProblem("erase-problem");
  const done = h("div", { class: "made", role: "status", "data-testid": "erased", hidden: true });
  const worn = h("p", { class: "looking", "data-testid": "erase-worn", hidden: true });
  const erase = button(t("Look at what would go"), () => look(), { class: "risk", "data-testid": "erase-look" });
  const root = h("section", { class: "erasing", "aria-labelledby": "erase-title" }, h("h3", { id: "erase-title" }, t("Have it erased")),
    h("p", {}, t("For good, from every file of the store. You see what would go before anything does.")),
    ...(may ? [worn, range.root, general, h("p", {}, erase), done]
      : [h("p", { class: "looking", "data-testid": "erase-forbidden" }, t("Erasing wants the right to change your own data, or to administer. You have neither."))]));

  const drawWorn = () => {
    const n = page.sensors.size;
    show(worn, n > 0);
    worn.replaceChildren(plural(n, "{name} wears a sensor: what it measures would be written again. Unpair it first, then erase.",
      "{name} wears {n} sensors: what they measure would be written again. Unpair them first, then erase.", { name: wearer.name }), " ", h("a", { href: address("sensors") }, t("Sensors")));
    erase.disabled = n > 0;
    range.disable(n > 0);
  };
  drawWorn();

  const look = async () => {
    clearProblems([range.first, range.last], general);
    show(done, false);
    const chosen = range.chosen;
    if (!chosen) return;
    const whole = chosen.start === null;
    try {
      const gone = await figures(page, chosen);
      const sure = await ask({
        title: whole ? t("Erase everything of {name}?", { name: wearer.name }) : t("Erase these days of {name}?", { name: wearer.name }),
        body: [
          h("p", {}, t("This will be gone, and cannot be brought back:")),
          h("ul", { class: "bullets", "data-testid": "erase-figures" }, ...gone.map((it) => h("li", {}, it)),
            h("li", {}, whole ? t("settings, the diary, tokens of {name}, and exports that are here", { name: wearer.name }) : t("deliveries of this time, and exports that are here"))),
          h("p", {}, t("This remains, since Sitwell does not reach it:")),
          h("ul", { class: "bullets" }, h("li", {}, t("backups, and exports that you took along")), h("li", {}, t("what went to a server or a phone, such as messages")),
            h("li", {}, whole ? t("{name} as a wearer without a past, when the configuration names them", { name: wearer.name }) : t("everything before and after"))),
        ],
        typed: { word: wearer.name, label: t("To erase it, type the name: {name}", { name: wearer.name }) },
        action: t("Erase for good"),
        risk: true,
      });
      if (!sure) return;
      const query = new URLSearchParams({ confirm: wearer.id });
      for (const [name, value] of Object.entries(chosen)) if (value !== null) query.set(name, stamp(value) ?? "");
      const counts = await page.api.send("DELETE", `wearers/${encodeURIComponent(wearer.id)}/data?${query}`, undefined, AbortSignal.timeout(ERASE_MS));
      const said = Object.keys(ONE).filter((it) => counts[it] > 0).map((it) => counted(it, counts[it]));
      const title = h("p", { class: "what", tabindex: -1 }, t("Erased."));
      done.replaceChildren(title, h("p", {}, said.length ? said.join(", ") : t("There was nothing.")));
      show(done, true);
      title.focus();
      await Promise.all([erased(), page.loadDay(), page.loadSensors()]);
    } catch (error) {
      showProblem(error, range.fields, general);
    }
  };
  return { root, leave: page.on(["sensors"], drawWorn) };
}

/**
 * What there is in a range, in words.
 * @param {import("../../picture.js").Picture} page
 * @param {{start: number|null, end: number|null}} range
 * @returns {Promise<string[]>}
 */
async function figures(page, { start, end }) {
  const now = page.clock.now();
  const [from, to] = [start ?? now - EVER_S, end ?? now + DAY_S];
  const range = { start: stamp(Math.floor(from)), end: stamp(Math.ceil(to)) };
  const path = `wearers/${encodeURIComponent(page.wearer.id)}`;
  const resolution_s = to - from <= BY_HOUR_S ? HOUR_S : DAY_S;
  const zone = page.wearer.timezone;
  const until = plus(localDay(Math.min(to, now + DAY_S) - 1, zone), 1);
  const since = [localDay(from, zone), plus(until, -MOST_DAYS)].sort()[1];
  const [series, counts, days] = await Promise.all([
    page.api.get(`${path}/series`, { ...range, resolution_s }),
    page.api.get(`${path}/data`, { start: stamp(start), end: stamp(end) }),
    since < until ? page.api.get(`${path}/days`, { start: since, end: until }) : { days: [], pending: 0 },
  ]);
  const measured_s = /** @type {number[][]} */ (Object.values(series.seconds)).flat().reduce((sum, it) => sum + it, 0);
  const some = Object.keys(ONE).filter((it) => counts[it] > 0);
  if (!series.times.length && !some.length) return [t("nothing measured: there is none of this time")];
  const many = days.days.length + days.pending;
  const last = new Date((seconds(series.times.at(-1) ?? range.end) + resolution_s - 1) * 1000).toISOString();
  return [
    ...(series.times.length ? [t("{hours} h that were measured, from {first} to {last}", {
      hours: figure(measured_s / HOUR_S, measured_s < 36000 ? 1 : 0), first: date(series.times[0], zone), last: date(seconds(last) > now ? new Date(now * 1000).toISOString() : last, zone),
    })] : []),
    ...(many ? [plural(many, "one day with what was summed up of it", "{n} days with what was summed up of them", { n: figure(many, 0) })] : []),
    ...some.map((it) => counted(it, counts[it])),
  ];
}

// @ts-check
/** What came of the alerts that ask for something, over time. */

import { axisOption, baseOption, decalOf } from "../chart-look.js";
import { s } from "../dom.js";
import { plural, t, texts } from "../languages.js";
import { listed, number, percent } from "../words.js";
import { bucketNames, bucketsOf } from "./loads.js";

/** @typedef {import("./past.js").Past} Past */

const ONE = texts({ taken: "1 was answered", partial: "1 by a short break", snoozed: "1 was snoozed", ignored: "1 went on", false_alarm: "1 was fine", ended: "1 ended by itself" });
const MANY = texts({ taken: "{n} were answered", partial: "{n} by a short break", snoozed: "{n} were snoozed", ignored: "{n} went on", false_alarm: "{n} were fine", ended: "{n} ended by themselves" });
const CAME = texts({ taken: "answered", partial: "short break", snoozed: "snoozed", ignored: "went on", false_alarm: "was fine", ended: "ended by itself" });
/** Colour by token, pattern by the state that has it. @type {Record<string, [string, string]>} */
const LOOKS = { taken: ["standing", "none"], partial: ["standing", "standing"], snoozed: ["moving", "moving"], ignored: ["control", "none"], false_alarm: ["lying", "lying"], ended: ["not-worn", "not_worn"] };

/** @param {Past} past @param {import("./calendar.js").Span} span @param {string} last @returns {import("../chart.js").Shown|null} */
export function outcomes(past, span, last) {
  const buckets = bucketsOf(span, last);
  const kinds = Object.keys(CAME);
  const sum = (/** @type {string[]} */ days, /** @type {string} */ column) => past.sum(days, column) ?? 0;
  const rows = buckets.map(({ days }) => kinds.map((kind) => sum(days, kind)));
  const all = buckets.flatMap((it) => it.days);
  const totals = kinds.map((_, k) => rows.reduce((n, row) => n + row[k], 0));
  const total = totals.reduce((a, b) => a + b, 0);
  if (!total) return null;
  const [asked, answered] = [sum(all, "asked"), sum(all, "answered")];
  const came = kinds.map((kind, k) => ({ kind, n: totals[k] })).filter((it) => it.n);
  return {
    range: span.title,
    file: `${span.first}-to-${last}`,
    sentence: [
      plural(total, "1 alert asked for something:", "{n} alerts asked for something:", { n: number(total) }),
      `${listed(came.map((it) => plural(it.n, ONE[it.kind], MANY[it.kind], { n: number(it.n) })))}.`,
      asked ? t("Of those of which it is known, {share} were answered within 5 min.", { share: percent(answered / asked) }) : "",
    ].filter(Boolean).join(" "),
    table: {
      columns: [t("Time"), ...kinds.map((kind) => t(CAME[kind])), t("Known whether answered"), t("Answered within 5 min")],
      rows: buckets.map((it, i) => [it.words, ...rows[i], sum(it.days, "asked"), sum(it.days, "answered")]),
    },
    legend: came.map(({ kind }) => ({ sign: signOf(kind), word: t(CAME[kind]) })),
    reading: {
      at: buckets.map((_, i) => i),
      read: (i) => ({ heading: buckets[i].words, lines: kinds.map((kind, k) => ({ kind, n: rows[i][k] })).filter((it) => it.n).map((it) => `${it.n} ${t(CAME[it.kind])}`) }),
    },
    option: (look) => ({
      ...baseOption(look),
      xAxis: axisOption(look, { type: "category", data: bucketNames(buckets, span, last) }),
      yAxis: axisOption(look, { type: "value", min: 0, minInterval: 1, splitNumber: 4 }),
      series: kinds.map((kind, k) => ({
        type: "bar", stack: "came", animation: false, silent: true, barMaxWidth: 28,
        itemStyle: { color: look.c[/** @type {"standing"} */ (LOOKS[kind][0])], decal: decalOf(LOOKS[kind][1], look), borderColor: look.c.page, borderWidth: 0.5 },
        data: rows.map((row) => row[k] || null),
      })),
    }),
  };
}

/** @param {string} kind */
function signOf(kind) {
  const [colour, pattern] = LOOKS[kind];
  return s("svg", { class: "swatch", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("rect", { class: pattern === "none" ? `came-${colour}` : `fill-${pattern}`, x: 1, y: 1, width: 14, height: 14, rx: 3 }));
}

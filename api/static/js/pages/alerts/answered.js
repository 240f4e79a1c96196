// @ts-check
/** The share of prompts that the body answered within five minutes, week by week: what Sitwell measures itself by. */

import { ChartCard } from "../../chart.js";
import { s } from "../../dom.js";
import { locale, plural, t } from "../../languages.js";
import { localDay } from "../../local-day.js";
import { percent } from "../../words.js";

const WEEK_S = 7 * 86400;
const WEEKS = 8;
/** In as many of the last weeks as this the sentence counts. */
const LATELY = 4;
const HEIGHT = 120;
/** What a study of 2021 found (Compernolle), drawn as a line; the scale reaches it always. */
const STUDY = 0.3;
const LEAST_SCALE = 0.5;

/** @typedef {{start: number, asked: number, answered: number, share: number|null}} Week */

/** @param {import("../../picture.js").Picture} page */
export function mountAnswered(page) {
  const card = new ChartCard(page, { name: "answered", title: t("Answered within 5 min"), height: HEIGHT });
  const ask = async () => {
    const end = Math.ceil(page.clock.now() / 60) * 60;
    try {
      /** @type {Week[]} */
      const weeks = await Promise.all([...Array(WEEKS).keys()].reverse().map(async (back) => {
        const start = end - (back + 1) * WEEK_S;
        const came = await page.api.responses(page.wearer.id, start, start + WEEK_S);
        return { start, asked: came.asked, answered: came.answered_within_5_min, share: came.share };
      }));
      draw(weeks);
    } catch (error) {
      card.broken(error, () => void ask());
    }
  };
  /** @param {Week[]} weeks */
  const draw = (weeks) => {
    const lately = weeks.slice(-LATELY);
    const asked = lately.reduce((sum, it) => sum + it.asked, 0);
    const answered = lately.reduce((sum, it) => sum + it.answered, 0);
    if (weeks.every((it) => it.asked === 0)) return card.empty(t("No prompt has been answered or let pass yet. Here it will say how many were followed."));
    const zone = page.wearer.timezone;
    const format = new Intl.DateTimeFormat(locale(), { timeZone: zone, day: "numeric", month: "short" });
    const name = (/** @type {Week} */ it) => format.formatRange(it.start * 1000, (it.start + WEEK_S - 1) * 1000);
    const days = [weeks[0].start, weeks[WEEKS - 1].start + WEEK_S - 1].map((it) => localDay(it, zone));
    card.show({
      sentence: plural(asked, "In the last 4 weeks {answered} of one prompt was answered within 5 min ({share}). In a study of 2021 it was 30 %.",
        "In the last 4 weeks {answered} of {n} prompts were answered within 5 min ({share}). In a study of 2021 it was 30 %.",
        { answered, share: percent(asked ? answered / asked : null) }),
      range: format.formatRange(weeks[0].start * 1000, (weeks[WEEKS - 1].start + WEEK_S - 1) * 1000),
      file: days.join("-to-"),
      table: {
        columns: [t("Week"), t("Prompts"), t("Answered within 5 min"), t("Share")],
        rows: weeks.map((it) => [name(it), it.asked, it.answered, it.share === null ? null : { value: it.share, text: percent(it.share) }]),
      },
      svg: (look) => drawing(weeks, look.width),
      reading: {
        get at() { // px, of whatever width it is drawn in
          return weeks.map((_, i) => ((i + 0.5) * card.plot.clientWidth) / WEEKS);
        },
        read: (i) => ({ heading: name(weeks[i]), lines: [weeks[i].asked
          ? t("{answered} of {n} ({share})", { answered: weeks[i].answered, n: weeks[i].asked, share: percent(weeks[i].share) })
          : t("no prompt")] }),
      },
    });
  };
  return { root: card.root, ask, leave: () => card.dispose() };
}

/** @param {Week[]} weeks @param {number} width @returns {SVGSVGElement} */
function drawing(weeks, width) {
  const step = width / WEEKS;
  const [top, bottom] = [16, HEIGHT - 2];
  const most = Math.max(LEAST_SCALE, ...weeks.map((it) => it.share ?? 0));
  const y = (/** @type {number} */ share) => bottom - (share / most) * (bottom - top);
  const study = s("text", { class: "study", x: 0, y: y(STUDY) - 4 });
  study.textContent = "30 %";
  const bars = weeks.flatMap((it, i) => {
    const x = i * step + step * 0.18;
    if (it.share === null) return [s("line", { class: "none", x1: x, x2: x + step * 0.64, y1: bottom, y2: bottom })];
    const text = s("text", { x: (i + 0.5) * step, y: y(it.share) - 4, "text-anchor": "middle" });
    text.textContent = String(Math.round(it.share * 100));
    return [s("rect", { class: "bar", x, y: y(it.share), width: step * 0.64, height: Math.max(1, bottom - y(it.share)), rx: 2 }), text];
  });
  return s("svg", { class: "answered-bars", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` },
    s("line", { class: "known", x1: 0, x2: width, y1: y(STUDY), y2: y(STUDY) }), study, ...bars);
}


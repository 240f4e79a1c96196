// @ts-check
/** Exports: begun, watched, taken along, removed. */

import { ApiError } from "../../api.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { button, clearProblems, generalProblem, problemWords, showProblem } from "../../form.js";
import { plural, t, told } from "../../languages.js";
import { toast } from "../../toast.js";
import { date, moment, size } from "../../when.js";
import { RangeChoice, stamp } from "./range.js";

const LOOK_MS = 1000;

/** @typedef {{id: string, start: string|null, end: string|null, asked_at: string, state: "waiting"|"running"|"done"|"failed", done_days: number, total_days: number, size_bytes: number|null, trouble: string|null, kept_until: string|null}} Export */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} writes
 */
export function mountExports(page, writes) {
  const path = `wearers/${encodeURIComponent(page.wearer.id)}/exports`;
  const zone = page.wearer.timezone;
  const range = new RangeChoice("export", zone, { all: t("Everything"), part: t("Some days") });
  const general = generalProblem("export-problem");
  const list = h("ul", { class: "rows", "data-testid": "exports" });
  let timer = 0;
  let gone = false;
  const begin = async () => {
    clearProblems([range.first, range.last], general);
    const chosen = range.chosen;
    if (!chosen) return;
    try {
      await page.api.send("POST", path, { start: stamp(chosen.start), end: stamp(chosen.end) });
      await ask();
    } catch (error) {
      showProblem(error, range.fields, general);
    }
  };
  const root = h("section", { class: "exports", "aria-labelledby": "export-title" },
    h("h3", { id: "export-title" }, t("Take it with you")),
    h("p", {}, t("One zip with a table each of seconds (as long as they are kept), minutes, hours, episodes, alerts and diary, and of wearers, sensors and calibrations: as CSV, and as Parquet where the service can write it, with a description of every column. Raw samples are not in it.")),
    ...(writes ? [range.root, general, h("p", {}, button(t("Begin an export"), begin, { class: "primary", "data-testid": "export-begin" }))] : []),
    list);

  /** Kept by id, so that focus stays while a bar moves. @type {Map<string, {key: string, element: HTMLElement}>} */
  const rows = new Map();
  const ask = async () => {
    window.clearTimeout(timer);
    /** @type {Export[]} */
    let items;
    try {
      items = (await page.api.get(path)).items;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(general, problemWords(error));
      show(general, true);
      return;
    }
    for (const [id, it] of rows) {
      if (items.some((item) => item.id === id)) continue;
      it.element.remove();
      rows.delete(id);
    }
    items.forEach((item, index) => {
      const key = `${item.state} ${item.done_days} ${item.total_days} ${item.size_bytes}`;
      let kept = rows.get(item.id);
      if (!kept) rows.set(item.id, (kept = { key: "", element: h("li", { "data-testid": "export", "data-id": item.id }) }));
      if (kept.key !== key) kept.element.replaceChildren(...contents(item));
      kept.key = key;
      if (list.children[index] !== kept.element) list.insertBefore(kept.element, list.children[index] ?? null);
    });
    if (!gone && items.some((it) => it.state === "waiting" || it.state === "running")) timer = window.setTimeout(() => void ask(), LOOK_MS);
  };
  /** @param {Export} it @returns {Node[]} */
  const contents = (it) => {
    const what = it.start === null && it.end === null ? t("Everything")
      : `${it.start === null ? "" : date(it.start, zone)} \u2013 ${it.end === null ? "" : date(new Date((seconds(it.end) - 1) * 1000).toISOString(), zone)}`;
    const head = h("p", {}, h("strong", {}, what), " ", h("span", { class: "hint" }, t("asked {when}", { when: moment(it.asked_at, zone) })));
    const remove = button(it.size_bytes !== null || it.trouble !== null ? t("Remove") : t("Give up"), async () => {
      try {
        await page.api.send("DELETE", `${path}/${encodeURIComponent(it.id)}`);
        toast(t("The export is removed. What was measured stays."));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status !== 404) toast(problemWords(error));
      }
      await ask();
    }, { class: "quiet", "data-testid": "export-remove" });
    const tools = writes ? [remove] : [];
    if (it.state === "done") {
      const link = h("a", { class: "download", href: page.api.url(`${path}/${encodeURIComponent(it.id)}/file`).href, download: `sitwell-${page.wearer.id}.zip`, "data-testid": "export-download" },
        t("Download ({size})", { size: size(it.size_bytes ?? 0) }));
      return [head, h("p", { class: "hint" }, it.kept_until ? t("It goes by itself {when}, or when the service stops.", { when: moment(it.kept_until, zone) }) : ""), h("p", { class: "tools" }, link, ...tools)];
    }
    if (it.trouble !== null) return [head, h("p", { class: "error" }, t("It could not be made: {reason}", { reason: told(it.trouble) })), h("p", { class: "tools" }, ...tools)];
    const bar = it.total_days ? h("progress", { max: it.total_days, value: it.done_days, "aria-label": t("How far the export is") }) : null;
    const words = it.state === "waiting" ? t("Waiting for its turn.") : it.total_days ? plural(it.total_days, "{done} of one day", "{done} of {n} days", { done: it.done_days }) : t("Looking what there is.");
    return [head, h("p", { class: "seeding" }, bar, h("span", {}, words)), h("p", { class: "tools" }, ...tools)];
  };
  return {
    root,
    ask,
    leave: () => {
      gone = true;
      window.clearTimeout(timer);
    },
  };
}

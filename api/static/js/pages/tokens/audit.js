// @ts-check
/** Who did what, newest first. */

import { ApiError } from "../../api.js";
import { h, say, show } from "../../dom.js";
import { button, problemWords } from "../../form.js";
import { t, told } from "../../languages.js";
import { capital } from "../../words.js";
import { moment } from "../../when.js";

const PAGE = 25;

/** @typedef {{at: string, who: string, what: string, wearer: string|null, detail: string}} Entry */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {import("../../types.js").Wearer[]} wearers
 */
export function mountAudit(page, wearers) {
  const names = new Map(wearers.map((it) => [it.id, it.name]));
  const body = h("tbody");
  const state = h("p", { class: "hint", role: "status" });
  /** @type {string|null} */
  let cursor = null;
  const read = async () => {
    try {
      /** @type {{items: Entry[], next_cursor: string|null}} */
      const { items, next_cursor } = await page.api.get("audit", { limit: PAGE, cursor });
      cursor = next_cursor;
      body.append(...items.map((it) => h("tr", { "data-testid": "audit-entry" },
        h("th", { scope: "row" }, moment(it.at, page.wearer.timezone)),
        h("td", {}, it.who === "api" ? t("at the machine") : it.who), h("td", {}, capital(told(it.what))),
        h("td", {}, it.wearer === null ? "" : names.get(it.wearer) ?? it.wearer), h("td", { class: "why-cell" }, it.detail))));
      say(state, body.childElementCount ? "" : t("Nothing is noted yet."));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(state, problemWords(error));
    }
    show(table, body.childElementCount > 0);
    show(older, cursor !== null);
  };
  const older = button(t("Older"), read, { class: "quiet", "data-testid": "audit-older", hidden: true });
  const table = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("Table: {title}", { title: t("Who did what") }) },
    h("table", { class: "log", "data-testid": "audit" },
      h("thead", {}, h("tr", {}, ...[t("When"), t("Who"), t("What"), t("Whom"), t("More")].map((it) => h("th", { scope: "col" }, it)))), body));
  const root = h("section", { "aria-labelledby": "audit-title" }, h("h3", { id: "audit-title" }, t("Who did what")),
    h("p", { class: "hint" }, t("Logins, tokens, exports, erasures, settings and sensors. No secret is in it, and of somebody who was erased it forgets whom it was about.")),
    state, table, older);
  return {
    root,
    begin: async () => {
      cursor = null;
      body.replaceChildren();
      await read();
    },
  };
}

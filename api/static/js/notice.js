// @ts-check
/** The lines above everything: what is broken, waited for or being prepared. Nothing is there when all is well. */

import { h, say, show } from "./dom.js";
import { plural, t, told } from "./languages.js";
import { address } from "./router.js";

/** @typedef {import("./freshness.js").Freshness} Freshness */

/**
 * @param {HTMLElement} root
 * @param {import("./picture.js").Picture} page
 * @returns {(fresh: Freshness) => void}
 */
export function mountNotice(root, page) {
  const what = h("p", { class: "what" });
  const kept = h("p");
  const next = h("p");
  const command = h("code");
  const copy = h("button", { type: "button", class: "quiet", "data-testid": "copy-command" }, t("Copy command"));
  const row = h("p", { class: "command" }, command, copy);
  const way = h("a", { class: "action primary", "data-testid": "to-welcome" }, t("Set a sensor up"));
  const small = h("small", { class: "hint" }, t("At the command line, while Sitwell is stopped:"), " ", h("code", {}, "sitwell pair"));
  const there = h("p", { class: "command way" }, way, small);
  const box = h("div", { class: "notice", "data-testid": "stale-notice", hidden: true }, what, kept, next, row, there);
  const problems = h("ul", { class: "problems", "data-testid": "problems", hidden: true });
  const seedText = h("span");
  const seedBar = h("progress", { "aria-label": t("Days of history prepared") });
  const seeding = h("p", { class: "seeding", "data-testid": "seeding", hidden: true }, seedText, seedBar);
  root.replaceChildren(box, problems, seeding);

  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent ?? "");
      say(copy, t("Copied"));
    } catch {
      window.getSelection()?.selectAllChildren(command); // no clipboard here: it is marked for copying
    }
    window.setTimeout(() => say(copy, t("Copy command")), 2000);
  });

  page.on(["health"], () => {
    const health = page.health;
    // That there is no sensor is said by the box above, with what to do.
    const lines = health ? health.problems.filter((it) => !it.startsWith("No sensor is paired yet")).map(told) : [];
    if (health && !health.store.ok && lines.length === 0) lines.push(`${t("The store cannot be written.")} ${health.store.detail ?? ""}`);
    problems.replaceChildren(...lines.map((line) => h("li", {}, line)));
    problems.classList.toggle("risk", Boolean(health && !health.store.ok));
    show(problems, lines.length > 0);
    const seed = health?.seeding ?? null;
    show(seeding, seed !== null);
    if (seed) {
      say(seedText, plural(seed.total_days, "Preparing {n} day of history, {done} done", "Preparing {n} days of history, {done} done", { done: seed.done_days }));
      seedBar.max = seed.total_days;
      seedBar.value = seed.done_days;
    }
  });

  return (fresh) => {
    const shown = fresh.kind !== "live" && fresh.what !== "";
    box.dataset.kind = fresh.kind;
    show(box, shown);
    say(what, fresh.what);
    say(kept, fresh.kept);
    show(kept, fresh.kept !== "");
    say(next, fresh.next);
    show(next, fresh.next !== "");
    say(command, fresh.command);
    show(row, fresh.command !== "");
    show(there, Boolean(fresh.page));
    if (fresh.page) way.href = address(fresh.page);
  };
}

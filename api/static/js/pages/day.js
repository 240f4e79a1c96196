// @ts-check
/** One day: everything on one time axis with one cursor, and beside it why each thing says what it says. */

import { AlertView, keep } from "../alerts.js";
import { ChartCard } from "../chart.js";
import { ApiError } from "../api.js";
import { seconds, ticks } from "../clock.js";
import { boutsShown } from "../day/bouts.js";
import { DayCursor } from "../day/cursor.js";
import { DayData } from "../day/data.js";
import { heading } from "../day/heading.js";
import { choicesAt } from "../day/hit.js";
import { hoursShown, leanShown, loadsShown, shiftsShown, stripShown } from "../day/rows.js";
import { WhyPanel } from "../day/why.js";
import { DayWindow } from "../day/window.js";
import { h, say, show } from "../dom.js";
import { kindWord } from "../kind-words.js";
import { plural, t, texts, told } from "../languages.js";
import { markSign } from "../legend.js";
import { plus } from "../local-day.js";
import { readDay } from "../reading.js";
import { address, goTo } from "../router.js";
import { sourceTag } from "../source.js";

/** @typedef {import("../day/why.js").Chosen} Chosen */

/** Live: the newest bucket is drawn so often, ms. */
const REDRAW_MS = 20000;
/** Seconds are asked for where less than this is shown, s, and once it is shown for this long, ms. */
const FINE_S = 7200;
const SETTLED_MS = 350;
/** Live: what was kept back is asked for so often, s. */
const DECISIONS_S = 30;
/** Where the explanation lies over the lower part, as style/day.css has it. */
const NARROW = "(max-width: 959px)";

const TITLES = texts({
  "day-states": "States, events and alerts",
  "day-lean": "Lean, deg forward of your upright",
  "day-hours": "Hours, in minutes",
  "day-shifts": "Changes of posture, an hour of sitting",
  "day-loads": "Bends and twists",
});

/** @type {{name: string, title: string, height?: number, shown: (data: DayData, shown: DayWindow) => import("../chart.js").Shown}[]} */
const ROWS = [
  { name: "day-states", title: TITLES["day-states"], shown: stripShown },
  { name: "day-lean", title: TITLES["day-lean"], height: 170, shown: leanShown },
  { name: "day-hours", title: TITLES["day-hours"], shown: hoursShown },
  { name: "day-shifts", title: TITLES["day-shifts"], shown: shiftsShown },
  { name: "day-loads", title: TITLES["day-loads"], shown: loadsShown },
];

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @param {string[]} words a day (YYYY-MM-DD or `today`), and what is explained: `alert` or `episode` with its id
 * @returns {import("../router.js").Shown}
 */
export function mount(place, page, words) {
  place.append(h("p", { class: "hint", "data-testid": "day-waiting" }, t("Reading the day.")));
  /** @type {DayShown} */
  let shown = { name: "", choose: () => {}, leave: () => {} };
  let turn = 0;
  const go = async (/** @type {string[]} */ next) => {
    if (next[0] === shown.name && next.length > 1) return shown.choose(next);
    const own = ++turn;
    place.setAttribute("aria-busy", "true");
    try {
      if (!page.clock.known) page.takeHealth(await page.api.health());
      const today = page.day?.day ?? (await page.api.day(page.wearer.id, "today")).day;
      const made = await mountDay(place, page, today, next, () => own === turn);
      if (!made) return;
      shown.leave();
      shown = made;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (own === turn) troubled(place, error, () => void go(next));
    } finally {
      if (own === turn) place.removeAttribute("aria-busy");
    }
  };
  void go(words);
  return {
    go: (next) => void go(next),
    leave: () => {
      turn += 1;
      shown.leave();
    },
  };
}

/** @param {HTMLElement} place @param {ApiError} error @param {() => void} again */
function troubled(place, error, again) {
  const button = h("button", { type: "button" }, t("Try again"));
  button.addEventListener("click", again);
  const what = error.status === 403 ? t("You may not see this page.") : t("This day could not be loaded.");
  place.replaceChildren(h("div", { class: "notice", "data-testid": "day-broken" },
    h("p", { class: "what" }, what), h("p", {}, told(error.message)), h("p", { class: "command" }, ...(error.status === 403 ? [] : [button]),
      h("a", { href: address("day") }, t("Today")))));
}

/** @typedef {{name: string, choose: (words: string[]) => void, leave: () => void}} DayShown */

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @param {string} today
 * @param {string[]} words
 * @param {() => boolean} wanted still, once it is there
 * @returns {Promise<DayShown|null>}
 */
async function mountDay(place, page, today, words, wanted) {
  const name = !words[0] || words[0] === "today" ? today : words[0];
  const data = new DayData(page, name);
  await data.load();
  if (!wanted()) return null;
  page.shows({ start: data.start, end: data.end, simulated: data.day?.simulated });

  let waiting = 0;
  let settling = 0;
  const part = new DayWindow(data, () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      draw();
    });
    window.clearTimeout(settling);
    if (part.end - part.start <= FINE_S) settling = window.setTimeout(() => void closer(), SETTLED_MS);
  });
  const closer = async () => {
    if (!page.up || part.end - part.start > FINE_S) return;
    await data.loadFine(part.start - 600, part.end + 600).catch(() => undefined); // the minutes stay
    draw();
  };
  const cards = ROWS.map(({ name: id, title, height, shown }) => ({ card: new ChartCard(page, { name: id, title: t(title), height: height ?? 120 }), shown }));
  const bouts = new ChartCard(page, { name: "day-bouts", title: t("Sitting in one go, and breaks"), height: 160 });

  const read = (/** @type {number} */ time) => {
    const lines = readDay(data.seriesOf(part.start, part.end), data.episodes, time, data.until);
    const near = data.alerts.find((it) => Math.abs(seconds(it.opened_at) - time) <= Math.max(30, 6 * part.axis(cards[0].card.plot.clientWidth).pixel_s));
    if (near) lines.push({ text: `${page.hours.at(seconds(near.opened_at))} ${near.message}`, sign: markSign("alert") });
    return { time: part.end - part.start > FINE_S ? page.hours.at(time) : page.hours.exactly(time), lines };
  };
  const cursor = new DayCursor(part, read, (time, at) => {
    const row = at === null ? "day-states" : (ROWS[cards.findIndex(({ card }) => card.plot === at.plot)]?.name ?? "");
    const [first, ...others] = choicesAt(data, part.axis(cards[0].card.plot.clientWidth), time, row, at?.y ?? null);
    choose(first, others);
  });
  const why = new WhyPanel(data, (it) => choose(it, []), () => history.replaceState(null, "", address("day", name)));
  /** @param {Chosen} chosen @param {Chosen[]} others */
  const choose = (chosen, others) => {
    const told_ = chosen.alert ? ["alert", chosen.alert.id] : chosen.episode ? ["episode", chosen.episode.id] : [];
    history.replaceState(null, "", address("day", name, ...told_));
    void why.open(chosen, others);
    if (window.matchMedia(NARROW).matches) cards[0].card.root.scrollIntoView({ block: "start" }); // above the sheet
  };

  const head = heading(data, today, (range) => part.pick(range, cursor.time), (factor) => part.zoom(factor, cursor.time ?? (part.start + part.end) / 2));
  const empty = h("div", { class: "hint day-empty", "data-testid": "day-empty", hidden: true },
    h("p", {}, t("Nothing was measured on this day.")), h("p", {}, h("a", { href: address("day", plus(name, -1)) }, t("The day before"))));
  const list = h("ol", { class: "alert-list", "data-testid": "alerts-list" });
  const count = h("p", { class: "date", "data-testid": "alerts-count" });
  const none = h("p", { class: "hint" }, t("None. An alert tells what was measured, for how long, and your limit."));
  const kept = h("details", { class: "table", "data-testid": "day-kept" }, h("summary", {}), h("ul", { class: "why-list" }));
  const alerts = h("section", { class: "day-alerts", "aria-labelledby": "day-alerts-title" },
    h("div", { class: "heading" }, h("h3", { id: "day-alerts-title" }, t("Alerts")), count, sourceTag()),
    none, list, kept);
  const rows = h("div", { class: "day-rows" }, ...cards.map(({ card }) => card.root), bouts.root, alerts);
  const columns = h("div", { class: "day-columns" }, rows, why.root);
  place.replaceChildren(head.root, empty, columns);
  cards.forEach(({ card }, i) => {
    part.listen(card.plot); // first: what two fingers do is not read
    cursor.add(card.plot, i === 0);
  });

  /** @type {Map<string, AlertView>} */
  const views = new Map();
  let drawnAt = 0;
  const draw = () => {
    if (document.hidden) return;
    drawnAt = performance.now();
    const there = data.minutes.all().length > 0 || data.alerts.length > 0;
    show(empty, !there);
    show(columns, there);
    head.draw(part.range);
    if (!there) return;
    for (const { card, shown } of cards) card.show(shown(data, part));
    cursor.again();
  };
  const drawWhole = () => {
    if (document.hidden) return;
    draw();
    if (data.minutes.all().length) bouts.show(boutsShown(data));
    keep(list, views, data.alerts, (alert) => new AlertView(alert, page, "item"));
    const open = data.alerts.filter((it) => it.open).length;
    show(none, data.alerts.length === 0);
    say(count, data.alerts.length ? t("{open} open, {closed} closed", { open, closed: data.alerts.length - open }) : "");
    drawKept(kept, data);
    why.update();
  };
  part.reset();
  drawWhole();

  /** @param {string[]} next */
  const chooseBy = ([, kind, id]) => {
    const alert = kind === "alert" ? data.alerts.find((it) => it.id === id) : undefined;
    const episode = kind === "episode" ? data.episodes.find((it) => it.id === id) : undefined;
    if (alert || episode) choose(alert ? { alert } : { episode }, []);
  };
  chooseBy(words);

  let askedAt = ticks();
  const live = () => {
    if (!data.takeLive()) return;
    part.follow();
    drawWhole();
    if (ticks() - askedAt < DECISIONS_S || !page.up) return;
    askedAt = ticks();
    void data.loadDecisions().then(() => drawKept(kept, data), () => undefined); // asked for again by and by
  };
  const arrows = (/** @type {KeyboardEvent} */ event) => {
    const on = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || on.closest("input, textarea, select, [role=slider], .scroll, .why-panel")) return;
    if (event.key === "ArrowLeft") goTo("day", plus(name, -1));
    else if (event.key === "ArrowRight" && name < today) goTo("day", plus(name, 1));
  };
  const tick = window.setInterval(() => data.live && performance.now() - drawnAt > REDRAW_MS && live(), 5000);
  const ends = [page.on(["series", "day", "alerts"], live), () => window.clearInterval(tick)];
  document.addEventListener("keydown", arrows);
  document.addEventListener("visibilitychange", drawWhole);
  return {
    name,
    choose: chooseBy,
    leave: () => {
      ends.forEach((end) => end());
      document.removeEventListener("keydown", arrows);
      document.removeEventListener("visibilitychange", drawWhole);
      cursor.leave();
      window.clearTimeout(settling);
      cancelAnimationFrame(waiting);
      for (const card of [...cards.map((it) => it.card), bouts]) card.dispose();
    },
  };
}

/** What was not said on the day, and why. @param {HTMLDetailsElement} box @param {DayData} data */
function drawKept(box, data) {
  const silent = data.decisions.filter((it) => !it.spoken).reverse();
  show(box, silent.length > 0);
  const key = silent.map((it) => it.id).join();
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  const [summary, list] = box.children;
  say(summary, plural(silent.length, "{n} alert was kept back, and why", "{n} alerts were kept back, and why"));
  list.replaceChildren(...silent.map((it) => h("li", {}, t("{time} {what}: {why}", { time: data.page.hours.at(seconds(it.at)), what: kindWord(it.kind), why: told(it.words) }))));
}

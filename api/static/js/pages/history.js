// @ts-check
/** Looking back: a week as strips, months and years as fields of days, trends, loads, answers, and one time beside another. */

import { ChartCard } from "../chart.js";
import { h, show } from "../dom.js";
import { plural, t } from "../languages.js";
import { firstBefore, spanOf, spanWords } from "../history/calendar.js";
import { compare } from "../history/compare.js";
import { askFine, fine } from "../history/fine.js";
import { Frame } from "../history/frame.js";
import { grid } from "../history/grid.js";
import { exposure, loads } from "../history/loads.js";
import { measures } from "../history/measures.js";
import { outcomes } from "../history/outcomes.js";
import { Past, daysOf } from "../history/past.js";
import { askStrips, shownStrips } from "../history/strips.js";
import { firstNeeded, trend } from "../history/trend.js";
import { weekHours } from "../history/week-hours.js";
import { Zoom } from "../history/zoom.js";
import { daysBetween, isDay, localDay, plus, stampOf, startOf } from "../local-day.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../history/calendar.js").Span} Span */

const [MOST_STRIPS, FEWEST_OF_A_TREND] = [14, 5];
const PENDING_MS = 3000;
/** No answer reaches further back. */
const OLDEST_DAYS = 3690;

/** @param {HTMLElement} place @param {Picture} page @param {string[]} words @returns {import("../router.js").Shown} */
export function mount(place, page, words) {
  const history = new History(place, page);
  void history.go(words);
  return { go: (next) => void history.go(next), leave: () => history.leave() };
}

class History {
  /** @type {Span|null} */
  #span = null;
  /** @type {Past|null} */
  #past = null;
  #turn = 0;
  #compared = 0;
  #timer = 0;
  /** The first day with anything stored. */
  #oldest = "";
  /** @type {string[]} */
  #words = [];

  /** @param {HTMLElement} place @param {Picture} page */
  constructor(place, page) {
    this.page = page;
    this.wearer = page.wearer;
    this.frame = new Frame(place, this.wearer.timezone, () => this.#drawDays());
    this.pending = h("p", { class: "hint", role: "status", "data-testid": "pending", hidden: true });
    const card = (/** @type {string} */ name, /** @type {string} */ title, height = 240) => new ChartCard(page, { name, title, height });
    this.cards = {
      fine: card("fine", t("Minute by minute"), 230),
      strips: card("days", t("Days as strips"), 200),
      grid: card("calendar", t("Day by day"), 200),
      trend: card("trend", t("Trend"), 280),
      hours: card("week-hours", t("Hours of the week"), 232),
      exposure: card("exposure", t("How far your trunk was bent or twisted"), 280),
      loads: card("loads", t("Held bends, bends to the side, twists"), 240),
      outcomes: card("outcomes", t("What came of alerts"), 240),
      compare: card("compare", t("Compared with another time"), 200),
    };
    this.other = h("select", { id: "compare-with", "data-testid": "compare-with" },
      h("option", { value: "before" }, t("the time before")), h("option", { value: "year" }, t("the same time a year before")), h("option", { value: "own" }, t("a time of your choice")));
    this.otherFrom = h("input", { type: "date", "aria-label": t("First day of the other time"), "data-testid": "compare-from", hidden: true });
    for (const it of [this.other, this.otherFrom]) it.addEventListener("change", () => void this.#compare());
    this.cards.compare.controls.append(h("label", { for: "compare-with" }, t("Compare with")), this.other, this.otherFrom);
    this.nothing = h("p", { class: "hint", "data-testid": "nothing", hidden: true });
    place.append(this.pending, this.nothing, ...Object.values(this.cards).map((it) => it.root));
    this.zooms = [this.cards.trend, this.cards.fine].map((it) => this.#zoomed(it));
  }

  /** @param {ChartCard} card */
  #zoomed(card) {
    const zoom = new Zoom(card.plot, () => this.#shownTimes(card), (start, end) => this.#settle(start, end));
    const button = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {number} */ factor) => {
      const it = h("button", { type: "button", class: "icon", "aria-label": name, title: name, "data-testid": `${card.name}-${factor > 1 ? "wider" : "closer"}` }, sign);
      it.addEventListener("click", () => zoom.by(factor));
      return it;
    };
    card.controls.append(h("span", { class: "hint zoom-hint" }, t("Zoom: + and −, wheel with Ctrl, two fingers")), button(t("Wider"), "−", 2), button(t("Closer"), "+", 0.5));
    return zoom;
  }

  /** What a card shows of the time, and where. @param {ChartCard} card */
  #shownTimes(card) {
    if (!this.#span) return null;
    const { start, end } = this.#ends(this.#span);
    const left = card === this.cards.trend ? 44 : 40;
    return { start, end, left, width: Math.max(1, card.plot.clientWidth - left - 16) };
  }

  /** @param {Span} span */
  #ends(span) {
    const zone = this.wearer.timezone;
    return { start: span.start ?? startOf(span.first, zone), end: span.end ?? startOf(plus(span.last, 1), zone) };
  }

  /** @param {number} start @param {number} end Unix s */
  #settle(start, end) {
    const zone = this.wearer.timezone;
    const now = this.page.clock.now();
    const today = localDay(now, zone);
    const oldest = startOf(this.#oldest || plus(today, -OLDEST_DAYS), zone); // how far back there is anything may not be known yet
    const tomorrow = startOf(plus(today, 1), zone);
    const length = Math.min(end - start, tomorrow - oldest);
    const from = Math.max(oldest, Math.min(start, tomorrow - length));
    const fine_ = length < 3 * 86_400;
    const words = fine_ ? [stampOf(from, zone), stampOf(Math.max(from + 60, from + length), zone)] : [localDay(from + 43_200, zone), localDay(from + length - 43_200, zone)];
    const url = new URL(location.href);
    url.hash = `#/history/${words.join("/")}`;
    history.replaceState(null, "", url);
    void this.go(words);
  }

  get #today() {
    const now = this.page.clock.known ? this.page.clock.now() : this.page.health ? Date.parse(this.page.health.now) / 1000 : Date.now() / 1000;
    return localDay(now, this.wearer.timezone);
  }

  /** @param {string[]} words */
  async go(words) {
    const turn = ++this.#turn;
    this.#words = words;
    window.clearTimeout(this.#timer);
    if (!this.page.clock.known) await this.#clock();
    const today = this.#today;
    const oldest = plus(today, -OLDEST_DAYS);
    const span = spanOf(words, today, this.#oldest || plus(today, -364), this.wearer.timezone);
    Object.values(this.cards).forEach((it) => it.wait());
    if (span.kind !== "all") {
      this.#span = span;
      this.frame.show(span, today);
      this.#arrange(span);
    }
    const path = `wearers/${encodeURIComponent(this.wearer.id)}`;
    const first = span.kind === "all" ? oldest : firstNeeded(span.first);
    try {
      const end = plus(span.last < today ? span.last : today, 1);
      const asked = first < end ? this.page.api.get(`${path}/days`, { start: first < oldest ? oldest : first, end }) : Promise.resolve({ days: [], columns: {}, pending: 0 });
      const hours = span.start === null ? (/** @type {string} */ from) => this.page.api.get(`${path}/week-hours`, { start: from, end }) : null;
      const answer = await asked;
      if (turn !== this.#turn) return;
      this.#past = new Past(answer, today);
      if (span.kind === "all" && answer.days.length) this.#oldest = answer.days[0];
      this.#span = spanOf(words, today, this.#oldest || plus(today, -364), this.wearer.timezone);
      if (span.kind === "all") {
        this.frame.show(this.#span, today);
        this.#arrange(this.#span);
      }
      this.#say(answer.pending);
      if (!(await this.#drawAll(turn, hours))) return;
      if (!this.#oldest) void this.#findOldest(oldest, end);
    } catch (error) {
      if (turn !== this.#turn) return;
      for (const card of Object.values(this.cards)) if (!card.root.hidden) card.broken(error, () => void this.go(this.#words));
    }
  }

  /** The page may be opened here, before the stream has told the time. */
  async #clock() {
    try {
      this.page.takeHealth(await this.page.api.health());
    } catch {
      return; // its own day has to do
    }
  }

  /** How far back there is anything, for zooming out. @param {string} oldest @param {string} end */
  async #findOldest(oldest, end) {
    try {
      const { days } = await this.page.api.get(`wearers/${encodeURIComponent(this.wearer.id)}/days`, { start: oldest, end });
      this.#oldest = days[0] ?? "";
    } catch {
      this.#oldest = ""; // asked for again the next time
    }
  }

  /** @param {number} pending */
  #say(pending) {
    show(this.pending, pending > 0);
    this.pending.textContent = plural(pending, "1 day is still being summed up and is not shown yet.", "{n} days are still being summed up and are not shown yet.");
    if (pending) this.#timer = window.setTimeout(() => void this.go(this.#words), PENDING_MS);
  }

  /** Which cards there are for a time. @param {Span} span */
  #arrange(span) {
    this.page.shows(this.#ends(span));
    const length = daysBetween(span.first, span.last) + 1;
    const short = span.start !== null;
    const { fine: minutes, strips, grid: field, ...rest } = this.cards;
    show(minutes.root, short);
    show(strips.root, !short && length <= MOST_STRIPS);
    show(field.root, !short && length > MOST_STRIPS);
    for (const card of Object.values(rest)) show(card.root, !short);
    if (length < FEWEST_OF_A_TREND) show(rest.trend.root, false);
  }

  /** The last day of a span that can have anything. @param {Span} span */
  #last(span) {
    const today = this.#today;
    return span.last < today ? span.last : today;
  }

  /** @param {number} turn @param {((from: string) => Promise<any>)|null} hours */
  async #drawAll(turn, hours) {
    const [span, past] = [this.#span, this.#past];
    if (!span || !past) return false;
    const last = this.#last(span);
    const days = daysOf(span.first, last);
    const any = span.start !== null || days.some((day) => past.get(day, "sitting_s") !== null);
    show(this.nothing, !any);
    if (!any) {
      this.nothing.textContent = span.first > last ? t("This time is still to come.") : t("Nothing was stored in this time. Days appear here once a sensor is worn.");
      Object.values(this.cards).forEach((it) => show(it.root, false));
      return true;
    }
    const now = this.page.clock.now();
    if (span.start !== null && span.end !== null) {
      const buckets = await askFine(this.page.api, this.wearer, span.start, span.end);
      if (turn !== this.#turn) return false;
      if (buckets.all().length) this.cards.fine.show(fine(buckets, span, span.start, span.end, this.wearer, now));
      else this.cards.fine.empty(t("Nothing was stored in this time."));
      this.zooms[1].drawn();
      return true;
    }
    this.#drawDays();
    const put = (/** @type {ChartCard} */ card, /** @type {import("../chart.js").Shown|null} */ shown, /** @type {string} */ none) => (shown ? card.show(shown) : card.empty(none));
    put(this.cards.exposure, exposure(past, span, last), t("How far your trunk was bent is not known of this time: it takes a reference pose, and is counted since this version."));
    put(this.cards.loads, loads(past, span, last), t("No sensor that was worn could measure these."));
    put(this.cards.outcomes, outcomes(past, span, last), t("No alert of this time asked for anything."));
    void this.#compare();
    const waits = [];
    if (!this.cards.strips.root.hidden) waits.push(askStrips(this.page.api, this.wearer, days).then((strips) => turn === this.#turn && this.cards.strips.show(shownStrips(past, span, strips, now))));
    if (hours) waits.push(hours(span.first).then((answer) => turn === this.#turn && put(this.cards.hours, weekHours(answer, span, last), t("Too little is known of this time for a map of the week."))));
    await Promise.all(waits);
    return turn === this.#turn;
  }

  /** What depends on the measure alone. */
  #drawDays() {
    const [span, past] = [this.#span, this.#past];
    if (!span || !past || span.start !== null) return;
    const measure = measures().find((it) => it.name === this.frame.measure.value) ?? measures()[0];
    const last = this.#last(span);
    if (!this.cards.grid.root.hidden) this.cards.grid.show(grid(past, span, last, measure));
    if (!this.cards.trend.root.hidden) this.cards.trend.show(trend(past, span, last, measure));
    this.zooms[0].drawn();
  }

  async #compare() {
    const [span, past, turn, asked] = [this.#span, this.#past, this.#turn, ++this.#compared];
    const wanted = () => turn === this.#turn && asked === this.#compared;
    if (!span || !past || span.start !== null) return;
    const last = this.#last(span);
    const length = daysBetween(span.first, last) + 1;
    const own = this.other.value === "own";
    show(this.otherFrom, own);
    const from = own ? this.otherFrom.value : this.other.value === "year" ? plus(span.first, -364) : firstBefore(span);
    if (!isDay(from)) return this.cards.compare.empty(t("Choose the first day of the other time."));
    const before = !own && this.other.value === "before" ? plus(span.first, -1) : ""; // February is before March, and none of it
    const to = [plus(from, length - 1), before].filter(Boolean).sort()[0];
    const card = this.cards.compare;
    try {
      const answer = await this.page.api.get(`wearers/${encodeURIComponent(this.wearer.id)}/days`, { start: from, end: plus(to, 1) });
      if (!wanted()) return;
      const shown = compare({ past, days: daysOf(span.first, last), title: spanWords(span.first, last) }, { past: new Past(answer, this.#today), days: daysOf(from, to), title: spanWords(from, to) }, `${span.first}-to-${last}-with-${from}-to-${to}`);
      if (typeof shown === "string") card.empty(shown);
      else card.show(shown);
    } catch (error) {
      if (wanted()) card.broken(error, () => void this.#compare());
    }
  }

  leave() {
    this.#turn++;
    window.clearTimeout(this.#timer);
    this.zooms.forEach((it) => it.dispose());
    Object.values(this.cards).forEach((it) => it.dispose());
  }
}

// @ts-check
/** The first run: from a sensor in the hand to the first alert, one thing at a time. */

import { ApiError } from "../api.js";
import { h, say, show } from "../dom.js";
import { t } from "../languages.js";
import { may, session } from "../rights.js";
import { goTo, place } from "../router.js";
import { lookAround } from "../sensing/look-around.js";
import { placeOf } from "../sensing/places.js";
import { sourceTag } from "../source.js";
import * as find from "./welcome/find.js";
import * as flow from "./welcome/flow.js";
import * as pose from "./welcome/pose.js";
import * as preset from "./welcome/preset.js";
import * as trial from "./welcome/trial.js";
import * as where from "./welcome/where.js";
import * as which from "./welcome/which.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../types.js").Sensor} Sensor */

/**
 * What a step is given. go: to another step, of the same sensor or another; next: to the one after this.
 * ready: sets what the main button says, null hides it; `alone` takes the other way on away.
 * @typedef {object} Host
 * @property {Picture} page
 * @property {Sensor} sensor the one it is about; of steps that want none it is not looked at
 * @property {(step: string, sensor?: string) => void} go
 * @property {() => void} next
 * @property {(words: string|null, alone?: boolean) => void} ready
 * @property {() => void} done leads to Now
 */

/**
 * next: what the main button does; true goes on. skip: what the other way on says; without it there is none.
 * @typedef {{next?: () => Promise<boolean>|boolean, leave?: () => void}} Mounted
 * @typedef {{words: {title: string, lead: string, skip?: string}, mount: (root: HTMLElement, host: Host) => Mounted|Promise<Mounted>}} Step
 */

/** sensor: whether it is about one. @type {[string, boolean, Step][]} */
const STEPS = [
  ["find", false, find], ["which", true, which], ["where", true, where], ["flow", true, flow],
  ["pose", true, pose], ["preset", false, preset], ["trial", false, trial],
];

/** Where to go on when the address does not say. @param {Picture} page @returns {Promise<[string, string?]>} */
async function resumed(page) {
  const sensors = [...page.sensors.values()];
  if (!sensors.length) return ["find"];
  const open = sensors.find((it) => !it.calibration && (placeOf(it.placement)?.poses ?? 0) > 0);
  if (open) return ["where", open.id];
  const settings = await page.api.get(`wearers/${encodeURIComponent(page.wearer.id)}/alert-settings`);
  return [settings.preset === null ? "preset" : "trial", sensors[0].id];
}

class Welcome {
  /** @type {Mounted} */
  #mounted = {};
  #turn = 0;
  #step = "";
  #sensor = "";

  /** @param {HTMLElement} root @param {Picture} page */
  constructor(root, page) {
    this.page = page;
    this.where = h("p", { class: "where", "data-testid": "welcome-step" });
    this.marks = STEPS.map(() => h("li"));
    this.title = h("h2", { tabindex: -1, hidden: true, "data-testid": "welcome-title" });
    this.lead = h("p", { class: "lead" }, t("Asking the service for this page.")); // until it is known where to go on
    this.body = h("div", { class: "step" });
    this.back = h("button", { type: "button", hidden: true, "data-testid": "welcome-back" }, t("Back"));
    this.skip = h("button", { type: "button", class: "plain", hidden: true, "data-testid": "welcome-skip" });
    this.main = h("button", { type: "button", class: "primary", hidden: true, "data-testid": "welcome-next" });
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    root.append(
      h("div", { class: "progress" }, this.where, h("ol", { "aria-hidden": "true" }, ...this.marks)),
      h("div", { class: "said" }, this.title, sourceTag(), this.lead), this.body, this.trouble,
      h("div", { class: "ways" }, this.back, this.skip, this.main));
    this.back.addEventListener("click", () => this.#leaveTo(-1));
    this.skip.addEventListener("click", () => this.#leaveTo(1));
    this.main.addEventListener("click", () => void this.#onwards());
  }

  get #index() {
    return STEPS.findIndex(([name]) => name === this.#step);
  }

  /** @param {-1|1} by */
  #leaveTo(by) {
    const to = STEPS[this.#index + by]?.[0];
    if (!to || (this.#step === "find" && by > 0)) this.#away();
    else goTo("welcome", to, ...(this.#sensor ? [this.#sensor] : []));
  }

  #away() {
    lookAround();
    goTo("now");
  }

  async #onwards() {
    this.main.disabled = true;
    try {
      if ((await (this.#mounted.next?.() ?? true)) && this.main.isConnected) this.#leaveTo(1);
    } finally {
      this.main.disabled = false;
    }
  }

  /** @param {string[]} words */
  async show(words) {
    let [name, sensor] = words;
    if (!name) [name, sensor = ""] = await this.#tried(() => resumed(this.page), ["find", ""]);
    const about = STEPS.find(([it]) => it === name);
    if (!about || (about[1] && !this.page.sensors.has(sensor ?? ""))) [name, sensor] = ["find", ""];
    if (place().name !== "welcome") return;
    const turn = ++this.#turn;
    const first = this.#step === "";
    this.#mounted.leave?.();
    this.#mounted = {};
    this.#step = name;
    this.#sensor = sensor ?? "";
    const step = STEPS[this.#index][2];
    say(this.where, t("Step {n} of {all}", { n: this.#index + 1, all: STEPS.length }));
    this.marks.forEach((mark, i) => (mark.className = i < this.#index ? "done" : i === this.#index ? "current" : ""));
    say(this.title, t(step.words.title));
    show(this.title, true);
    say(this.lead, t(step.words.lead));
    show(this.trouble, false);
    show(this.back, this.#index > 0);
    say(this.skip, step.words.skip ? t(step.words.skip) : "");
    show(this.skip, Boolean(step.words.skip));
    show(this.main, false);
    const root = h("div", { class: `step step-${name}`, "data-testid": `step-${name}` });
    this.body.replaceWith(root);
    this.body = root;
    if (!first) {
      window.scrollTo(0, 0);
      this.title.focus({ preventScroll: true });
    }
    const mounted = await this.#tried(async () => step.mount(root, {
      page: this.page,
      sensor: /** @type {Sensor} */ (this.page.sensors.get(this.#sensor)),
      go: (to, id) => goTo("welcome", to, ...[id ?? this.#sensor].filter(Boolean)),
      next: () => this.#leaveTo(1),
      done: () => this.#away(),
      ready: (text, alone = false) => {
        if (turn !== this.#turn) return;
        show(this.skip, Boolean(step.words.skip) && !alone);
        say(this.main, text ?? "");
        show(this.main, text !== null);
      },
    }), /** @type {Mounted} */ ({}));
    if (turn === this.#turn) this.#mounted = mounted;
    else mounted.leave?.();
  }

  /**
   * What `call` gives; where the service does not answer that is said, and `otherwise` it is.
   * @template T
   * @param {() => Promise<T>} call
   * @param {T} otherwise
   * @returns {Promise<T>}
   */
  async #tried(call, otherwise) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.trouble, `${error.message} ${t("Load the page again to go on here.")}`);
      show(this.trouble, true);
      return otherwise;
    }
  }

  leave() {
    this.#turn += 1;
    this.#mounted.leave?.();
  }
}

/** @param {HTMLElement} root @param {Picture} page @param {string[]} words @returns {Promise<import("../router.js").Shown>} */
export async function mount(root, page, words) {
  if (!(await may(await session(page.api), "write"))) {
    root.append(h("h2", {}, t("Welcome")), h("p", {}, t("There is no sensor yet, and you may look here and change nothing. Whoever set Sitwell up can pair one.")));
    return {};
  }
  if (!page.sensorsKnown) await page.loadSensors();
  const welcome = new Welcome(root, page);
  void welcome.show(words); // not waited for: the page takes the focus now, and not while somebody moves on
  return { go: (later) => void welcome.show(later), leave: () => welcome.leave() };
}

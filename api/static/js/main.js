// @ts-check
/** Starts the page: finds the wearer, and lets the views show what the picture of them tells. */

import { mountAlerts } from "./alerts.js";
import { ApiError } from "./api.js";
import { ticks } from "./clock.js";
import { byId, h, say, show } from "./dom.js";
import { quietly } from "./following.js";
import { freshness } from "./freshness.js";
import { install, keepVersion } from "./installed.js";
import { spoken, t, translate } from "./languages.js";
import { leadIn } from "./lead-in.js";
import { askToLogIn, secretOfLink } from "./login.js";
import { mountNotice } from "./notice.js";
import { mountNotifications } from "./notifications.js";
import { inStateSince, mountNow } from "./now.js";
import { api, open, opened, told } from "./opening.js";
import { Picture } from "./picture.js";
import { mountQuiet } from "./quiet.js";
import { Router, isLoginLink } from "./router.js";
import { mountSensorLine } from "./sensor-line.js";
import { sourceWords } from "./source.js";
import { mountTheme } from "./theme.js";
import { mountToday } from "./today.js";
import { duration, number, stateWord } from "./words.js";

const TICK_MS = 400;
/** Sums and strip are asked for once a minute of the service's time, and not more often than the second. */
const REFRESH_MS = 60000;
const LEAST_REFRESH_MS = 5000;
const RETRY_MS = 2500;
/** With no reading for this long the service itself is asked how it is. */
const ASK_S = 5;

/** @param {import("./types.js").Wearer[]} wearers @param {string} shown */
function offerWearers(wearers, shown) {
  const select = /** @type {HTMLSelectElement} */ (byId("wearer"));
  select.replaceChildren(...wearers.map((it) => h("option", { value: it.id, selected: it.id === shown }, it.name)));
  select.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.set("wearer", select.value);
    location.assign(url);
  });
  show(byId("wearer-box"), wearers.length > 1);
}

/** Waits until the service answers with its wearers. @returns {Promise<import("./opening.js").Opened>} */
async function findWearer() {
  const early = await opened;
  if (early) return early;
  const waiting = new Picture(api, { id: "", name: "", timezone: "UTC" });
  let notice = mountNotice(byId("notices"), waiting);
  const secret = secretOfLink();
  if (secret) await quietly(() => api.logIn(secret));
  for (;;) {
    try {
      const found = await open(await api.wearers());
      if (found) return found;
      waiting.up = true;
      waiting.sensorsKnown = true; // nobody to wear anything: the empty page
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) {
        await askToLogIn(byId("notices"), api);
        notice = mountNotice(byId("notices"), waiting);
        continue;
      }
      waiting.up = false;
    }
    notice(freshness(waiting));
    await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
  }
}

/** @param {Picture} page */
function showHeader(page) {
  const { source } = page;
  show(byId("simulated"), source !== "");
  say(byId("simulated"), sourceWords(source));
  document.documentElement.dataset.source = source;
  const speed = page.clock.speed;
  show(byId("speed"), page.clock.known && speed !== 1);
  say(byId("speed"), t("Time runs {n} times as fast", { n: number(speed, Number.isInteger(speed) ? 0 : 1) }));
}

async function start() {
  let redraw = () => {};
  await told();
  const first = spoken();
  translate(document.documentElement);
  delete document.documentElement.dataset.untold;
  const themed = mountTheme(byId("theme"), () => redraw());
  window.addEventListener("hashchange", () => isLoginLink() && location.reload());
  const { page, wearers } = await findWearer();
  offerWearers(wearers, page.wearer.id);
  if (spoken() !== first) {
    translate();
    themed();
  }
  api.refused = () => location.reload(); // which asks to log in
  const notice = mountNotice(byId("notices"), page);
  const now = mountNow(page);
  const alerts = mountAlerts(page);
  const today = mountToday(page);
  const askQuiet = mountQuiet(page);
  redraw = () => today.draw();
  mountSensorLine(page);
  mountNotifications(page);
  page.on(["clock", "health", "day", "source"], () => showHeader(page));
  page.on(["health"], () => page.health && void keepVersion(page.health.version));
  page.on(["clock"], () => void quietly(askQuiet));
  const router = new Router(page);
  void router.show();
  page.on(["sensors"], () => void quietly(() => leadIn(page)));

  let asked = ticks();
  const tick = () => {
    const fresh = freshness(page);
    notice(fresh);
    now(fresh);
    alerts();
    today.tick();
    document.documentElement.dataset.fresh = fresh.kind;
    if (page.clock.known && page.up) say(byId("clock"), page.hours.at(page.clock.now()));
    const reading = page.now;
    const since = reading?.time && fresh.kind === "live" ? inStateSince(reading) : null;
    const state = reading && since !== null ? `${stateWord(reading.activity)} ${duration(page.clock.now() - since)}` : "";
    document.title = [router.title, state, "Sitwell"].filter(Boolean).join(" · ");
    if (page.up && ticks() - Math.max(page.nowAt, asked) > ASK_S) {
      asked = ticks();
      void quietly(async () => page.takeHealth(await api.health()));
      void quietly(() => page.loadSensors());
    }
  };
  page.on(["link", "health", "sensors"], tick);
  window.setInterval(tick, TICK_MS);
  const refresh = async () => {
    if (page.up && !document.hidden) await Promise.all([quietly(() => page.refreshDay()), quietly(askQuiet)]);
    const soon = page.day === null ? LEAST_REFRESH_MS : REFRESH_MS / page.clock.speed;
    window.setTimeout(() => void refresh(), Math.max(LEAST_REFRESH_MS, soon));
  };
  window.setTimeout(() => void refresh(), LEAST_REFRESH_MS);
  document.addEventListener("visibilitychange", () => !document.hidden && page.up && void quietly(() => page.refreshDay()));
  page.tellKnown(); // it came before there was anybody to tell
  tick();
  if (document.readyState === "complete") install();
  else window.addEventListener("load", install); // after what is to be seen
}

void start();

// @ts-check
/** Starts the page: finds the wearer, opens the stream, hands its events to the picture and the views. */

import { mountAlerts } from "./alerts.js";
import { Api, ApiError } from "./api.js";
import { seconds, ticks } from "./clock.js";
import { byId, h, say, show } from "./dom.js";
import { freshness } from "./freshness.js";
import { install, keepVersion } from "./installed.js";
import { chosen, remembered, speak, spoken, t, translate } from "./languages.js";
import { leadIn } from "./lead-in.js";
import { askToLogIn, secretOfLink } from "./login.js";
import { mountNotice } from "./notice.js";
import { mountNotifications } from "./notifications.js";
import { inStateSince, mountNow } from "./now.js";
import { Picture } from "./picture.js";
import { mountQuiet } from "./quiet.js";
import { Router, announce } from "./router.js";
import { mountSensorLine } from "./sensor-line.js";
import { LiveStream } from "./stream.js";
import { mountTheme } from "./theme.js";
import { mountToday } from "./today.js";
import { duration, number, stateWord } from "./words.js";

const TICK_MS = 400;
/** Sums and strip are asked for once a minute of the service's time, and not more often than the second. */
const REFRESH_MS = 60000;
const LEAST_REFRESH_MS = 5000;
const RETRY_MS = 2500;
/** What an episode changes in the sums is stored within a second; they are asked for after that. */
const STORED_MS = 1500;
/** With no reading for this long the service itself is asked how it is. */
const ASK_S = 5;

const api = new Api(new URL("./", document.baseURI));

/** @param {import("./types.js").Wearer[]} wearers @param {string} chosen */
function offerWearers(wearers, chosen) {
  const select = /** @type {HTMLSelectElement} */ (byId("wearer"));
  select.replaceChildren(...wearers.map((it) => h("option", { value: it.id, selected: it.id === chosen }, it.name)));
  select.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.set("wearer", select.value);
    location.assign(url);
  });
  show(byId("wearer-box"), wearers.length > 1);
}

/** Waits until the service answers with its wearers. */
async function findWearer() {
  const wanted = new URL(location.href).searchParams.get("wearer");
  const waiting = new Picture(api, { id: "", name: "", timezone: "UTC" });
  let notice = mountNotice(byId("notices"), waiting);
  const secret = secretOfLink();
  if (secret) await quietly(() => api.logIn(secret));
  for (;;) {
    try {
      const wearers = await api.wearers();
      const wearer = wearers.find((it) => it.id === wanted) ?? wearers[0];
      if (wearer) {
        offerWearers(wearers, wearer.id);
        return wearer;
      }
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
function follow(page) {
  let known = "";
  let refreshing = 0;
  /** @type {Record<string, (data: any) => void>} */
  const events = {
    hello: (data) => {
      page.simulated = data.simulated;
      page.clock.set(seconds(data.now), data.speed);
      page.changed("clock");
      void reload(page);
    },
    now: (data) => {
      page.takeNow(data);
      if (data.time !== null && data.activity !== known) {
        if (known) announce(t("{state} since {time}", { state: stateWord(data.activity), time: page.hours.at(page.clock.now()) }));
        known = data.activity;
      }
    },
    sensor: (data) => {
      if (data.wearer !== page.wearer.id) return;
      page.sensors.set(data.id, data);
      page.sensorsKnown = true;
      page.changed("sensors");
    },
    gone: (data) => {
      if (data.wearer !== page.wearer.id) return;
      page.sensors.delete(data.id);
      page.changed("sensors");
    },
    episode: (data) => {
      page.takeEpisode(data);
      window.clearTimeout(refreshing); // an opening brings many at once
      refreshing = window.setTimeout(() => void quietly(() => page.refreshDay()), STORED_MS);
    },
    alert: (data) => {
      if (page.takeAlert(data)) announce(data.message);
    },
    health: (data) => {
      if (page.takeHealth(data)) void reload(page);
    },
  };
  return new LiveStream(
    api.url("live", { wearer: page.wearer.id }),
    (event, data) => events[event]?.(data),
    (up) => {
      const back = up && page.awaySince !== null;
      page.up = up;
      if (!up) page.awaySince = page.clock.known ? page.clock.now() : null;
      page.changed("link");
      if (back || !up) announce(up ? t("The service answers again.") : t("The service does not answer."));
    },
    () => void quietly(() => api.health()), // is the session over?
  );
}

/** What can wait does not trouble anyone when it does not come; the stream says when the service is away. */
async function quietly(/** @type {() => Promise<unknown>} */ call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** @param {Picture} page */
async function reload(page) {
  await Promise.all([
    quietly(() => page.loadSensors()),
    quietly(() => page.loadDay()),
    quietly(async () => page.takeHealth(await api.health())),
  ]);
}

/** @param {Picture} page */
function showHeader(page) {
  show(byId("simulated"), page.simulated);
  document.documentElement.toggleAttribute("data-simulated", page.simulated);
  const speed = page.clock.speed;
  show(byId("speed"), page.clock.known && speed !== 1);
  say(byId("speed"), t("Time runs {n} times as fast", { n: number(speed, Number.isInteger(speed) ? 0 : 1) }));
}

async function start() {
  let redraw = () => {};
  await speak(remembered());
  translate(document.documentElement);
  delete document.documentElement.dataset.untold;
  const themed = mountTheme(byId("theme"), () => redraw());
  window.addEventListener("hashchange", () => location.hash.startsWith("#login=") && location.reload());
  const wearer = await findWearer();
  if (chosen() === null && wearer.language && wearer.language !== spoken()) {
    await speak(wearer.language);
    translate();
    themed();
  }
  const page = new Picture(api, wearer);
  api.refused = () => location.reload(); // which asks to log in
  const notice = mountNotice(byId("notices"), page);
  const now = mountNow(page);
  const alerts = mountAlerts(page);
  const today = mountToday(page);
  const askQuiet = mountQuiet(page);
  redraw = () => today.draw();
  mountSensorLine(page);
  mountNotifications(page);
  page.on(["clock", "health"], () => showHeader(page));
  page.on(["health"], () => page.health && void keepVersion(page.health.version));
  page.on(["clock"], () => void quietly(askQuiet));
  follow(page);
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
  tick();
  if (document.readyState === "complete") install();
  else window.addEventListener("load", install); // after what is to be seen
}

void start();

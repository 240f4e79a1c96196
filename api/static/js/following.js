// @ts-check
/** Keeps a picture current: opens the stream, hands its events to the picture, asks anew for what they do not tell. */

import { ApiError } from "./api.js";
import { seconds } from "./clock.js";
import { t } from "./languages.js";
import { announce } from "./router.js";
import { LiveStream } from "./stream.js";
import { stateWord } from "./words.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** What an episode changes in the sums is stored within a second; they are asked for after that. */
const STORED_MS = 1500;

/** @param {Picture} page */
export function follow(page) {
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
    page.api.url("live", { wearer: page.wearer.id }),
    (event, data) => events[event]?.(data),
    (up) => {
      const back = up && page.awaySince !== null;
      page.up = up;
      if (!up) page.awaySince = page.clock.known ? page.clock.now() : null;
      page.changed("link");
      if (back || !up) announce(up ? t("The service answers again.") : t("The service does not answer."));
    },
    () => void quietly(() => page.api.health()), // is the session over?
  );
}

/** What can wait does not trouble anyone when it does not come; the stream says when the service is away. */
export async function quietly(/** @type {() => Promise<unknown>} */ call) {
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
    quietly(async () => page.takeHealth(await page.api.health())),
  ]);
}

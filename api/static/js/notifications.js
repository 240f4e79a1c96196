// @ts-check
/**
 * Alerts as notifications of this browser, while the page is open and not looked at. The choice is this browser's alone.
 * With a service worker they carry the answers; without one they only tell.
 */

import { kindOf } from "./kinds.js";
import { t } from "./languages.js";

const KEY = "sitwell.notifications";

/** @typedef {import("./types.js").Alert} Alert */

/** Why there are none, or that there are: `unable`: this browser cannot; `denied`: forbidden in the browser. @returns {"unable"|"denied"|"off"|"on"} */
export function notifying() {
  if (!("Notification" in window) || !window.isSecureContext) return "unable";
  if (Notification.permission === "denied") return "denied";
  return chosen() && Notification.permission === "granted" ? "on" : "off";
}

/** Whether alerts are to be shown by this browser; asks for permission. @param {boolean} on @returns {Promise<ReturnType<typeof notifying>>} */
export async function notify(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    return notifying(); // storage is switched off: it cannot be remembered, so it is not done
  }
  if (on && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  return notifying();
}

/** Follows the alerts of a page. @param {import("./picture.js").Picture} page */
export function mountNotifications(page) {
  /** Alerts that were open when the page came up are no news. @type {Map<string, number>} */
  const told = new Map();
  /** @type {Map<string, Notification>} */
  const shown = new Map();
  /** What was begun with an alert's notification last: one that is still on its way cannot be closed. @type {Map<string, Promise<void>>} */
  const turns = new Map();
  /** @param {string} id @param {() => Promise<void>} call */
  const inTurn = async (id, call) => {
    const done = (turns.get(id) ?? Promise.resolve()).then(call, call);
    turns.set(id, done);
    await done;
    if (turns.get(id) === done) turns.delete(id);
  };
  let began = false;
  page.on(["alerts"], () => {
    for (const alert of page.alerts.values()) {
      const said = told.get(alert.id) ?? 0;
      told.set(alert.id, alert.said);
      const quiet = !alert.open || alert.acknowledged_at !== null;
      if (quiet) void inTurn(alert.id, () => close(alert.id, shown));
      else if (began && alert.said > said && document.hidden && notifying() === "on") void inTurn(alert.id, () => tell(alert, shown));
    }
    began ||= page.day !== null;
  });
}

/** @param {Alert} alert @param {Map<string, Notification>} shown */
async function tell(alert, shown) {
  const kind = kindOf(alert.kind);
  const data = { alert: alert.id, minutes: kind.snooze_min, address: "#/alerts" }; // read by sw.js
  const options = { body: alert.message, tag: alert.id, icon: new URL("./icon.svg", document.baseURI).href, data };
  const worker = await workerOf();
  if (worker) {
    const actions = [{ action: "snooze", title: t("In {n} min", { n: kind.snooze_min }) }, { action: "fine", title: t(kind.fine) }];
    return worker.showNotification("Sitwell", /** @type {any} */ ({ ...options, actions }));
  }
  const it = new Notification("Sitwell", options);
  it.addEventListener("click", () => {
    window.focus();
    it.close();
  });
  shown.set(alert.id, it);
}

/** @param {string} id of an alert @param {Map<string, Notification>} shown */
async function close(id, shown) {
  shown.get(id)?.close();
  shown.delete(id);
  if (notifying() !== "on") return;
  const worker = await workerOf();
  for (const it of (await worker?.getNotifications({ tag: id })) ?? []) it.close();
}

/** @returns {Promise<ServiceWorkerRegistration|null>} one that is there already; none is waited for */
async function workerOf() {
  const found = await navigator.serviceWorker?.getRegistration();
  return found?.active ? found : null;
}

/** @returns {boolean} */
function chosen() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

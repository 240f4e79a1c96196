// @ts-check
/** How the page says how a sensor's link is, and why. */

import { spoken, t, texts } from "./languages.js";

/** @type {Record<string, string>} */
const LINKS = texts({
  idle: "Idle",
  scanning: "Looking for it",
  connecting: "Connecting",
  starting: "Starting",
  streaming: "Streaming",
  silent: "Connected, silent",
  backing_off: "Trying again soon",
  stopped: "Stopped",
});

/**
 * Why a link is as it is, where the service's own English sentence is not what is spoken; by its stable word.
 * @type {Record<string, string>}
 */
const LINK_REASONS = texts({
  not_heard: "Not heard: out of range, asleep, switched off, or connected to something else.",
  no_adapter: "There is no Bluetooth adapter that can be used. Plug one in, or check its driver.",
  radio_off: "Bluetooth is switched off. Switch it on.",
  no_permission: "Sitwell may not use Bluetooth. Allow it in the system's settings.",
  no_service: "There is no Bluetooth service on this machine.",
  radio: "Bluetooth is not available.",
  adapter_busy: "The Bluetooth adapter is busy.",
  no_slots: "The Bluetooth adapter carries no more sensors. Disconnect one, or plug in a second adapter.",
  no_answer: "The sensor did not answer in time.",
  peer_lost: "The link to the sensor broke.",
  silent: "Connected, but nothing comes.",
  halted: "The sensor stopped its stream.",
  handshake: "The sensor did not start as expected.",
  refused: "The sensor refused what it was asked for.",
  missing: "The sensor lacks what its driver needs.",
  needs_pairing: "The sensor wants to be paired with this computer first.",
  encrypted: "The sensor sends encrypted data and its key is missing.",
});

/** @param {string} link */
export function linkWord(link) {
  return t(LINKS[link] ?? link.replaceAll("_", " "));
}

/** Why a sensor's link is in its state, in one sentence; empty when all is well. @param {import("./types.js").Sensor} sensor */
export function linkReason(sensor) {
  if (!sensor.reason || spoken() === "en") return sensor.reason ?? "";
  return t(LINK_REASONS[sensor.reason_code] ?? LINK_REASONS.peer_lost);
}

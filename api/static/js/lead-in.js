// @ts-check
/** Who has no sensor yet is led to the first run from Now by itself, unless they want to look around first. */

import { may, session } from "./rights.js";
import { address, place } from "./router.js";
import { looksAround } from "./sensing/look-around.js";

/** @param {import("./picture.js").Picture} page */
export async function leadIn(page) {
  page.mayWrite ??= may(await session(page.api), "write");
  const empty = page.sensorsKnown && page.sensors.size === 0 && !page.started;
  if (empty && page.mayWrite && place().name === "now" && !looksAround()) location.replace(address("welcome"));
}

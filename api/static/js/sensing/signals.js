// @ts-check
/** What a sensor in range tells, in words, and why none is heard. */

import { t, texts } from "../languages.js";
import { listed } from "../words.js";

/** Received strength, dBm, from which a sensor is as near as the word says [J]; a body between costs 10 to 20. */
const NEARNESS = texts({ "-55": "very near", "-70": "near", "-85": "in the room", "-999": "far" });

/** @param {number|null} dbm */
export function nearness(dbm) {
  if (dbm === null) return t("heard");
  const limit = Object.keys(NEARNESS).map(Number).sort((a, b) => b - a).find((it) => dbm >= it);
  return t(NEARNESS[/** @type {keyof typeof NEARNESS} */ (String(limit ?? -999))]);
}

/** @type {Record<string, string>} */
const MEASURES = texts({ move: "movement", tilt: "tilt", gyro: "turning", battery: "its battery" });

/** @param {string[]} measures as the service calls them: an accelerometer ("acc") feels movement and where down is */
export function measureWords(measures) {
  const parts = measures.flatMap((it) => (it === "acc" ? ["move", "tilt"] : it === "direction" ? ["tilt"] : [it]));
  return listed(parts.map((it) => t(MEASURES[it] ?? it)));
}

/** Why there is no radio, by the service's word. @type {Record<string, string>} */
const DEAF = texts({
  no_adapter: "This computer has no Bluetooth that Sitwell can use.",
  radio_off: "Bluetooth is switched off.",
  no_permission: "Sitwell may not use Bluetooth.",
  no_service: "The system's Bluetooth service is not running.",
});

/** What to do about it. @type {Record<string, string>} */
const DEAF_NEXT = texts({
  no_adapter: "Plug a Bluetooth adapter in; the list fills by itself.",
  radio_off: "Switch it on in the system's settings; the list fills by itself.",
  no_permission: "Allow it in the system's privacy settings, then start Sitwell again.",
  no_service: "Start it: sudo systemctl start bluetooth",
});

/** @param {string} code @param {string} sentence of the service @returns {[string, string]} what is so, and what to do */
export function deafWords(code, sentence) {
  if (code in DEAF) return [t(DEAF[code]), t(DEAF_NEXT[code])];
  return [sentence, t("Sitwell tries again by itself.")];
}

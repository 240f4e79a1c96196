// @ts-check
/** What each right is good for, in words. */

import { t, texts } from "../../languages.js";

/** @typedef {import("../../rights.js").Right} Right */

/** @type {Record<Right, string>} */
export const RIGHTS = texts({ read: "look", write: "make changes", admin: "administer", organisation: "see averages" });

/** @type {Record<Right, string>} */
export const HOLDS = texts({
  read: "Look at everything that is not about tokens or the audit.",
  write: "Look; answer alerts, change settings, pair sensors, begin exports.",
  admin: "Everything, also tokens, the audit and erasing anybody.",
  organisation: "The averages over ten and more wearers, and nothing else.",
});

/** The fewest words for rights, since one may hold another. @param {string[]} rights */
export function rightsWords(rights) {
  if (rights.includes("admin")) return t("administer");
  const held = /** @type {Right[]} */ (Object.keys(RIGHTS)).filter((it) => rights.includes(it) && !(it === "read" && rights.includes("write")));
  return held.map((it) => t(RIGHTS[it])).join(", ") || t("nothing");
}

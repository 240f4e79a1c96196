// @ts-check
/**
 * The first questions, asked while the rest of the page is still on its way: whose page it is, then all that is so of
 * them. It stands before main.js in the document, and wants as few modules as it can.
 */

import { Api, ApiError } from "./api.js";
import { follow } from "./following.js";
import { chosen, remembered, speak, spoken } from "./languages.js";
import { Picture } from "./picture.js";
import { PAGES, isLoginLink, place } from "./router.js";

/** @typedef {import("./types.js").Wearer} Wearer */
/** @typedef {{page: Picture, wearers: Wearer[]}} Opened */

export const api = new Api(new URL("./", document.baseURI));

/** The page that the address names comes at the same time; what is wrong with it is said when it is to be shown. */
PAGES.find((it) => it.name === place().name)?.load?.().catch(() => undefined);

let telling = speak(remembered());

/** Until the words of the language are there that is spoken by now. */
export function told() {
  return telling;
}

/**
 * The picture of the wearer whom the address names, or of the first one, followed from now on.
 * @param {Wearer[]} wearers
 * @returns {Promise<Opened|null>} null where there is nobody
 */
export async function open(wearers) {
  const wanted = new URL(location.href).searchParams.get("wearer");
  const wearer = wearers.find((it) => it.id === wanted) ?? wearers[0];
  if (!wearer) return null;
  if (chosen() === null && wearer.language && wearer.language !== spoken()) telling = speak(wearer.language);
  await telling; // the picture's hours are written in it
  const page = new Picture(api, wearer);
  follow(page);
  return { page, wearers };
}

/** Null where the service does not answer, or not to everybody: main.js goes on from there, and says so. */
export const opened = isLoginLink() ? Promise.resolve(null) : begin();

/** @returns {Promise<Opened|null>} */
async function begin() {
  try {
    return await open(await api.wearers());
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

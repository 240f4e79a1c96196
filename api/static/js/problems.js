// @ts-check
/** How the page says what the service answers when it cannot do what was asked. */

import { spoken, t, texts } from "./languages.js";

/** Where the service's own English sentence is not what is spoken; by the status of the answer. @type {Record<number, string>} */
const BY_STATUS = texts({
  0: "The service is not answering.",
  400: "The service does not understand what was asked.",
  401: "You are not logged in.",
  403: "You are not allowed to do this.",
  404: "This is not there, or not any more.",
  409: "This does not fit what has become of it in the meantime.",
  410: "This is not there any more.",
  413: "This is too much at once.",
  415: "The service does not understand what was asked.",
  422: "Something in it is not as it should be.",
  429: "That was asked too often. Wait a little and try again.",
  503: "The service cannot do this just now. Try again in a little while.",
});

/**
 * @param {number} status of the answer, 0 without one
 * @param {string} english the service's sentence
 */
export function problem(status, english) {
  if (spoken() === "en") return english;
  return t(BY_STATUS[status] ?? "Something went wrong in the service. Its log says more.");
}

// @ts-check
/** German: the frame of the page, Now, and what every page says. */

/** @type {Record<string, string>} */
export const words = {};

// @ts-check
/** German: the way to the other pages. */

/** @type {Record<string, string>} */
export const words = {};

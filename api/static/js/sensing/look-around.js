// @ts-check
/** Whether somebody without a sensor wants to look around first: then Now does not lead to the first run by itself. */

const KEY = "sitwell.looking";
let looking = false;

/** From now on, until the browser is closed. */
export function lookAround() {
  looking = true;
  try {
    sessionStorage.setItem(KEY, "1");
  } catch {
    // storage is switched off: as long as the page is open
  }
}

export function looksAround() {
  try {
    return looking || sessionStorage.getItem(KEY) === "1";
  } catch {
    return looking;
  }
}

// @ts-check
/** The page as an application: its shell is kept for when the service is away, and a notification brings it forward. */

/** The shell is fetched when what is to be seen has been there for this long: both come through the same six connections. */
const AFTER_MS = 3000;

let told = "";

/** Has the shell kept, where a browser allows that: on this machine or over https. */
export function install() {
  const workers = window.isSecureContext ? navigator.serviceWorker : undefined;
  if (!workers) return;
  workers.addEventListener("message", (event) => {
    if (typeof event.data?.goTo === "string" && event.data.goTo.startsWith("#/")) location.hash = event.data.goTo;
  });
  workers.register("./sw.js", { scope: "./", updateViaCache: "none" }).catch(() => undefined); // not allowed here: the page works without
}

/**
 * Tells the keeper of the shell which version of the service answers, so that it keeps that one whole.
 * @param {string} version
 */
export async function keepVersion(version) {
  if (version === told || !window.isSecureContext || !navigator.serviceWorker) return;
  told = version;
  await new Promise((resolve) => window.setTimeout(resolve, AFTER_MS));
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ version });
}

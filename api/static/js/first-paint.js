// What was chosen, before the first paint; the rest is in theme.js and languages.js.
try {
  const theme = localStorage.getItem("sitwell.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const language = localStorage.getItem("sitwell.language") ?? localStorage.getItem("sitwell.language.last") ?? navigator.language;
  // English words are in the page: whoever reads another language waits for those instead of seeing both
  if (!language.startsWith("en")) document.documentElement.dataset.untold = "";
} catch {
  // storage is switched off: the system's theme it is
}
// The first question is on its way before the modules that ask it; a login link is spent before anything is asked.
if (!location.hash.startsWith("#login=")) {
  const wearers = document.createElement("link");
  Object.assign(wearers, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: "./api/v1/wearers" });
  document.head.append(wearers);
}

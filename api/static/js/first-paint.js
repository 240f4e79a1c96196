// The remembered theme, before the first paint; the rest is in theme.js.
try {
  const theme = localStorage.getItem("sitwell.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is switched off: the system's theme it is
}

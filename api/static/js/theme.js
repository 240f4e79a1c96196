// @ts-check
/** Light and dark: follows the system unless the switch says otherwise. The choice is remembered. */

import { s, setAttributes } from "./dom.js";
import { t, texts } from "./languages.js";

const KEY = "sitwell.theme";
const CHOICES = /** @type {const} */ (["system", "light", "dark"]);

/** @typedef {typeof CHOICES[number]} Theme */

/** Drawn with one stroke width: half a disc, a sun, a moon. @type {Record<Theme, string>} */
const SIGNS = {
  system: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 4v16",
  light: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  dark: "M19 14.5A8 8 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
};

/** @type {Record<Theme, string>} */
const WORDS = texts({ system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" });

/** @returns {Theme} */
function stored() {
  try {
    const value = /** @type {Theme|null} */ (localStorage.getItem(KEY));
    return value && CHOICES.includes(value) ? value : "system";
  } catch {
    return "system"; // storage is switched off: the choice lasts as long as the page
  }
}

/** @param {Theme} theme */
function keep(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return; // as above
  }
}

/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Calls `listener` whenever the colours may have changed.
 * @param {() => void} listener
 * @returns {() => void} ends that
 */
export function onTheme(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Puts a choice in force. Replaced once the page has its button. @type {(theme: Theme) => void} */
let apply = keep;

/** The choice of this browser. */
export function chosenTheme() {
  return stored();
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  apply(theme);
}

/**
 * Makes the button switch between system, light and dark.
 * @param {HTMLElement} button
 * @param {() => void} onChange called when the colours may have changed
 * @returns {() => void} to be called when another language is spoken
 */
export function mountTheme(button, onChange) {
  let theme = stored();
  const sign = s("path", { d: SIGNS[theme] });
  button.append(s("svg", { class: "sign", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, sign));
  const changed = () => {
    const { page } = colours(["page"]);
    document.querySelectorAll('meta[name="theme-color"]').forEach((it) => it.setAttribute("content", page));
    [onChange, ...listeners].forEach((it) => it());
  };
  const draw = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    setAttributes(sign, { d: SIGNS[theme] });
    setAttributes(button, { "aria-label": t(WORDS[theme]), title: t(WORDS[theme]) });
    changed();
  };
  apply = (wanted) => {
    theme = wanted;
    keep(theme);
    draw();
  };
  button.addEventListener("click", () => apply(CHOICES[(CHOICES.indexOf(theme) + 1) % CHOICES.length]));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  draw();
  return draw;
}

/**
 * The colours of the present theme, as plain rgb(), for what cannot read custom properties.
 * @template {string} K
 * @param {K[]} names custom properties without their dashes
 * @returns {Record<K, string>}
 */
export function colours(names) {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  /** @type {Record<string, string>} */
  const out = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    out[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return /** @type {Record<K, string>} */ (out);
}

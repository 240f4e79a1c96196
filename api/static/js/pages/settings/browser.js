// @ts-check
/** What holds in this browser alone: notifications, theme, language of the page. */

import { h, say, setAttributes } from "../../dom.js";
import { LANGUAGES, choose, chosen, t, texts } from "../../languages.js";
import { notify, notifying } from "../../notifications.js";
import { chooseTheme, chosenTheme, onTheme } from "../../theme.js";
import { toast } from "../../toast.js";

/** @type {Record<ReturnType<typeof notifying>, string>} */
const NOTIFYING = texts({
  unable: "This browser shows no notifications here: it wants a page over TLS, or on this machine.",
  denied: "You have forbidden notifications of this page in your browser. Allow them there, then switch them on here.",
  off: "Alerts are shown on the page only.",
  on: "While Sitwell is open and you look at something else, this browser shows new alerts. They go when the alert is over.",
});

/** @type {Record<"system"|"light"|"dark", string>} */
const THEMES = texts({ system: "As the system", light: "Light", dark: "Dark" });

/** @param {import("../../picture.js").Picture} _page */
export function mountBrowser(_page) {
  const box = h("input", { type: "checkbox", class: "switch", role: "switch", id: "notifying", "aria-describedby": "notifying-words", "data-testid": "notifying" });
  const words = h("p", { class: "effect", id: "notifying-words", role: "status", "data-testid": "notifying-words" });
  const draw = (/** @type {ReturnType<typeof notifying>} */ state) => {
    box.checked = state === "on";
    setAttributes(box, { disabled: state === "unable" || state === "denied" });
    say(words, t(NOTIFYING[state]));
  };
  box.addEventListener("change", async () => draw(await notify(box.checked)));
  draw(notifying());

  const themes = /** @type {["system"|"light"|"dark", string][]} */ (Object.entries(THEMES)).map(([value, word]) => {
    const radio = h("input", { type: "radio", name: "theme", value, "data-testid": `theme-${value}` });
    radio.addEventListener("change", () => {
      const before = chosenTheme();
      chooseTheme(value);
      toast(t("Colours: {theme}.", { theme: t(word) }), () => chooseTheme(before));
    });
    return { value, radio, label: h("label", {}, radio, h("span", {}, t(word))) };
  });
  const drawTheme = () => themes.forEach(({ value, radio }) => (radio.checked = value === chosenTheme()));
  drawTheme();

  const language = h("select", { id: "page-language", "data-testid": "page-language", "aria-describedby": "page-language-words" },
    h("option", { value: "" }, t("As your alerts")),
    ...LANGUAGES.map(([tag, name]) => h("option", { value: tag, selected: tag === chosen(), lang: tag }, name)));
  language.addEventListener("change", () => {
    choose(language.value || null);
    location.reload(); // every word of the page anew
  });
  const root = h("ul", { class: "settings" },
    h("li", { class: "setting" }, h("div", { class: "setting-line" }, h("label", { for: "notifying", class: "setting-name" }, t("Notifications of this browser")), box), words),
    h("li", { class: "setting" }, h("fieldset", { class: "theme-choice" }, h("legend", { class: "setting-name" }, t("Colours")), h("div", { class: "choice" }, ...themes.map((it) => it.label)))),
    h("li", { class: "setting" }, h("div", { class: "setting-line" }, h("label", { for: "page-language", class: "setting-name" }, t("Language of this page")), language),
      h("p", { class: "effect", id: "page-language-words" }, t("The page is read anew. Your alerts have a language of their own, under You."))));
  return { root, leave: onTheme(drawTheme) };
}

// @ts-check
/** One alert to try: on this page, as a notice of the browser, and over every channel that is set up. */

import { ApiError } from "../../api.js";
import { h, s, say, show } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { kindOf } from "../../kinds.js";
import { notify, notifying } from "../../notifications.js";
import { announce } from "../../router.js";

export const words = texts({
  title: "Hear one alert",
  lead: "This is how Sitwell speaks: what was measured, and what would help. Nothing more.",
});

/** @type {Record<string, string>} */
const NOTICES = texts({
  on: "Notices of this browser are allowed: an alert reaches you while another window is in front.",
  off: "A notice of this browser reaches you while another window is in front. It asks you once, and you can take it back there.",
  denied: "Notices of this browser are blocked. The sign beside the address of this page lets you allow them.",
  unable: "This browser shows no notices here: it wants a page over https, or on the machine itself. Alerts are shown on this page.",
});

/** What came of a trial over a channel, by its state. @type {Record<string, string>} */
const CAME = texts({
  delivered: "It was delivered.",
  waiting: "It is on its way.",
  failed: "It did not arrive.",
});

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export async function mount(root, host) {
  const { page } = host;
  const sentence = t("You have sat for 32 min. A minute on your feet starts a break.");
  const card = h("article", { class: "card kind-sitting", "data-testid": "trial-card", hidden: true },
    h("p", { class: "head" }, s("svg", { class: "sign kind-sitting", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, s("path", { d: kindOf("sitting").sign })),
      h("span", { class: "tag" }, t("a trial"))), h("p", { class: "message" }, sentence));
  const heard = h("p", { class: "hint", role: "status", "data-testid": "trial-heard" });
  const go = h("button", { type: "button", class: "primary", "data-testid": "trial-go" }, t("Show me one"));
  const allow = h("button", { type: "button", "data-testid": "allow" }, t("Allow notices"));
  const may = h("p", { class: "hint", "data-testid": "notices" });
  const list = h("ul", { class: "channels", "data-testid": "channels" });
  root.append(h("div", { class: "answers" }, go), h("div", {}, card, heard),
    h("section", { class: "ways-to-hear" }, h("h3", {}, t("Notices of this browser")), may, allow), list);
  const tell = () => {
    say(may, t(NOTICES[notifying()]));
    show(allow, notifying() === "off");
  };
  tell();

  go.addEventListener("click", async () => {
    show(card, true);
    announce(sentence);
    const shown = await noticed(t("Sitwell, a trial"), sentence);
    say(heard, shown ? t("It is here, and beside this window.") : t("It is here, on this page."));
    say(go, t("Once more"));
    go.classList.remove("primary");
    host.ready(t("You are set: to Now"));
  });
  allow.addEventListener("click", async () => {
    await notify(true);
    tell();
  });
  await showChannels(list, page);
  return {
    next: () => {
      host.done();
      return false;
    },
  };
}

/** @param {HTMLElement} list @param {import("../../picture.js").Picture} page */
async function showChannels(list, page) {
  const wearer = page.wearer.id;
  const { items } = await page.api.get("channels", { wearer });
  list.replaceChildren(...items.map((/** @type {{name: string, problem: string|null}} */ channel) => {
    const button = h("button", { type: "button", "data-testid": `try-${channel.name}` }, t("Try {name}", { name: channel.name }));
    const came = h("span", { class: "hint", role: "status" }, channel.problem ?? "");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const path = `channels/${encodeURIComponent(channel.name)}/test?wearer=${encodeURIComponent(wearer)}`;
        const { state, problem } = await page.api.send("POST", path, {}, AbortSignal.timeout(60000));
        say(came, [t(CAME[state] ?? CAME.failed), problem].filter(Boolean).join(" "));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(came, error.message);
      }
      button.disabled = false;
    });
    return h("li", {}, button, came);
  }));
}

/** @param {string} title @param {string} body @returns {Promise<boolean>} whether the browser shows it beside this window */
async function noticed(title, body) {
  if (notifying() !== "on") return false;
  try {
    new Notification(title, { body, tag: "sitwell-trial", icon: new URL("./icon.svg", document.baseURI).href });
    return true;
  } catch {
    const worker = await navigator.serviceWorker?.getRegistration(); // phones show them through a worker alone
    await worker?.showNotification(title, { body, tag: "sitwell-trial" });
    return Boolean(worker);
  }
}

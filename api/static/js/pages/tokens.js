// @ts-check
/** Tokens: who may ask this service, how others get in, and who did what. */

import { h } from "../dom.js";
import { button } from "../form.js";
import { t } from "../languages.js";
import { forbidden, may, session } from "../rights.js";
import { moment } from "../when.js";
import { quiet } from "../toast.js";
import { mountAudit } from "./tokens/audit.js";
import { CredentialList } from "./tokens/list.js";
import { mountLink, mountToken } from "./tokens/make.js";
import { rightsWords } from "./tokens/rights-words.js";

/**
 * @param {HTMLElement} place
 * @param {import("../picture.js").Picture} page
 * @returns {Promise<import("../router.js").Shown>}
 */
export async function mount(place, page) {
  const who = await session(page.api);
  if (!may(who, "admin")) {
    place.append(...forbidden(t("Tokens"), t("Tokens, login links and the audit want the right to administer, which you do not have.")), you(page, who));
    return {};
  }
  /** @type {import("../types.js").Wearer[]} */
  const wearers = await page.api.wearers();
  const list = new CredentialList(page, wearers, who);
  const audit = mountAudit(page, wearers);
  const changed = () => Promise.all([list.ask(), audit.begin()]);
  list.changed = audit.begin;
  place.append(
    h("div", { class: "heading" }, h("h2", {}, t("Tokens"))),
    h("p", { class: "lead" }, t("A program comes in with a token, a person with a login link. Each has rights, may be bound to one wearer, and can be taken back.")),
    you(page, who),
    mountToken(page, wearers, changed), mountLink(page, wearers, changed), list.root, audit.root);
  void changed(); // the page has the focus at once, not when its lists have come
  return { leave: quiet };
}

/** Who looks, and the way out. @param {import("../picture.js").Picture} page @param {import("../rights.js").Session} who */
function you(page, who) {
  const here = who.who === "api";
  const until = who.expires_at === null ? "" : ` ${t("Until {when}.", { when: moment(who.expires_at, page.wearer.timezone) })}`;
  const text = here ? t("You sit at the machine itself; nobody there is asked who they are.") : t("You are in as {who}: you may {rights}.", { who: who.who, rights: rightsWords(who.rights) }) + until;
  const out = button(t("Log out"), async () => {
    page.api.refused = () => {}; // what is still asked is refused, and one loading is enough
    await page.api.send("POST", "logout", {});
    location.reload();
  }, { class: "quiet", "data-testid": "log-out" });
  return h("section", { class: "you", "aria-label": t("You"), "data-testid": "you" }, h("p", {}, text), ...(here ? [] : [out]));
}

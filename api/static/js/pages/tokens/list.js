// @ts-check
/** Tokens, sessions and login links there are, and taking them back. */

import { ApiError } from "../../api.js";
import { ask } from "../../ask.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { button, generalProblem, problemWords } from "../../form.js";
import { plural, t, texts } from "../../languages.js";
import { toast } from "../../toast.js";
import { date, moment } from "../../when.js";
import { rightsWords } from "./rights-words.js";

/**
 * @typedef {{id: string, kind: "token"|"session"|"login", name: string, rights: string[], wearer: string|null, parent: string|null,
 *   made_at: string, expires_at: string|null, revoked_at: string|null, last_used_at: string|null}} Credential
 */

/** @type {Record<"token"|"session"|"login", string>} */
const KINDS = texts({ token: "Tokens of programs", session: "Sessions of browsers", login: "Login links not used yet" });
/** What is said when there is none. @type {Record<string, string>} */
const NONE = texts({ token: "There is none: no program needs one on the machine itself.", session: "Nobody has logged in." });

export class CredentialList {
  /** Called after one was taken back. @type {() => Promise<unknown>} */
  changed = async () => undefined;

  /**
   * @param {import("../../picture.js").Picture} page
   * @param {import("../../types.js").Wearer[]} wearers
   * @param {import("../../rights.js").Session} who
   */
  constructor(page, wearers, who) {
    this.page = page;
    this.names = new Map(wearers.map((it) => [it.id, it.name]));
    this.who = who;
    this.problem = generalProblem("list-problem");
    this.root = h("div", { class: "credentials" });
  }

  async ask() {
    /** @type {Credential[]} */
    let items;
    try {
      items = (await this.page.api.get("tokens")).items.reverse();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.problem, problemWords(error));
      show(this.problem, true);
      return this.root.replaceChildren(this.problem);
    }
    this.root.replaceChildren(this.problem, .../** @type {(keyof typeof KINDS)[]} */ (Object.keys(KINDS)).flatMap((kind) => {
      const own = items.filter((it) => it.kind === kind);
      if (!own.length && !(kind in NONE)) return [];
      const good = own.filter((it) => this.#good(it));
      const gone = own.filter((it) => !this.#good(it));
      return [h("section", { "aria-labelledby": `list-${kind}`, "data-testid": `list-${kind}` },
        h("h3", { id: `list-${kind}` }, t(KINDS[kind])),
        ...(good.length ? [h("ul", { class: "rows credentials-list" }, ...good.map((it) => this.#row(it)))] : [h("p", { class: "hint" }, kind in NONE ? t(NONE[kind]) : t("None that can still be used."))]),
        ...(gone.length ? [h("details", {}, h("summary", {}, plural(gone.length, "One that is over", "{n} that are over")),
          h("ul", { class: "rows credentials-list" }, ...gone.map((it) => this.#row(it))))] : []))];
    }));
  }

  /** @param {Credential} it */
  #good(it) {
    return it.revoked_at === null && (it.expires_at === null || seconds(it.expires_at) > Date.now() / 1000);
  }

  /** @param {Credential} it */
  #row(it) {
    const zone = this.page.wearer.timezone;
    const good = this.#good(it);
    const mine = this.who.who === `${it.kind} ${it.id}`;
    const facts = [
      it.wearer === null ? t("everybody") : this.names.get(it.wearer) ?? it.wearer,
      t("made {when}", { when: date(it.made_at, zone) }),
      it.last_used_at === null ? t("never used") : t("last used {when}", { when: moment(it.last_used_at, zone) }),
      it.revoked_at !== null ? t("taken back {when}", { when: moment(it.revoked_at, zone) })
        : it.expires_at === null ? t("for ever")
          : t(good ? "until {when}" : "ended {when}", { when: it.kind === "login" ? moment(it.expires_at, zone) : date(it.expires_at, zone) }),
    ];
    return h("li", { "data-testid": "credential", "data-id": it.id },
      h("p", {}, h("strong", {}, it.name), " ", h("span", { class: "tag" }, rightsWords(it.rights)), ...(mine ? [" ", h("span", { class: "hint" }, t("this browser"))] : [])),
      h("p", { class: "hint" }, facts.join(" \u00b7 ")),
      ...(good ? [button(it.kind === "token" ? t("Take back") : t("End it"), () => this.#revoke(it, mine),
        { class: "quiet", "data-testid": "revoke", "aria-label": it.kind === "token" ? t("Take back “{name}”", { name: it.name }) : t("End it: {name}", { name: it.name }) })] : []));
  }

  /** @param {Credential} it @param {boolean} mine */
  async #revoke(it, mine) {
    const sure = await ask({
      title: it.kind === "token" ? t("Take back the token “{name}”?", { name: it.name }) : t("End “{name}”?", { name: it.name }),
      body: [h("p", {}, it.kind === "token" ? t("Whatever uses it is refused within a second, and so are the sessions made of it. It cannot be given back; a new one can be made.")
        : mine ? t("That is you: this browser has to log in again.") : t("It lets nobody in any more.")),
      ...(it.last_used_at ? [h("p", {}, t("It was last used {when}.", { when: moment(it.last_used_at, this.page.wearer.timezone) }))] : [])],
      action: it.kind === "token" ? t("Take it back") : t("End it"),
      risk: true,
    });
    if (!sure) return;
    try {
      await this.page.api.send("DELETE", `tokens/${encodeURIComponent(it.id)}`);
      say(this.problem, "");
      toast(t("“{name}” lets nobody in any more.", { name: it.name }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(this.problem, problemWords(error));
    }
    show(this.problem, this.problem.textContent !== "");
    await Promise.all([this.ask(), this.changed()]);
  }
}

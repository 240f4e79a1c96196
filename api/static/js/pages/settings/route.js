// @ts-check
/** In which order the channels are told, which are told beside, and how long the next one waits. */

import { h, s, show } from "../../dom.js";
import { Field, button, clearProblems, generalProblem, showProblem } from "../../form.js";
import { t } from "../../languages.js";
import { toast } from "../../toast.js";

/** @typedef {{order: string[], beside: string[], escalate_after_s: number}} Route */

/**
 * @param {import("../../picture.js").Picture} page
 * @param {boolean} writes
 */
export function mountRoute(page, writes) {
  const path = `wearers/${encodeURIComponent(page.wearer.id)}/channels`;
  const order = h("ol", { class: "order", "data-testid": "route-order" });
  const unused = h("ul", { class: "order", "data-testid": "route-unused" });
  const wait = h("input", { type: "number", min: 10, max: 3600, inputmode: "decimal", "data-testid": "route-wait", disabled: !writes });
  const waiting = new Field(wait, t("The next one waits for an answer"), { hint: t("10 to 3600 s; default 120 s, own judgement."), after: "s" });
  const general = generalProblem("route-problem");
  const rest = h("div", { hidden: true }, h("p", { class: "setting-name" }, t("Not used")), unused);
  const root = h("div", { class: "route", hidden: true, "data-testid": "route" }, h("h4", {}, t("Order")), order, rest, waiting.element, general);
  /** @type {string[]} */
  let names = [];
  /** @type {Route} */
  let route = { order: [], beside: [], escalate_after_s: 120 };

  /** @param {Route} wanted @param {string} said @param {string} [focus] test id to go to */
  const put = async (wanted, said, focus) => {
    const before = route;
    clearProblems([waiting], general);
    try {
      route = await page.api.send("PUT", path, wanted);
      draw();
      toast(said, () => void put(before, t("The order is as it was.")));
    } catch (error) {
      showProblem(error, { "/body/escalate_after_s": waiting }, general);
    }
    if (focus) /** @type {HTMLElement|null} */ (root.querySelector(`[data-testid="${focus}"]:not([disabled])`) ?? root.querySelector(".order button"))?.focus();
  };
  wait.addEventListener("change", () => void put({ ...route, escalate_after_s: Number(wait.value) }, t("The next channel waits {n} s.", { n: wait.value })));

  /** @param {string} sign @param {string} label @param {string} id @param {() => Promise<void>} call @param {boolean} off */
  const arrow = (sign, label, id, call, off) => {
    const made = button("", call, { class: "icon small", "aria-label": label, title: label, "data-testid": id, disabled: off });
    made.append(s("svg", { class: "sign", viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, s("path", { d: sign })));
    return made;
  };
  /** @param {string} name @param {number} index */
  const move = (name, index) => {
    const others = route.order.filter((it) => it !== name);
    others.splice(index, 0, name);
    return { ...route, order: others };
  };
  const draw = () => {
    wait.value = String(route.escalate_after_s);
    order.replaceChildren(...route.order.map((name, i) => h("li", {}, h("span", {}, name), ...(writes ? [
      arrow("M12 19V6M6 11l6-6 6 6", t("{channel} earlier", { channel: name }), `up-${name}`, () => put(move(name, i - 1), t("{channel} comes earlier.", { channel: name }), `up-${name}`), i === 0),
      arrow("M12 5v13M6 13l6 6 6-6", t("{channel} later", { channel: name }), `down-${name}`, () => put(move(name, i + 1), t("{channel} comes later.", { channel: name }), `down-${name}`), i === route.order.length - 1),
      button(t("Leave out"), () => put({ ...route, order: route.order.filter((it) => it !== name) }, t("{channel} is not used now.", { channel: name })), { class: "quiet", "aria-label": t("Leave {channel} out", { channel: name }), "data-testid": `out-${name}` }),
    ] : []))));
    const left = names.filter((it) => !route.order.includes(it));
    unused.replaceChildren(...left.map((name) => {
      const beside = route.beside.includes(name);
      return h("li", {}, h("span", {}, name, ...(beside ? [" ", h("span", { class: "hint" }, t("told at once, beside the others"))] : [])), ...(writes ? [
        button(t("Put in order"), () => put({ ...route, order: [...route.order, name], beside: route.beside.filter((it) => it !== name) }, t("{channel} is told last.", { channel: name })), { class: "quiet", "data-testid": `in-${name}`, "aria-label": t("Put {channel} in order", { channel: name }) }),
        button(beside ? t("Not beside") : t("Beside"), () => put({ ...route, beside: beside ? route.beside.filter((it) => it !== name) : [...route.beside, name] },
          beside ? t("{channel} is not used now.", { channel: name }) : t("{channel} is told at once, beside the others.", { channel: name })), { class: "quiet", "data-testid": `beside-${name}`, "aria-label": beside ? t("{channel}: not beside", { channel: name }) : t("{channel}: beside the others", { channel: name }) }),
      ] : []));
    }));
    show(rest, left.length > 0);
  };
  return {
    root,
    /** @param {string[]} known the channels of this wearer */
    ask: async (known) => {
      names = known;
      show(root, names.length > 0);
      if (!names.length) return;
      route = await page.api.get(path);
      draw();
    },
  };
}

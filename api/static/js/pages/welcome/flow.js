// @ts-check
/** Whether samples come, enough of them, and whether they move when the wearer does. */

import { h, s, say } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { linkReason, linkWord } from "../../links.js";
import { MOVED_G, Motion } from "../../sensing/motion.js";
import { SampleStream } from "../../sensing/stream.js";
import { mountTrace } from "../../sensing/trace.js";

export const words = texts({
  title: "Put it on, and move",
  lead: "Lean forward and back a little. The line moves when you move.",
  skip: "Go on without this",
});

/** Share of lost samples from which a nearer place is advised [J]. */
const MUCH_LOST = 0.05;

/** @param {string} name */
function check(name) {
  const words = h("span");
  const sign = s("svg", { class: "sign", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" });
  const element = h("li", { "data-testid": `check-${name}` }, sign, words);
  return {
    element,
    /** @param {boolean} well @param {string} text */
    tell: (well, text) => {
      if (element.dataset.well !== String(well)) {
        element.dataset.well = String(well);
        sign.replaceChildren(s("path", { d: well ? "M5 12.500l4.500 4.500L19 7.500" : "M12 12h.1M6.500 12h.1M17.500 12h.1" }));
      }
      say(words, text);
    },
  };
}

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export function mount(root, host) {
  const { page } = host;
  const { id } = host.sensor;
  const trace = h("figure");
  const [come, whole, moves] = ["come", "whole", "moves"].map(check);
  const well = h("p", { class: "unseen", role: "status" });
  root.append(trace, h("ul", { class: "checks" }, come.element, whole.element, moves.element), well);
  const motion = new Motion();
  const draw = mountTrace(trace, motion);
  let moved = false;
  const tell = () => {
    const sensor = page.sensors.get(id);
    const rate = motion.rate() ?? sensor?.rate_hz ?? null;
    const flowing = motion.received > 0 && sensor?.state === "streaming";
    const sent = motion.received + motion.lost;
    const lost = sent ? motion.lost / sent : 0;
    come.tell(flowing && rate !== null, flowing && rate !== null
      ? t("Samples come, {n} a second.", { n: rate < 10 ? rate.toFixed(1) : Math.round(rate) })
      : sensor ? `${t("Waiting for samples.")} ${linkWord(sensor.state)}. ${linkReason(sensor)}`.trim() : t("Waiting for samples."));
    whole.tell(flowing && lost <= MUCH_LOST, !flowing ? t("Whether any are lost shows then.")
      : lost > MUCH_LOST ? t("{n} % are lost on the way: nearer to the computer is better.", { n: Math.round(lost * 100) }) : t("They arrive whole."));
    const spread = motion.spread(1) ?? 0;
    moved ||= spread > MOVED_G;
    moves.tell(moved, moved ? t("It moves when you move.") : t("Move a little."));
    const all = flowing && lost <= MUCH_LOST && moved;
    if (all) say(well, t("All is well."));
    host.ready(flowing ? t("Continue") : null, flowing);
  };
  const stream = new SampleStream(page.api, id, (samples) => {
    motion.take(samples);
    draw();
    tell();
  });
  const off = page.on(["sensors"], tell);
  tell();
  return {
    leave: () => {
      stream.close();
      off();
    },
  };
}

// @ts-check
/** Which one is it: it blinks or buzzes where it can, and its line jumps when it is moved. */

import { ApiError } from "../../api.js";
import { seconds } from "../../clock.js";
import { h, say, show } from "../../dom.js";
import { t, texts } from "../../languages.js";
import { linkReason, linkWord } from "../../links.js";
import { Motion } from "../../sensing/motion.js";
import { SampleStream } from "../../sensing/stream.js";
import { mountTrace } from "../../sensing/trace.js";
import { duration } from "../../words.js";
import { pair } from "./find.js";

export const words = texts({
  title: "Which one is it?",
  lead: "Take the sensor in your hand and shake it: its line jumps. If it does not, this is another one.",
});

/** @param {HTMLElement} root @param {import("../welcome.js").Host} host */
export function mount(root, host) {
  const { page } = host;
  const { id } = host.sensor;
  const path = `sensors/${encodeURIComponent(id)}`;
  const link = h("p", { class: "link", role: "status", "data-testid": "which-link" });
  const trace = h("figure");
  const shows = h("button", { type: "button", "data-testid": "identify" }, t("Let it blink or buzz"));
  const other = h("button", { type: "button", "data-testid": "another" }, t("It is another one"));
  const answer = h("p", { class: "hint", role: "status", "data-testid": "identify-answer" });
  const keyed = keyForm(host, (trouble) => say(answer, trouble));
  root.append(link, trace, h("div", { class: "answers" }, shows, other), answer, keyed);

  const motion = new Motion();
  const draw = mountTrace(trace, motion);
  const stream = new SampleStream(page.api, id, (samples) => {
    motion.take(samples);
    draw();
  });
  const tell = () => {
    const sensor = page.sensors.get(id);
    if (!sensor) return;
    const there = sensor.state === "streaming";
    const since = sensor.state_since && !there ? `, ${duration(Math.max(1, page.clock.now() - seconds(sensor.state_since)))}` : "";
    say(link, there ? t("{name} is connected.", { name: sensor.name }) : `${sensor.name}: ${linkWord(sensor.state)}${since}. ${linkReason(sensor)}`.trim());
    shows.disabled = !there;
    show(keyed, sensor.reason_code === "encrypted");
    host.ready(there ? t("Yes, this one") : null);
  };
  const off = page.on(["sensors"], tell);
  const timer = window.setInterval(tell, 1000);
  tell();

  shows.addEventListener("click", async () => {
    try {
      await page.api.send("POST", `${path}/identify`, {});
      say(answer, t("It was asked to: look for its light, or feel for its buzz."));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(answer, error.status === 422 ? t("This kind can do neither. Shake it, and watch its line.") : t("It did not answer. Shake it, and watch its line."));
    }
  });
  other.addEventListener("click", async () => {
    other.disabled = true;
    try {
      await page.api.send("DELETE", path);
      page.sensors.delete(id);
      page.changed("sensors");
      host.go("find");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(answer, error.status === 0 ? t("The service is not answering.") : error.message);
      other.disabled = false;
    }
  });
  return {
    leave: () => {
      stream.close();
      off();
      window.clearInterval(timer);
    },
  };
}

/**
 * A sensor that encrypts is paired anew with its key.
 * @param {import("../welcome.js").Host} host
 * @param {(words: string) => void} tell
 */
function keyForm(host, tell) {
  const { page, sensor } = host;
  const input = h("input", { id: "sensor-key", type: "text", autocomplete: "off", spellcheck: "false", "aria-describedby": "sensor-key-what" });
  const form = h("form", { class: "key", hidden: true }, h("label", { for: "sensor-key" }, t("Its key")), input,
    h("button", { type: "submit" }, t("Pair with this key")),
    h("p", { class: "hint", id: "sensor-key-what" }, t("Hexadecimal digits, from the app that set the sensor up.")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = input.value.replace(/[\s:-]/g, "");
    const valid = /^([0-9a-f]{2}){1,64}$/i.test(key);
    input.setAttribute("aria-invalid", String(!valid));
    if (!valid) return tell(t("A key has an even number of the digits 0 to 9 and a to f."));
    try {
      await page.api.send("DELETE", `sensors/${encodeURIComponent(sensor.id)}`);
      page.sensors.delete(sensor.id);
      await pair(page, { address: sensor.id, name: sensor.name, driver: null, driver_title: null, measures: [], rssi_dbm: null, placements: [sensor.placement] }, key);
      tell("");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(error.message);
    }
  });
  return form;
}

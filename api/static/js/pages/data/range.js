// @ts-check
/** Everything, or whole days of the wearer's time zone: a choice of two, with two dates. */

import { h, setAttributes, show } from "../../dom.js";
import { Field } from "../../form.js";
import { t } from "../../languages.js";
import { plus, startOf } from "../../local-day.js";

export class RangeChoice {
  /**
   * @param {string} id
   * @param {string} timeZone
   * @param {{all: string, part: string}} words
   */
  constructor(id, timeZone, { all, part }) {
    this.timeZone = timeZone;
    this.all = h("input", { type: "radio", name: id, id: `${id}-all`, checked: true, "data-testid": `${id}-all` });
    this.part = h("input", { type: "radio", name: id, id: `${id}-part`, "data-testid": `${id}-part` });
    this.first = new Field(h("input", { type: "date", id: `${id}-first`, "data-testid": `${id}-first` }), t("From the day"));
    this.last = new Field(h("input", { type: "date", id: `${id}-last`, "data-testid": `${id}-last` }), t("To the day, included"));
    this.dates = h("div", { class: "dates", hidden: true }, this.first.element, this.last.element);
    this.fields = { "/body/start": this.first, "/body/end": this.last, "/query/start": this.first, "/query/end": this.last };
    this.root = h("fieldset", { class: "range-choice" }, h("legend", {}, t("How much")),
      h("div", { class: "right" }, this.all, h("label", { for: this.all.id }, all)),
      h("div", { class: "right" }, this.part, h("label", { for: this.part.id }, part)), this.dates);
    for (const it of [this.all, this.part]) it.addEventListener("change", () => show(this.dates, this.part.checked));
  }

  /** @param {boolean} on */
  disable(on) {
    for (const it of [this.all, this.part, this.first.control, this.last.control]) setAttributes(it, { disabled: on });
  }

  /**
   * What is chosen, Unix s; undefined when it is not complete, which then is said.
   * @returns {{start: number|null, end: number|null}|undefined}
   */
  get chosen() {
    if (this.all.checked) return { start: null, end: null };
    const [first, last] = [this.first.control.value, this.last.control.value];
    this.first.problem(first ? "" : t("Choose a day."));
    this.last.problem(last ? (first && last < first ? t("This is before the first day.") : "") : t("Choose a day."));
    if (!first || !last || last < first) {
      (first ? this.last : this.first).control.focus();
      return undefined;
    }
    return { start: startOf(first, this.timeZone), end: startOf(plus(last, 1), this.timeZone) };
  }
}

/** @param {number|null} time Unix s */
export function stamp(time) {
  return time === null ? null : new Date(time * 1000).toISOString();
}

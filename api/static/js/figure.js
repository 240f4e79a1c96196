// @ts-check
/**
 * A person who leans as you do: from the side (forward is to the right) and from the front, as in a mirror.
 * The trunk is one straight part, because one sensor measures how the trunk leans, not how the spine bends.
 */

import { s, setAttributes } from "./dom.js";
import { t } from "./languages.js";
import { Motion } from "./motion.js";

/** @typedef {[number, number]} Point */

/** What was set last, so that what has not moved is not touched. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/** @param {Element} part @param {import("./dom.js").Attributes} attributes */
function put(part, attributes) {
  const key = Object.values(attributes).join(" ");
  if (drawn.get(part) === key) return;
  drawn.set(part, key);
  setAttributes(part, attributes);
}

/** @typedef {"sitting"|"standing"|"moving"|"lying"|"not_worn"|"unknown"} Pose */

const CHAIR = "M58 178H126M92 178V226M64 178L54 112";
const TRUNK = 76;
const HEAD = 17;
const NECK = 27;
const UPPER_ARM = 40;
const FOREARM = 38;
const ARC = 130;
const GROUND = 226;
/** Legs from the hip to the toes, per pose, in the side view. @type {Record<string, Point[][]>} */
const LEGS = {
  sitting: [[[92, 160], [148, 160], [146, 220], [164, 220]]],
  standing: [[[112, 136], [114, 180], [112, 220], [130, 220]]],
  moving: [
    [[112, 136], [96, 176], [76, 212], [88, 222]],
    [[112, 136], [134, 174], [136, 218], [153, 216]],
  ],
};

/**
 * The point `length` away from `from`, `deg` clockwise of straight up.
 * @param {Point} from
 * @param {number} deg
 * @param {number} length
 * @returns {Point}
 */
function along(from, deg, length) {
  const rad = (deg * Math.PI) / 180;
  return [from[0] + Math.sin(rad) * length, from[1] - Math.cos(rad) * length];
}

/**
 * Where the elbow is between shoulder and hand: behind the line, as elbows are.
 * @param {Point} shoulder
 * @param {Point} hand
 * @returns {Point[]} elbow and hand; the hand comes nearer where the arm is too short
 */
function arm(shoulder, hand) {
  const [dx, dy] = [hand[0] - shoulder[0], hand[1] - shoulder[1]];
  const reach = Math.min(Math.hypot(dx, dy), UPPER_ARM + FOREARM - 1);
  const to = Math.atan2(dy, dx);
  const bend = Math.acos((UPPER_ARM ** 2 + reach ** 2 - FOREARM ** 2) / (2 * UPPER_ARM * reach));
  const elbow = /** @type {Point} */ ([
    shoulder[0] + Math.cos(to + bend) * UPPER_ARM,
    shoulder[1] + Math.sin(to + bend) * UPPER_ARM,
  ]);
  return [elbow, [shoulder[0] + Math.cos(to) * reach, shoulder[1] + Math.sin(to) * reach]];
}

/** @param {Point[]} points */
function path(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
}

/**
 * A part of a circle about the hip, from one lean to another.
 * @param {Point} hip
 * @param {number} from_deg
 * @param {number} to_deg
 * @param {number} radius
 */
function arc(hip, from_deg, to_deg, radius) {
  const [a, b] = [along(hip, from_deg, radius), along(hip, to_deg, radius)];
  const sweep = to_deg > from_deg ? 1 : 0;
  return `M${a[0].toFixed(1)} ${a[1].toFixed(1)}A${radius} ${radius} 0 0 ${sweep} ${b[0].toFixed(1)} ${b[1].toFixed(1)}`;
}

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** @param {number|null} lean @param {number|null} side */
const angles = (lean, side) => ({ lean: clamp(lean ?? 0, -40, 95), side: clamp(side ?? 0, -45, 45) });

export class Figure {
  /** @type {Pose} */
  #pose = "not_worn";
  #lean = 0;
  #side = 0;
  /** @type {number|null} */
  #entry = null;
  #known = false;
  /** Of what does not lean: legs, chair and what is unknown. */
  #still = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.motion = new Motion((lean, side) => {
      [this.#lean, this.#side] = [lean, side];
      this.#draw();
    });
    const part = (/** @type {string} */ name) => s("path", { class: name });
    this.wedge = part("wedge");
    this.upright = part("upright");
    this.entry = part("entry");
    this.seat = part("seat");
    this.legs = part("limb legs");
    this.trunk = part("trunk");
    this.arm = part("limb arm");
    this.head = s("circle", { class: "head", r: HEAD });
    this.side = s(
      "svg",
      { class: "side", viewBox: "24 -14 180 246", role: "img" },
      s("path", { class: "ground", d: `M34 ${GROUND}H194` }),
      this.wedge, this.upright, this.entry, this.seat, this.legs, this.trunk, this.head, this.arm,
    );
    this.fUpright = part("upright");
    this.fLegs = part("limb legs");
    this.fTrunk = part("trunk wide");
    this.fArms = part("limb arm");
    this.fHead = s("circle", { class: "head", r: HEAD });
    this.front = s(
      "svg",
      { class: "front", viewBox: "10 -14 120 246", role: "img" },
      s("path", { class: "ground", d: `M20 ${GROUND}H120` }),
      this.fUpright, this.fLegs, this.fArms, this.fTrunk, this.fHead,
    );
    root.replaceChildren(this.side, this.front);
    this.#draw();
  }

  /**
   * @param {{pose: Pose, lean: number|null, side: number|null, entry: number|null, words: string, sideWords: string,
   *   followed?: boolean}} reading followed: the angles come by `follow`
   */
  show(reading) {
    this.#pose = reading.pose;
    this.#known = reading.lean !== null;
    this.#entry = reading.entry;
    put(this.side, { "aria-label": t("Side view: {words}", { words: reading.words }) });
    put(this.front, { "aria-label": t("Front view: {words}", { words: reading.sideWords || t("side lean unknown") }) });
    if (!reading.followed) this.motion.to(angles(reading.lean, reading.side));
    const still = [this.#pose, this.#known, this.#entry].join(" ");
    if (still !== this.#still) this.#draw();
    this.#still = still;
  }

  /**
   * Follows leans as they happen.
   * @param {import("./leaning.js").Leans} leans
   * @param {number} speed of the service's clock
   */
  follow(leans, speed) {
    if (!this.#known) return;
    const begin = leans.times[0];
    this.motion.play(leans.times.map((time, i) => (
      { after_ms: ((time - begin) * 1000) / speed, angles: angles(leans.lean_deg[i], leans.side_deg[i]) })));
  }

  #draw() {
    const nobody = this.#pose === "not_worn";
    for (const svg of [this.side, this.front]) {
      svg.classList.toggle("legless", this.#pose === "unknown");
      svg.classList.toggle("leanless", !this.#known && this.#pose !== "lying");
    }
    this.front.classList.toggle("absent", nobody || this.#pose === "lying");
    if (nobody) this.#drawNobody();
    else if (this.#pose === "lying") this.#drawLying();
    else this.#drawSide();
    this.#drawFront();
  }

  #drawNobody() {
    for (const part of [this.wedge, this.upright, this.entry, this.legs, this.trunk, this.arm]) put(part, { d: "" });
    put(this.head, { r: 0 });
    put(this.seat, { d: CHAIR });
  }

  #drawLying() {
    /** @type {Point} */
    const hip = [116, 208];
    put(this.trunk, { d: path([hip, [60, 208]]) });
    put(this.head, { r: HEAD, cx: 36, cy: 203 });
    put(this.legs, { d: path([hip, [152, 186], [176, 214], [190, 214]]) });
    put(this.arm, { d: path([[66, 204], [96, 188], [118, 198]]) });
    for (const part of [this.wedge, this.upright, this.entry, this.seat]) put(part, { d: "" });
  }

  #drawSide() {
    const sitting = this.#pose === "sitting";
    const legs = LEGS[this.#pose] ?? LEGS.standing;
    const hip = legs[0][0];
    const lean = this.#known ? this.#lean : 0;
    const shoulder = along(hip, lean, TRUNK);
    const head = along(shoulder, lean * 0.85 + 4, NECK);
    const hand = sitting ? /** @type {Point} */ ([136, 148]) : /** @type {Point} */ ([shoulder[0] + 12, shoulder[1] + 74]);
    put(this.legs, { d: legs.map(path).join("") });
    put(this.trunk, { d: path([hip, along(hip, lean, TRUNK - 4)]) });
    put(this.head, { r: HEAD, cx: head[0].toFixed(1), cy: head[1].toFixed(1) });
    put(this.arm, { d: path([along(hip, lean, TRUNK - 6), ...arm(along(hip, lean, TRUNK - 6), hand)]) });
    put(this.seat, { d: sitting ? CHAIR : "" });
    put(this.upright, { d: this.#known ? path([hip, along(hip, 0, ARC + 12)]) : "" });
    put(this.wedge, { d: this.#known && Math.abs(lean) > 1 ? arc(hip, 0, lean, ARC) : "" });
    const tick = this.#known && this.#entry !== null;
    const at = this.#entry ?? 0;
    put(this.entry, { d: tick ? path([along(hip, at, ARC - 5), along(hip, at, ARC + 12)]) : "" });
  }

  #drawFront() {
    const sitting = this.#pose === "sitting";
    /** @type {Point} */
    const hip = [70, sitting ? 160 : 136];
    const lean = this.#known ? this.#side : 0;
    const neck = along(hip, lean, TRUNK);
    const head = along(neck, lean, NECK);
    const across = along([0, 0], lean + 90, 15);
    const left = /** @type {Point} */ ([neck[0] - across[0], neck[1] - across[1]]);
    const right = /** @type {Point} */ ([neck[0] + across[0], neck[1] + across[1]]);
    const knee = sitting ? 172 : 178;
    put(this.fTrunk, {
      d: `${path([[hip[0] - 7, hip[1]], left, right, [hip[0] + 7, hip[1]]])}Z`,
    });
    put(this.fHead, { cx: head[0].toFixed(1), cy: head[1].toFixed(1) });
    put(this.fLegs, {
      d: path([[hip[0] - 9, hip[1]], [hip[0] - 13, knee], [hip[0] - 13, 220]]) +
        path([[hip[0] + 9, hip[1]], [hip[0] + 13, knee], [hip[0] + 13, 220]]),
    });
    const hang = sitting ? 34 : 38;
    put(this.fArms, {
      d: path([left, [left[0] - 11, left[1] + hang], [left[0] - (sitting ? 4 : 9), left[1] + hang * 1.9]]) +
        path([right, [right[0] + 11, right[1] + hang], [right[0] + (sitting ? 4 : 9), right[1] + hang * 1.9]]),
    });
    put(this.fUpright, { d: path([hip, along(hip, 0, ARC + 12)]) });
  }
}

// @ts-check
/**
 * The lean as it happens: a stream that is open only while the figure can be seen, the service answers and motion is
 * wanted. Without it the figure goes by what is so once a second.
 */

import { ticks } from "./clock.js";
import { closeSocket, openSocket } from "./socket.js";

const FIRST_RETRY_S = 2;
const LAST_RETRY_S = 60;
/** Who scrolls past the figure does not close the stream at once. */
const LINGER_S = 3;
/** A lean that is older than this is no lean of now. */
const FRESH_S = 1.6;
/** The figure in digits changes when it is this far from what stands there: 11 and 12 do not take turns. */
const STEADY_DEG = 0.7;

/** @typedef {{times: number[], lean_deg: (number|null)[], side_deg: (number|null)[]}} Leans */

export class Leaning {
  /** @type {WebSocket|null} */
  #socket = null;
  #seen = false;
  #retry_s = FIRST_RETRY_S;
  #notBefore = 0;
  #unseenAt = 0;
  #at = -Infinity;
  /** Of the last message. @type {number|null} */
  lean = null;
  /** @type {number|null} */
  side = null;

  /**
   * @param {import("./picture.js").Picture} page
   * @param {Element} figure while this can be seen
   * @param {(leans: Leans) => void} onLeans
   */
  constructor(page, figure, onLeans) {
    this.page = page;
    this.onLeans = onLeans;
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    new IntersectionObserver((entries) => {
      this.#seen = entries.some((it) => it.isIntersecting);
      this.#unseenAt = ticks();
      if (this.#seen) this.tick();
    }).observe(figure);
    document.addEventListener("visibilitychange", () => this.tick());
    this.reduced.addEventListener("change", () => this.tick());
  }

  /** Whether what it knows is of now. */
  get fresh() {
    return this.#socket !== null && ticks() - this.#at < FRESH_S;
  }

  /** Opens or closes; called at every tick. */
  tick() {
    const { page } = this;
    const looked = !document.hidden && (this.#seen || (this.#socket !== null && ticks() - this.#unseenAt < LINGER_S));
    const wanted = looked && page.up && !this.reduced.matches && page.now !== null && page.now.lean_deg !== null;
    if (wanted && !this.#socket && ticks() >= this.#notBefore) this.#open();
    else if (!wanted && this.#socket) this.#close();
  }

  #open() {
    const socket = openSocket(this.page.api, `wearers/${encodeURIComponent(this.page.wearer.id)}/lean`);
    this.#socket = socket;
    socket.addEventListener("message", (event) => this.#socket === socket && this.#take(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#notBefore = ticks() + this.#retry_s;
      this.#retry_s = Math.min(LAST_RETRY_S, this.#retry_s * 2);
    });
  }

  #close() {
    const socket = this.#socket;
    this.#socket = null;
    this.#at = -Infinity;
    if (socket) closeSocket(socket);
  }

  /** @param {Leans} leans */
  #take(leans) {
    this.#retry_s = FIRST_RETRY_S;
    this.#at = ticks();
    this.lean = steady(this.lean, mean(leans.lean_deg));
    this.side = steady(this.side, mean(leans.side_deg));
    this.onLeans(leans);
  }
}

/** @param {(number|null)[]} values @returns {number|null} */
function mean(values) {
  const known = /** @type {number[]} */ (values.filter((it) => it !== null));
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

/** @param {number|null} shown @param {number|null} next */
function steady(shown, next) {
  if (shown === null || next === null || Math.abs(next - shown) > STEADY_DEG) return next === null ? null : Math.round(next);
  return shown;
}

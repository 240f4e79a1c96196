// @ts-check
/**
 * The live stream: opens /live, hands on its events, and comes back by itself.
 * The browser reconnects a broken stream and sends Last-Event-ID; this opens a new one where the
 * browser gives up (an HTTP error) or hangs (a link that died without a word).
 */

import { ticks } from "./clock.js";

const EVENTS = ["hello", "now", "sensor", "gone", "episode", "alert", "health"];
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10000;
/** The service writes at least a comment every 15 s; without any event for this long we ask again. */
const HUNG_S = 45;
/** A reconnect that takes longer than this is started anew. */
const STUCK_S = 12;

export class LiveStream {
  /** @type {EventSource|null} */
  #source = null;
  #retry_ms = FIRST_RETRY_MS;
  #timer = 0;
  #lastEvent = ticks();
  #closed = false;

  /**
   * @param {URL} url
   * @param {(event: string, data: any) => void} onEvent
   * @param {(up: boolean) => void} onLink called at every change
   * @param {() => void} onRefusal called whenever the service answers with an error, which it does not show
   */
  constructor(url, onEvent, onLink, onRefusal) {
    this.url = url;
    this.up = false;
    this.onEvent = onEvent;
    this.onLink = onLink;
    this.onRefusal = onRefusal;
    this.#open();
    this.#timer = window.setInterval(() => this.#watch(), 2000);
  }

  close() {
    this.#closed = true;
    window.clearInterval(this.#timer);
    this.#source?.close();
  }

  #open() {
    if (this.#closed) return;
    this.#source?.close();
    this.#lastEvent = ticks();
    const source = new EventSource(this.url);
    this.#source = source;
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        this.#lastEvent = ticks();
        this.#retry_ms = FIRST_RETRY_MS;
        this.#link(true);
        this.onEvent(name, JSON.parse(/** @type {MessageEvent} */ (event).data));
      });
    }
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.#link(false);
      if (source.readyState !== EventSource.CLOSED) return;
      this.onRefusal();
      window.setTimeout(() => source === this.#source && this.#open(), this.#retry_ms);
      this.#retry_ms = Math.min(LAST_RETRY_MS, this.#retry_ms * 2);
    });
  }

  #watch() {
    const limit_s = this.up ? HUNG_S : STUCK_S;
    if (ticks() - this.#lastEvent > limit_s) this.#open();
  }

  /** @param {boolean} up */
  #link(up) {
    if (this.up === up) return;
    this.up = up;
    this.#lastEvent = ticks();
    this.onLink(up);
  }
}

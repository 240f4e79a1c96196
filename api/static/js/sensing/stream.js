// @ts-check
/** Raw samples of one sensor over a WebSocket; it comes back by itself until it is closed. */

/**
 * @typedef {object} Samples
 * @property {number[]} times Unix s
 * @property {[number, number, number][]} acc_g
 * @property {number} lost_before
 */

const RETRY_MS = 1500;

export class SampleStream {
  /** @type {WebSocket|null} */
  #socket = null;
  #timer = 0;
  #closed = false;

  /**
   * @param {import("../api.js").Api} api
   * @param {string} sensor
   * @param {(samples: Samples) => void} onSamples
   */
  constructor(api, sensor, onSamples) {
    this.url = api.url(`sensors/${encodeURIComponent(sensor)}/samples`);
    this.url.protocol = this.url.protocol === "https:" ? "wss:" : "ws:";
    this.onSamples = onSamples;
    this.#open();
  }

  close() {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    // One that is still being opened is closed once it is: closed before, the browser calls it an error.
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.close();
  }

  #open() {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#closed && socket.close());
    socket.addEventListener("message", (event) => this.onSamples(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (!this.#closed) this.#timer = window.setTimeout(() => this.#open(), RETRY_MS);
    });
  }
}

// @ts-check
/** Raw samples of one sensor over a WebSocket; it comes back by itself until it is closed. */

import { closeSocket, openSocket } from "../socket.js";

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
    this.api = api;
    this.path = `sensors/${encodeURIComponent(sensor)}/samples`;
    this.onSamples = onSamples;
    this.#open();
  }

  close() {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    if (this.#socket) closeSocket(this.#socket);
  }

  #open() {
    const socket = openSocket(this.api, this.path);
    this.#socket = socket;
    socket.addEventListener("message", (event) => this.#closed || this.onSamples(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (!this.#closed) this.#timer = window.setTimeout(() => this.#open(), RETRY_MS);
    });
  }
}

// @ts-check
/** The HTTP API of the service: one method a call, typed errors, a time limit on each. */

import { problem } from "./problems.js";

/** @typedef {import("./types.js").Alert} Alert */

const TIMEOUT_MS = 8000;
/** The most rows the service gives in one answer. */
const MOST_POINTS = 5000;

/** The service answered with a problem (RFC 9457), or not at all: then `status` is 0. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   * @param {{pointer?: string, detail: string}[]} [errors] what is wrong where in the body
   */
  constructor(status, sentence, errors = []) {
    super(problem(status, sentence));
    this.name = "ApiError";
    this.status = status;
    this.errors = errors;
  }
}

export class Api {
  /** @param {URL} base the folder that `api/v1/` is in */
  constructor(base) {
    this.base = new URL("api/v1/", base);
    /** Called when somebody who was let in is so no more. */
    this.refused = () => {};
  }

  /**
   * @param {string} path
   * @param {Record<string, string|number|null|undefined>} [query]
   * @returns {URL}
   */
  url(path, query = {}) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  /**
   * Any call that asks.
   * @param {string} path below api/v1/, its parts encoded
   * @param {Record<string, string|number|null|undefined>} [query]
   * @returns {Promise<any>}
   */
  get(path, query) {
    return this.#call(this.url(path, query), {});
  }

  /**
   * Any call that changes something.
   * @param {"POST"|"PUT"|"PATCH"|"DELETE"} method
   * @param {string} path as above
   * @param {object} [body]
   * @param {AbortSignal} [signal] ends it instead of the usual time limit, where an answer may take its time
   * @returns {Promise<any>} null where the service has nothing to say
   */
  send(method, path, body, signal) {
    if (body === undefined) return this.#call(this.url(path), { method, signal });
    return this.#call(this.url(path), { method, signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  /** @returns {Promise<import("./types.js").Health>} */
  health() {
    return this.#call(this.url("health"), {});
  }

  /**
   * Makes a session of a login link's secret, or of a token.
   * @param {string} secret
   */
  async logIn(secret) {
    await this.send("POST", "login", { secret });
  }

  /** @returns {Promise<import("./types.js").Wearer[]>} */
  async wearers() {
    return (await this.#call(this.url("wearers"), {})).items;
  }

  /**
   * @param {string} wearer
   * @returns {Promise<import("./types.js").Sensor[]>}
   */
  async sensors(wearer) {
    const { items } = await this.#call(this.url("sensors"), {});
    return items.filter((/** @type {import("./types.js").Sensor} */ it) => it.wearer === wearer);
  }

  /**
   * @param {string} wearer
   * @param {string} day `today` or YYYY-MM-DD
   * @returns {Promise<import("./types.js").Day>}
   */
  day(wearer, day) {
    return this.#call(this.url(`wearers/${encodeURIComponent(wearer)}/days/${day}`), {});
  }

  /**
   * @param {string} wearer
   * @param {number} start Unix s
   * @param {number} end Unix s
   * @param {1|60|3600} resolution_s
   * @returns {Promise<import("./types.js").Series>}
   */
  series(wearer, start, end, resolution_s) {
    const query = { start: stamp(start), end: stamp(end), points: MOST_POINTS, resolution_s };
    return this.#call(this.url(`wearers/${encodeURIComponent(wearer)}/series`, query), {});
  }

  /**
   * @param {string} wearer
   * @param {number} start Unix s
   * @param {number} end Unix s
   * @returns {Promise<import("./types.js").Episode[]>}
   */
  async episodes(wearer, start, end) {
    const query = { start: stamp(start), end: stamp(end) };
    const path = `wearers/${encodeURIComponent(wearer)}/episodes`;
    return (await this.#call(this.url(path, query), {})).items;
  }

  /**
   * @param {string} wearer
   * @param {"open"|"all"} state
   * @param {{start?: number, end?: number}} [range] Unix s
   * @returns {Promise<Alert[]>}
   */
  async alerts(wearer, state, range = {}) {
    const query = {
      wearer,
      state,
      start: range.start === undefined ? null : stamp(range.start),
      end: range.end === undefined ? null : stamp(range.end),
      limit: 200,
    };
    return (await this.#call(this.url("alerts", query), {})).items;
  }

  /**
   * @param {string} alert
   * @param {null|"fine"} feedback
   * @returns {Promise<Alert>}
   */
  acknowledge(alert, feedback) {
    return this.send("POST", `alerts/${encodeURIComponent(alert)}/acknowledge`, { feedback });
  }

  /**
   * @param {string} alert
   * @param {number} minutes
   * @returns {Promise<Alert>}
   */
  snooze(alert, minutes) {
    return this.send("POST", `alerts/${encodeURIComponent(alert)}/snooze`, { minutes });
  }

  /** @param {string} wearer @returns {Promise<import("./types.js").Quiet>} */
  quiet(wearer) {
    return this.#call(this.url(`wearers/${encodeURIComponent(wearer)}/quiet`), {});
  }

  /** @param {string} wearer @param {number} minutes @returns {Promise<import("./types.js").Quiet>} */
  pause(wearer, minutes) {
    return this.send("POST", `wearers/${encodeURIComponent(wearer)}/pause`, { minutes });
  }

  /** @param {string} wearer @returns {Promise<import("./types.js").Quiet>} */
  resume(wearer) {
    return this.#call(this.url(`wearers/${encodeURIComponent(wearer)}/pause`), { method: "DELETE" });
  }

  /**
   * What came of the alerts that ask for something.
   * @param {string} wearer
   * @param {number} start Unix s
   * @param {number} end Unix s
   * @returns {Promise<import("./types.js").Responses>}
   */
  responses(wearer, start, end) {
    const query = { start: stamp(start), end: stamp(end) };
    return this.#call(this.url(`wearers/${encodeURIComponent(wearer)}/responses`, query), {});
  }

  /**
   * @param {URL} url
   * @param {RequestInit} request
   * @returns {Promise<any>}
   */
  async #call(url, request) {
    let response;
    let body;
    try {
      response = await fetch(url, { ...request, signal: request.signal ?? AbortSignal.timeout(TIMEOUT_MS) });
      body = response.status === 204 ? null : await response.json();
    } catch (error) {
      if (response && !response.ok) throw new ApiError(response.status, response.statusText);
      throw new ApiError(0, "The service is not answering.");
    }
    if (response.status === 401) this.refused();
    if (!response.ok) throw new ApiError(response.status, body?.detail || body?.title || response.statusText, body?.errors);
    return body;
  }
}

/** @param {number} time Unix s */
function stamp(time) {
  return new Date(time * 1000).toISOString();
}

// @ts-check
/** WebSockets of the service: where they are, and how one ends. */

/**
 * @param {import("./api.js").Api} api
 * @param {string} path below the API's own
 */
export function openSocket(api, path) {
  const url = api.url(path);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url);
}

/**
 * One that is still being opened is closed once it is: closed before, the browser calls it an error.
 *
 * @param {WebSocket} socket
 */
export function closeSocket(socket) {
  if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
  else socket.close();
}

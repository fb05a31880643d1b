// @ts-check
// What a page asks of the worker, which is the only part that talks with the server.

const PATIENCE = 60_000;

/**
 * @param {import("./worker.js").Message} message
 * @returns {Promise<{refusal?: string, settled?: boolean}>}
 */
export function ask(message) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data ?? {});
    setTimeout(() => resolve({ refusal: "no_network" }), PATIENCE);
    navigator.serviceWorker.controller?.postMessage(message, [port2]);
  });
}

// @ts-check
/// <reference lib="webworker" />
// The worker of a kiosk: it keeps one edition on the device, and is the only part that talks with the server.
// It never sees an answer: what it sends was sealed by the page.

import { change, device } from "./device.js";
import { isSettled, sendAll } from "./queue.js";
import { newDeviceKey, publicPoint } from "./sealing.js";

/**
 * @typedef {{home: string, edition: string, paths: string[]}} Kept
 * @typedef {import("./sealing.js").Envelope} Envelope
 * @typedef {{ask: "pair", code: string} | {ask: "contact"} | {ask: "deliver", envelope: Envelope}
 *   | {ask: "take over"}} Message
 * @typedef {{part: number}} Progress how much of the kiosk is on the device, up to 1
 * @typedef {{status: number, said: Record<string, any>, clock: number | null}} Reply
 */

const self = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

/** @param {Kept} kept */
export function work({ home, edition, paths }) {
  const ours = `kiosk ${home} `;
  const name = ours + edition;

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
  self.addEventListener("fetch", (event) => {
    if (event.request.method === "GET") event.respondWith(answered(event.request));
  });
  self.addEventListener("message", (event) => {
    event.waitUntil(heard(event.data).then((reply) => event.ports[0]?.postMessage(reply)));
  });

  /** All of it or nothing: half an edition is none. */
  async function install() {
    const cache = await caches.open(name);
    let kept = 0;
    await Promise.all(paths.map(async (path) => {
      await cache.add(new Request(path, { cache: "reload", credentials: "omit" }));
      kept += 1;
      await tell({ part: kept / paths.length });
    }));
  }

  /**
   * What a first opening shows, whose document is not this worker's yet.
   * @param {Progress} progress
   */
  async function tell(progress) {
    for (const client of await self.clients.matchAll({ includeUncontrolled: true })) {
      if (new URL(client.url).pathname === home) client.postMessage(progress);
    }
  }

  /** The earlier edition goes; the pages that it showed have all they need in memory. */
  async function takeOver() {
    const old = (await caches.keys()).filter((other) => other.startsWith(ours) && other !== name);
    await Promise.all(old.map((other) => caches.delete(other)));
    await self.clients.claim();
  }

  /** @param {Request} request */
  async function answered(request) {
    const cache = await caches.open(name);
    return (await cache.match(new URL(request.url).pathname)) ?? fetch(request);
  }

  /** @param {Message} message */
  async function heard(message) {
    switch (message.ask) {
      case "pair":
        return pair(message.code);
      case "contact":
        return contact();
      case "deliver":
        return { settled: isSettled(await deliver(message.envelope).catch(() => "no_network")) };
      case "take over":
        return self.skipWaiting();
    }
  }

  /**
   * Make this device the kiosk of the place. The key is kept first, so that a lost reply costs nothing.
   * @param {string} code
   */
  async function pair(code) {
    const known = await device();
    const key = known?.key ?? (await newDeviceKey());
    await change({ home, key });
    const reply = await post("pair", { code, public_key: await publicPoint(key) }).catch(() => null);
    if (reply === null) return { refusal: "no_network" };
    if (reply.status !== 200) return { refusal: reply.said.refusal ?? "busy" };
    await change({ kiosk: reply.said.kiosk });
    return contact();
  }

  /** Send what waits, and hear how things are. */
  async function contact() {
    const known = await device();
    if (known?.kiosk === undefined || known.home !== home) return {};
    const refused = await sendAll(deliver);
    const reply = await post("contact", { kiosk: known.kiosk }).catch(() => null);
    if (reply === null || reply.status !== 200) return { refusal: "no_network" };
    const { state, place, area, needs_code: needsCode, public_key: point, today } = reply.said;
    const clock = reply.clock === null ? undefined : reply.clock - Date.now();
    const heard = state === "unknown" ? {} : { place, area, needsCode, point };
    await change({ ...heard, state, today, clock, contacted: Date.now(), refused });
    return {};
  }

  /**
   * @param {Envelope} envelope
   * @returns {Promise<string>} the outcome
   */
  async function deliver(envelope) {
    const { status, said } = await post("responses", envelope);
    return status === 200 ? said.outcome : (said.refusal ?? "busy");
  }

  /**
   * @param {string} path
   * @param {object} message
   * @returns {Promise<Reply>} rejects without a network
   */
  async function post(path, message) {
    const reply = await fetch(`${home}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      credentials: "omit",
      cache: "no-store",
    });
    const date = reply.headers.get("date");
    const said = await reply.json().catch(() => ({}));
    return { status: reply.status, said, clock: date === null ? null : Date.parse(date) };
  }
}

// @ts-check
// What a device knows of itself and of the server: enough to work without a network, and nothing of residents.

import { within } from "./storage.js";

/**
 * @typedef {object} Device
 * @property {string} home the path of its page, which names its place
 * @property {CryptoKeyPair} key what it signs with
 * @property {string} [kiosk] the name by which the server knows it, once paired
 * @property {string} [state] as the server last said: open, closed, revoked or unknown
 * @property {string} [place]
 * @property {string} [area]
 * @property {boolean} [needsCode]
 * @property {string} [point] the public key of the server, in base64
 * @property {number | string} [today] the count of the day as the server gives it
 * @property {number} [contacted] when the server was last heard, by the clock of the device
 * @property {number} [clock] how many milliseconds the server's clock is ahead
 * @property {string[]} [refused] the outcomes that keep responses here
 * @property {boolean} [shut] closed by a host
 * @property {string} [carried] the deliveries that were carried off as a file last
 */

const ONLY = "this";
const PROBE_BYTES = 64 * 1024;

/** @returns {Promise<Device | undefined>} */
export async function device() {
  return within("device", "readonly", (store) => store.get(ONLY));
}

/** @param {Partial<Device>} changes */
export async function change(changes) {
  const known = await device();
  await within("device", "readwrite", (store) => store.put({ ...known, ...changes }, ONLY));
}

/** Forget what the device is; what waits to be sent is not touched. */
export async function clear() {
  await within("device", "readwrite", (store) => store.clear());
}

/** Whether there is room on the disk for a response. */
export async function hasRoom() {
  try {
    await within("device", "readwrite", (store) => store.put(new Uint8Array(PROBE_BYTES), "room"));
    await within("device", "readwrite", (store) => store.delete("room"));
    return true;
  } catch {
    return false;
  }
}

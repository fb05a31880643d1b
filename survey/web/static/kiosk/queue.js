// @ts-check
// The queue of sealed responses on a device: kept until the server says that it has them, however long
// that takes.

import { within } from "./storage.js";

/** @typedef {import("./sealing.js").Envelope} Envelope */

/** The outcomes after which the server has a response, or never will: the same slip was used before. */
const SETTLED = new Set(["accepted", "received_before", "code_used"]);

/** @param {string} outcome */
export function isSettled(outcome) {
  return SETTLED.has(outcome);
}

/**
 * Put a sealed response in the queue; fulfilled when it is on the disk. Rejects when the browser cannot
 * keep it, such as on a full disk.
 * @param {Envelope} envelope
 */
export async function keep(envelope) {
  await within("queue", "readwrite", (queue) => queue.put(envelope));
}

/** How many responses wait to be sent. */
export async function count() {
  return within("queue", "readonly", (queue) => queue.count());
}

/**
 * All that wait, to be sent or carried off as a file. In the order of their random ids, which tells nothing.
 * @returns {Promise<Envelope[]>}
 */
export async function waiting() {
  return within("queue", "readonly", (queue) => queue.getAll());
}

/**
 * Send what waits, one by one, and forget what the server has. A response without an answer, or with
 * another outcome, stays: sending it again does no harm. Resolves to the outcomes that keep one here.
 * @param {(envelope: Envelope) => Promise<string>} send gives the outcome; rejects without a network
 * @returns {Promise<string[]>}
 */
export async function sendAll(send) {
  const left = [];
  for (const envelope of await waiting()) {
    const outcome = await send(envelope).catch(() => "no_network");
    if (isSettled(outcome)) await within("queue", "readwrite", (queue) => queue.delete(envelope.delivery));
    else left.push(outcome);
  }
  return left;
}

// @ts-check
// The queue of sealed responses on a device: kept until the server says that it has them, however long
// that takes. In IndexedDB, because a response must survive a power cut.

/** @typedef {import("./sealing.js").Envelope} Envelope */

const DATABASE = "wijkpeil-kiosk";
const QUEUE = "queue";

/** The outcomes after which the server has a response, or never will: the same slip was used before. */
const SETTLED = new Set(["accepted", "received_before", "code_used"]);

/**
 * Put a sealed response in the queue; fulfilled when it is on the disk. Rejects when the browser cannot
 * keep it, such as on a full disk.
 * @param {Envelope} envelope
 */
export async function keep(envelope) {
  await inQueue("readwrite", (queue) => queue.put(envelope));
}

/** How many responses wait to be sent. */
export async function count() {
  return inQueue("readonly", (queue) => queue.count());
}

/**
 * All that wait, to be sent or carried off as a file. In the order of their random ids, which tells nothing.
 * @returns {Promise<Envelope[]>}
 */
export async function waiting() {
  return inQueue("readonly", (queue) => queue.getAll());
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
    if (SETTLED.has(outcome)) await inQueue("readwrite", (queue) => queue.delete(envelope.delivery));
    else left.push(outcome);
  }
  return left;
}

/**
 * The result of one request, once its transaction is on the disk.
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(queue: IDBObjectStore) => IDBRequest<Result>} work
 * @returns {Promise<Result>}
 */
async function inQueue(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(QUEUE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(QUEUE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(QUEUE, { keyPath: "delivery" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// @ts-check
// Sealing a response for the server before it touches the disk: the other half of survey/kiosk.py.
// P-256, HKDF-SHA256 (RFC 5869), AES-256-GCM and ECDSA, all by Web Crypto.

/**
 * @typedef {{survey: string, version: string, kiosk: string, key: string, delivery: string,
 *   ephemeral: string, sealed: string, signature: string}} Envelope bytes in base64, ids in hexadecimal
 * @typedef {{language: string, purposes: string[], answers: Record<string, string[]>, receipt: string,
 *   code: string | null}} Filled what a resident chose and typed, as the forms of the pages would send it
 */

const CURVE = "P-256";
const SMALLEST_BYTES = 4096;
const LENGTH_BYTES = 4;
const DELIVERY_BYTES = 16;
const KEY_ID_BYTES = 8;

/**
 * The key that a device signs with. Its private half can be used and kept, and never read, by any script.
 * @returns {Promise<CryptoKeyPair>}
 */
export async function newDeviceKey() {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: CURVE }, false, ["sign", "verify"]);
}

/**
 * The public half, as it is sent when the device is paired.
 * @param {CryptoKeyPair} device
 */
export async function publicPoint(device) {
  return inBase64(await crypto.subtle.exportKey("raw", device.publicKey));
}

/**
 * @param {Filled} filled
 * @param {{survey: string, version: string, kiosk: string}} from
 * @param {Uint8Array<ArrayBuffer>} serverPoint the public key of the server, an uncompressed point
 * @param {CryptoKeyPair} device
 * @returns {Promise<Envelope>}
 */
export async function seal(filled, from, serverPoint, device) {
  const key = inHexadecimal(await digest(serverPoint)).slice(0, 2 * KEY_ID_BYTES);
  const delivery = inHexadecimal(crypto.getRandomValues(new Uint8Array(DELIVERY_BYTES)));
  const header = lines("wijkpeil kiosk 1", from.survey, from.version, from.kiosk, key, delivery);
  const once = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: CURVE }, false, ["deriveBits"]);
  const ephemeral = await crypto.subtle.exportKey("raw", once.publicKey);
  const secret = await agreed(once.privateKey, serverPoint, joined(header, ephemeral));
  // The same nonce always: each response has a key of its own, which seals nothing else.
  const cipher = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: header };
  const sealed = await crypto.subtle.encrypt(cipher, secret, padded(filled));
  const signing = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(signing, device.privateKey, joined(header, ephemeral, sealed));
  return {
    ...from,
    key,
    delivery,
    ephemeral: inBase64(ephemeral),
    sealed: inBase64(sealed),
    signature: inBase64(signature),
  };
}

/**
 * The key of one response, bound to what it is about.
 * @param {CryptoKey} ours
 * @param {Uint8Array<ArrayBuffer>} serverPoint
 * @param {Uint8Array<ArrayBuffer>} about
 */
async function agreed(ours, serverPoint, about) {
  const theirs = await crypto.subtle.importKey("raw", serverPoint, { name: "ECDH", namedCurve: CURVE }, false, []);
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours, 256);
  const material = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const info = joined(new TextEncoder().encode("kiosk response\0"), about);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

/**
 * As JSON, preceded by its length and followed by zeros: how long it is says next to nothing of what it is.
 * @param {Filled} filled
 */
function padded(filled) {
  const plain = new TextEncoder().encode(JSON.stringify(filled));
  let length = SMALLEST_BYTES;
  while (length < plain.length + LENGTH_BYTES) length *= 2;
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, plain.length);
  bytes.set(plain, LENGTH_BYTES);
  return bytes;
}

/** @param {...string} parts */
function lines(...parts) {
  return new TextEncoder().encode(parts.map((part) => `${part}\n`).join(""));
}

/** @param {...(Uint8Array<ArrayBuffer> | ArrayBuffer)} parts */
function joined(...parts) {
  const arrays = parts.map((part) => new Uint8Array(part));
  const bytes = new Uint8Array(arrays.reduce((total, array) => total + array.length, 0));
  let place = 0;
  for (const array of arrays) {
    bytes.set(array, place);
    place += array.length;
  }
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function digest(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} bytes */
function inHexadecimal(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {ArrayBuffer} buffer */
function inBase64(buffer) {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
}

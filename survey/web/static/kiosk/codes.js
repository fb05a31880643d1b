// @ts-check
// The shape, check character and kind of the code of a slip or letter: survey/invitations.py. Whether it was
// issued, only the server knows.

import { plainDigits } from "./digits.js";

const ALPHABET = "BCDFGHJKMNPRSTVWXYZ3479";
const LENGTH = 16;
const SLIP = "S";
const LOOK_ALIKES = new Map([..."OQ0UAE8526IL1"].map((letter, place) => [letter, "DDDV43BSZG777"[place]]));

/**
 * What was typed, without case, spaces, dashes, look-alikes or digits of other scripts.
 * @param {string} typed
 */
export function normalised(typed) {
  const kept = plainDigits(typed.normalize("NFKC")).replace(/[^\p{L}\p{N}]/gu, "");
  return [...kept.toUpperCase()].map((letter) => LOOK_ALIKES.get(letter) ?? letter).join("");
}

/**
 * Whether a normalised code can have been issued: the weighted sum changes with every slip of a finger.
 * @param {string} code
 */
export function isPossible(code) {
  const places = [...code].map((letter) => ALPHABET.indexOf(letter));
  if (places.length !== LENGTH || places.includes(-1)) return false;
  const sum = places.reduce((total, place, index) => total + (index + 1) * place, 0);
  return sum % ALPHABET.length === 0;
}

/**
 * Whether a normalised code stands on a slip; else it stands on a letter to somebody who was drawn.
 * @param {string} code
 */
export function isOnSlip(code) {
  return code.startsWith(SLIP);
}

// @ts-check
// A filled-in form to an answer, or to what is wrong with it: survey/questionnaires/answers.py over the table of
// survey/questionnaires/form_table.py.

import { plainDigits } from "./digits.js";

/**
 * @typedef {import("./routing.js").Answer} Answer
 * @typedef {{kind: string, opening?: boolean, may_skip?: boolean, codes?: number[], reasons?: number[],
 *   alone?: number[], helpers?: number[], limits?: [number, number], longest?: number}} FormRules
 * @typedef {{forms: Record<string, FormRules>, postcodes: Record<string, string[]>,
 *   neighbourhoods: Record<string, string>, parents: string[]}} FormTable
 * @typedef {{answer: Answer} | {fault: string, length?: number}} Read
 */

export const SKIPPED = -5;

const CONTROL = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
/** What Python calls a space: not the byte order mark, which `\s` holds. */
const SPACE = "[\\t\\n \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, "gu");
const POSTCODE = new RegExp(`^(\\p{Nd}{3,6})${SPACE}*[\\p{L}\\p{Nl}\\p{No}]{0,3}$`, "u");

/**
 * The text as it is kept: composed, lines ended by a newline, without control characters, trimmed.
 * @param {string} text
 */
function clean(text) {
  const lines = text.normalize("NFC").replace(/\r\n?/g, "\n");
  const kept = lines.replace(CONTROL, (character) => ("\n\t".includes(character) ? character : ""));
  return kept.replace(EDGES, "");
}

/**
 * @param {FormRules} rules
 * @param {FormTable} table
 * @param {string[]} sent what was chosen or typed; nothing when the question was skipped
 * @param {(code: number) => boolean} exists whether an option exists where the resident lives
 * @returns {Read}
 */
export function read(rules, table, sent, exists) {
  const posted = sent.map(clean).filter((text) => text !== "");
  if (posted.length === 0) return rules.may_skip ? { answer: SKIPPED } : { fault: "choose_one" };
  if (rules.kind === "multiple") return ticked(rules, posted, exists);
  const reasons = (rules.reasons ?? []).filter((code) => posted.includes(String(code)));
  const different = new Set(posted).size;
  if (reasons.length > 0) {
    const first = posted.map(Number).find((code) => reasons.includes(code)) ?? reasons[0];
    return different > 1 ? { fault: `exclusive_conflict ${first}` } : { answer: first };
  }
  if (different > 1) return { fault: "one_option_only" };
  return alone(rules, table, posted[0], exists);
}

/**
 * @param {FormRules} rules
 * @param {string[]} posted
 * @param {(code: number) => boolean} exists
 * @returns {Read}
 */
function ticked(rules, posted, exists) {
  const reasons = rules.reasons ?? [];
  const known = [...(rules.codes ?? []).filter(exists), ...reasons].map(String);
  if (!posted.every((text) => known.includes(text))) return { fault: "unknown_option" };
  const codes = [...new Set(posted.map(Number))].sort((one, other) => one - other);
  const excluding = codes.find((code) => rules.alone?.includes(code));
  if (codes.length > 1 && excluding !== undefined) return { fault: `exclusive_conflict ${excluding}` };
  return { answer: reasons.includes(codes[0]) ? codes[0] : codes };
}

/**
 * @param {FormRules} rules
 * @param {FormTable} table
 * @param {string} text
 * @param {(code: number) => boolean} exists
 * @returns {Read}
 */
function alone(rules, table, text, exists) {
  switch (rules.kind) {
    case "number":
      return number(text, rules.limits ?? [0, 0]);
    case "open":
      return short(text, rules.longest ?? 0);
    case "postcode":
      return postcode(text, table.postcodes);
    case "neighbourhood": {
      const area = table.neighbourhoods[text];
      return area === undefined ? { fault: "unknown_neighbourhood" } : { answer: area };
    }
  }
  const code = (rules.codes ?? []).filter(exists).find((one) => String(one) === text);
  return code === undefined ? { fault: "unknown_option" } : { answer: code };
}

/**
 * @param {string} text
 * @param {[number, number]} limits
 * @returns {Read}
 */
function number(text, [minimum, maximum]) {
  if (!/^-?\p{Nd}{1,9}$/u.test(text)) return { fault: "not_a_number" };
  const answer = Number(plainDigits(text));
  return minimum <= answer && answer <= maximum ? { answer } : { fault: "number_out_of_range" };
}

/**
 * @param {string} text
 * @param {number} longest
 * @returns {Read}
 */
function short(text, longest) {
  const length = [...text].length;
  return length > longest ? { fault: "text_too_long", length } : { answer: text };
}

/**
 * @param {string} text
 * @param {Record<string, string[]>} postcodes
 * @returns {Read}
 */
function postcode(text, postcodes) {
  const written = POSTCODE.exec(text);
  if (written === null) return { fault: "not_a_postcode" };
  const digits = plainDigits(written[1]);
  return postcodes[digits] === undefined ? { fault: "unknown_postcode" } : { answer: digits };
}

// @ts-check
// One resident's visit, in memory only: what was answered, and where the way goes on. It knows no page and no
// screen. The ways are those of the phone pages (survey/web/standing.py, resident.py, code.py).

import { isOnSlip, isPossible, normalised } from "./codes.js";
import { read, SKIPPED } from "./forms.js";
import { walk } from "./routing.js";

/**
 * @typedef {import("./routing.js").Answer} Answer
 * @typedef {import("./routing.js").RoutingTable} RoutingTable
 * @typedef {import("./forms.js").FormTable} FormTable
 * @typedef {import("./sealing.js").Filled} Filled
 * @typedef {{survey: string, version: string, languages: string[], purposes: string[], required: string[],
 *   routing: RoutingTable, forms: FormTable, areas: Record<string, string>, words: string[],
 *   receipt_length: number, idle: number}} Common
 * @typedef {{area: string, needsCode: boolean}} Place
 * @typedef {[string, string][]} Fields names and values of a form, as the browser would send them
 */

export class Visit {
  /**
   * @param {Common} common
   * @param {Place} place
   * @param {string} language
   */
  constructor(common, place, language) {
    this.common = common;
    this.place = place;
    this.language = language;
    /** The size of the letters, and pictograms or not: survey/web/display.py. */
    this.display = "normal";
    /** @type {Set<string>} */
    this.purposes = new Set();
    /** @type {Map<string, Answer>} */
    this.answers = new Map();
    /** What was sent for each question, to be filled in again and to be sealed. @type {Map<string, string[]>} */
    this.sent = new Map();
    /** @type {string | null} */
    this.code = null;
    this.coded = false;
    this.changing = false;
    this.receipt = "";
    /** The answer to the practice question, which only its own page shows. */
    this.practised = "";
    this.path = "start";
    /** What was filled in on this page and not taken. @type {Fields | null} */
    this.attempt = null;
    /** @type {{code: string, length?: number} | null} */
    this.fault = null;
  }

  get journey() {
    return walk(this.common.routing, this.answers, this.purposes, this.place.area);
  }

  /** Whether somebody helps the resident, or answers for them. */
  get helped() {
    const { counting } = this.journey;
    return Object.entries(this.common.forms.forms).some(
      ([variable, { helpers = [] }]) => helpers.some((code) => code === counting.get(variable)),
    );
  }

  /** The variable of the question that is shown, if one is. */
  get variable() {
    return this.path.startsWith("page/") ? this.path.slice("page/".length) : null;
  }

  /**
   * Go to a page that a link names.
   * @param {string} path
   */
  goTo(path) {
    const [page, from] = path.split("?");
    this.changing = from === "from=check";
    this.attempt = this.fault = null;
    this.path = page;
  }

  /**
   * What is on the form now, sent or not: another language must not lose it.
   * @param {Fields} fields
   */
  remember(fields) {
    this.attempt = fields;
  }

  /**
   * Take in a form, and go on; or stay, with a fault.
   * @param {Fields} fields
   */
  take(fields) {
    this.attempt = this.fault = null;
    if (this.path === "consent") this.#takeConsent(fields);
    else if (this.path === "code") this.#takeCode(fields);
    else if (this.path === "practice") this.#takePractice(fields);
    else if (this.variable !== null) this.#takeAnswer(this.variable, fields);
    if (this.fault !== null) this.attempt = fields;
  }

  goBack() {
    const before = this.#before();
    this.goTo(before);
  }

  /** Only what the last page shows is left. */
  forget() {
    this.place = { ...this.place, area: this.journey.area ?? this.place.area };
    this.purposes = new Set();
    this.answers = new Map();
    this.sent = new Map();
    this.code = this.attempt = this.fault = null;
  }

  /**
   * What is sealed. An answer is what the form would have sent; of ticks only those that count.
   * @returns {Filled}
   */
  filled() {
    /** @type {Record<string, string[]>} */
    const answers = {};
    for (const [variable, answer] of this.journey.counting) {
      if (Array.isArray(answer)) answers[variable] = answer.map(String);
      else answers[variable] = answer === SKIPPED ? [] : (this.sent.get(variable) ?? []);
    }
    const { language, code, receipt } = this;
    return { language, purposes: [...this.purposes], answers, receipt, code };
  }

  /** @param {Fields} fields */
  #takeConsent(fields) {
    const ticked = new Set(values(fields, "purpose"));
    this.purposes = new Set(this.common.purposes.filter((purpose) => ticked.has(purpose)));
    if (this.common.required.some((purpose) => !ticked.has(purpose))) this.fault = { code: "consent_required" };
    else this.path = this.#placeOf(this.#firstOpen());
  }

  /**
   * Show what would have been answered: see survey/web/resident.py.
   * @param {Fields} fields
   */
  #takePractice(fields) {
    this.practised = values(fields, "skip").length > 0 ? "" : (values(fields, "answer")[0] ?? "");
    this.path = "practice/tried";
  }

  /** @param {Fields} fields */
  #takeCode(fields) {
    const code = normalised(values(fields, "code")[0] ?? "");
    const without = values(fields, "no_code").length > 0;
    if (without && this.#needsLetter()) this.fault = { code: "code_of_parent" };
    else if (!without && code === "") this.fault = { code: "slip_missing" };
    else if (!without && !isPossible(code)) this.fault = { code: "slip_mistyped" };
    else if (this.#needsLetter() && isOnSlip(code)) this.fault = { code: "code_of_parent" };
    else {
      this.code = without ? null : code;
      this.coded = true;
      this.path = this.#placeOf(this.#firstOpen());
    }
  }

  /** Whether a parent was asked, which only the code of a letter to parents shows. */
  #needsLetter() {
    return this.common.forms.parents.some((variable) => this.journey.counting.has(variable));
  }

  /** Who becomes younger on the way needs another code than they gave. */
  #hasRightCode() {
    return !this.#needsLetter() || (this.code !== null && !isOnSlip(this.code));
  }

  /**
   * @param {string} variable
   * @param {Fields} fields
   */
  #takeAnswer(variable, fields) {
    const sent = values(fields, "skip").length > 0 ? [] : values(fields, "answer");
    const found = read(this.common.forms.forms[variable], this.common.forms, sent, this.#exists(variable));
    if ("fault" in found) {
      this.fault = { code: found.fault, length: found.length };
      return;
    }
    this.answers.set(variable, found.answer);
    this.sent.set(variable, sent);
    this.#dropOtherPlace(variable, found.answer);
    const { stop } = this.journey;
    if (stop !== null) {
      this.forget();
      this.path = `refused/${stop}`;
    } else {
      this.path = this.#placeOf(this.changing ? this.#firstOpen() : this.#onward(variable));
      this.changing = this.changing && this.variable !== null;
    }
  }

  /**
   * Whether an option of a question exists where the resident lives, as far as that is known there.
   * @param {string} variable
   */
  #exists(variable) {
    const steps = this.common.routing.steps;
    const place = steps.findIndex((step) => step.variable === variable);
    const earlier = new Map(
      steps.slice(0, place).flatMap(({ variable: name }) => {
        const answer = this.answers.get(name);
        return answer === undefined ? [] : [/** @type {[string, Answer]} */ ([name, answer])];
      }),
    );
    const { area } = walk(this.common.routing, earlier, this.purposes, this.place.area);
    const { limited } = steps[place];
    return (/** @type {number} */ code) => limited[code] === undefined || limited[code].includes(area ?? "");
  }

  /**
   * A changed postcode that no longer touches the area leaves the area open.
   * @param {string} variable
   * @param {Answer} answer
   */
  #dropOtherPlace(variable, answer) {
    if (this.common.forms.forms[variable].kind !== "postcode") return;
    const place = variable.slice(0, -"_postcode".length);
    const areas = this.common.forms.postcodes[String(answer)];
    const area = this.answers.get(place);
    if (areas === undefined || area === undefined || areas.includes(String(area))) return;
    this.answers.delete(place);
    this.sent.delete(place);
  }

  #firstOpen() {
    const { steps, counting } = this.journey;
    return steps.find((variable) => !counting.has(variable)) ?? null;
  }

  /**
   * The question after this one, or an earlier one that is still open; null when all is answered.
   * @param {string} variable
   */
  #onward(variable) {
    const { steps, counting } = this.journey;
    const place = steps.indexOf(variable);
    const open = steps.slice(0, place).find((earlier) => !counting.has(earlier));
    return open ?? steps[place + 1] ?? null;
  }

  /**
   * The path of a question; the code page stands between the opening questions and the others.
   * @param {string | null} variable
   */
  #placeOf(variable) {
    const opening = variable !== null && this.common.forms.forms[variable].opening;
    if (!opening && !(this.coded && this.#hasRightCode())) return "code";
    return variable === null ? "check" : `page/${variable}`;
  }

  #before() {
    const { steps } = this.journey;
    if (this.changing) return "check";
    if (this.path === "consent" || this.path === "practice") return "start";
    if (this.path === "practice/tried") return "practice";
    if (this.path === "check") return steps.length > 0 ? `page/${steps[steps.length - 1]}` : "consent";
    const ahead =
      this.path === "code"
        ? steps.filter((variable) => this.common.forms.forms[variable].opening)
        : steps.slice(0, steps.indexOf(this.variable ?? ""));
    return ahead.length > 0 ? `page/${ahead[ahead.length - 1]}` : "consent";
  }
}

/**
 * @param {Fields} fields
 * @param {string} name
 */
export function values(fields, name) {
  return fields.filter(([field]) => field === name).map(([, value]) => value);
}

/**
 * The words with which a resident can withdraw (survey/receipts.py), each as likely as another.
 * @param {Common} common
 */
export function newReceipt({ words, receipt_length: length }) {
  const chosen = Array.from({ length }, () => words[below(words.length)]);
  return chosen.join(" ");
}

/**
 * A random number below `limit`; the last, incomplete row of numbers is drawn again.
 * @param {number} limit
 * @returns {number}
 */
function below(limit) {
  const [drawn] = crypto.getRandomValues(new Uint32Array(1));
  return drawn < 2 ** 32 - (2 ** 32 % limit) ? drawn % limit : below(limit);
}

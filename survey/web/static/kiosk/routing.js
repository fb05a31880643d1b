// @ts-check
// Which questions are asked, and which answers count: the walk of survey/questionnaires/routing.py over the
// table of survey/questionnaires/routing_table.py, for a kiosk without a network.

/**
 * @typedef {number | string | number[]} Answer a code or number, a text or area, or the ticked codes
 * @typedef {{type: "answered", variable: string, codes: number[]}
 *   | {type: "in_area", areas: string[]}
 *   | {type: "all" | "any", conditions: Condition[]}
 *   | {type: "not", condition: Condition}} Condition
 * @typedef {{variable: string, areas: string[], purpose: string | null, when: Condition | null,
 *   limited: Record<number, string[]>, stops: Record<number, string>, gives_area: boolean}} RoutingStep
 * @typedef {{version: string, steps: RoutingStep[]}} RoutingTable
 * @typedef {{steps: string[], counting: Map<string, Answer>, area: string | null, stop: string | null}} Journey
 */

/**
 * The journey of a resident who consents to `purposes`. `stop` is the key of the text of a stop option.
 * @param {RoutingTable} table
 * @param {Map<string, Answer>} answers
 * @param {Set<string>} purposes
 * @param {string | null} area the area of the place, null when it is not known
 * @returns {Journey}
 */
export function walk(table, answers, purposes, area) {
  const steps = [];
  /** @type {Map<string, Answer>} */
  const counting = new Map();
  for (const step of table.steps) {
    if (!isAsked(step, counting, purposes, area)) continue;
    steps.push(step.variable);
    const answer = stillOffered(answers.get(step.variable), step.limited, area);
    if (answer === undefined) continue;
    counting.set(step.variable, answer);
    if (step.gives_area && typeof answer === "string") area = answer;
    const stop = typeof answer === "number" ? step.stops[answer] : undefined;
    if (stop !== undefined) return { steps, counting, area, stop };
  }
  return { steps, counting, area, stop: null };
}

/**
 * @param {RoutingStep} step
 * @param {Map<string, Answer>} counting
 * @param {Set<string>} purposes
 * @param {string | null} area
 */
function isAsked(step, counting, purposes, area) {
  return (
    (step.areas.length === 0 || isIn(area, step.areas)) &&
    (step.purpose === null || purposes.has(step.purpose)) &&
    (step.when === null || holds(step.when, counting, area))
  );
}

/**
 * @param {Condition} condition
 * @param {Map<string, Answer>} counting
 * @param {string | null} area
 * @returns {boolean}
 */
function holds(condition, counting, area) {
  switch (condition.type) {
    case "answered":
      return [counting.get(condition.variable)].flat().some((code) => isIn(code, condition.codes));
    case "in_area":
      return isIn(area, condition.areas);
    case "all":
      return condition.conditions.every((part) => holds(part, counting, area));
    case "any":
      return condition.conditions.some((part) => holds(part, counting, area));
    case "not":
      return !holds(condition.condition, counting, area);
  }
}

/**
 * The answer without options that do not exist in `area`; undefined when nothing of it is left.
 * @param {Answer | undefined} answer
 * @param {Record<number, string[]>} limited
 * @param {string | null} area
 * @returns {Answer | undefined}
 */
function stillOffered(answer, limited, area) {
  const exists = (/** @type {number} */ code) => limited[code] === undefined || isIn(area, limited[code]);
  if (Array.isArray(answer)) {
    const kept = answer.filter(exists);
    return kept.length > 0 || Object.keys(limited).length === 0 ? kept : undefined;
  }
  return typeof answer === "number" && !exists(answer) ? undefined : answer;
}

/**
 * @param {unknown} value
 * @param {readonly unknown[]} values
 */
function isIn(value, values) {
  return values.includes(value);
}

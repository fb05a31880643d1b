// @ts-check
// A page of the bundle for one resident: the one of several that fits, with what was left open filled in. The
// pages themselves are made by the server, from the templates of the phone pages (survey/web/kiosk_bundle.py).

/**
 * @typedef {import("./visit.js").Visit} Visit
 * @typedef {import("./visit.js").Common} Common
 * @typedef {import("./visit.js").Fields} Fields
 * @typedef {import("./routing.js").Answer} Answer
 * @typedef {string | Record<string, string>} Html
 * @typedef {{html: Html, faulted?: Html, faults?: Record<string, string>}} KioskPage
 * @typedef {{language: {tag: string, name: string, direction: string, draft: boolean}, title: string,
 *   frames: Record<string, string>, pages: Record<string, KioskPage>, inserts: Record<string, Record<string, string>>,
 *   between: Record<string, string>}} Texts
 */

import { SKIPPED } from "./forms.js";
import { values } from "./visit.js";

const LEFT_OPEN = /\ue000([^ \ue001]+) ([^ \ue001]+)\ue001/g;
const NO_ANSWER = "…";

/** Kinds of which the overview has the words of every option, one after the other. */
const CHOSEN = ["single", "multiple", "statement"];

/**
 * The HTML of a page: its title, and what stands within the frame.
 * @param {Texts} texts
 * @param {string} path
 * @param {Visit} visit
 */
export function htmlOf(texts, path, visit) {
  const page = texts.pages[path];
  const faulted = visit.fault !== null && path === visit.path;
  const html = chosen((faulted && page.faulted) || page.html, path, visit);
  const sentence = page.faults?.[visit.fault?.code ?? ""] ?? "";
  const whole = html.replaceAll(new RegExp("\ue000fault [^\ue001]+\ue001", "g"), () => sentence);
  return whole.replace(LEFT_OPEN, (_, name, tag) => escaped(inserted(texts, name, tag, visit)));
}

/**
 * Of several pages the one for this resident: by the areas of the postcode, by whether a code is needed, or by
 * the area.
 * @param {Html} html
 * @param {string} path
 * @param {Visit} visit
 */
function chosen(html, path, visit) {
  if (typeof html === "string") return html;
  const variable = path.startsWith("page/") ? path.slice("page/".length) : "";
  if (path === "practice/tried") return html[visit.practised];
  if (path === "code") return html[visit.place.needsCode ? "needed" : ""];
  if (visit.common.forms.forms[variable]?.kind === "neighbourhood") {
    const postcode = visit.journey.counting.get(`${variable}_postcode`);
    return html[(visit.common.forms.postcodes[String(postcode)] ?? []).join(" ")];
  }
  return html[visit.journey.area ?? visit.place.area];
}

/**
 * What stands for an insert, as text.
 * @param {Texts} texts
 * @param {string} name
 * @param {string} tag
 * @param {Visit} visit
 * @returns {string}
 */
function inserted(texts, name, tag, visit) {
  const [kind, rest] = [name.split(".")[0], name.slice(name.indexOf(".") + 1)];
  if (name === "length") return String(visit.fault?.length ?? "");
  if (kind === "receipt") return visit.receipt.split(" ")[Number(rest)] ?? "";
  if (name === "withdraw") return `${location.host}/${visit.common.survey}/${visit.language}/withdraw`;
  const table = texts.inserts[`${name} ${tag}`] ?? {};
  if (kind !== "answer" && kind !== "typed") return table[visit.journey.area ?? ""] ?? "";
  const labels = said(table, rest, visit);
  if (labels.length === 0) return NO_ANSWER;
  return labels.reduce((before, label) =>
    texts.between[tag].replace(/\{([01])\}/g, (_, place) => (place === "0" ? before : label)),
  );
}

/**
 * An answer in words, in the order of the options.
 * @param {Record<string, string>} table labels by code or area
 * @param {string} variable
 * @param {Visit} visit
 */
function said(table, variable, visit) {
  const answer = visit.journey.counting.get(variable);
  if (answer === undefined || answer === SKIPPED) return [];
  if (Array.isArray(answer)) return codesOf(visit.common, variable).filter((code) => answer.includes(code)).map((code) => table[code]);
  const label = table[String(answer)];
  if (label !== undefined) return [label];
  const { kind } = visit.common.forms.forms[variable];
  return kind === "open" || kind === "number" || kind === "postcode" ? [String(answer)] : [];
}

/**
 * @param {Common} common
 * @param {string} variable
 */
function codesOf(common, variable) {
  const { codes = [], reasons = [] } = common.forms.forms[variable];
  return [...codes, ...reasons];
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Fill in the form of a page: what was tried, or what was sent before; and say to a helper whose opinion counts.
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export function fillIn(main, visit) {
  if (!visit.helped) main.querySelector("[data-helped]")?.remove();
  const fields = visit.attempt ?? before(visit);
  for (const field of main.querySelectorAll("input, textarea")) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
    if (field.type === "hidden") continue;
    field.autocomplete = "off";
    field.spellcheck = false; // some browsers send what is typed away to check or complete it
    field.setAttribute("writingsuggestions", "false");
    if (!(field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type))) {
      field.value = typed(main, fields, field.name);
    } else field.checked = values(fields, field.name).includes(field.value);
  }
}

/**
 * What was typed in a text field, beside which a reason of the same name can be ticked.
 * @param {HTMLElement} main
 * @param {Fields} fields
 * @param {string} name
 */
function typed(main, fields, name) {
  const ticks = [...main.querySelectorAll(`input[type=checkbox][name="${name}"]`)].map((tick) => tick.getAttribute("value"));
  return values(fields, name).find((value) => !ticks.includes(value)) ?? "";
}

/**
 * @param {Visit} visit
 * @returns {Fields}
 */
function before(visit) {
  if (visit.path === "practice") return [["answer", visit.practised]];
  if (visit.path === "consent") return [...visit.purposes].map((purpose) => ["purpose", purpose]);
  if (visit.variable === null) return [];
  return (visit.sent.get(visit.variable) ?? []).map((value) => ["answer", value]);
}

/**
 * Of the overview of every step with every answer only what holds for this resident. `skipped` is the same
 * overview, of somebody who skipped everything.
 * @param {HTMLElement} main
 * @param {HTMLElement} skipped
 * @param {Visit} visit
 */
export function keepOwnAnswers(main, skipped, visit) {
  const { counting } = visit.journey;
  for (const { variable } of visit.common.routing.steps) {
    const row = rowOf(main, variable);
    const answer = counting.get(variable);
    if (answer === undefined) row.remove();
    else if (answer === SKIPPED) row.replaceWith(rowOf(skipped, variable));
    else if (CHOSEN.includes(visit.common.forms.forms[variable].kind)) {
      keepChosen(row, [answer].flat(), codesOf(visit.common, variable));
    }
  }
  for (const list of main.querySelectorAll("dl")) {
    if (list.childElementCount > 0) continue;
    list.previousElementSibling?.remove();
    list.remove();
  }
}

/**
 * @param {HTMLElement} main
 * @param {string} variable
 */
function rowOf(main, variable) {
  const row = main.querySelector(`[href="#/page/${variable}?from=check"]`)?.closest("div");
  if (!row) throw new Error(`The overview has no row for ${variable}.`);
  return row;
}

/**
 * @param {Element} row
 * @param {(number | string)[]} answers
 * @param {number[]} codes
 */
function keepChosen(row, answers, codes) {
  row.querySelectorAll("dd:not(.rs-change)").forEach((one, place) => {
    if (!answers.includes(codes[place])) one.remove();
  });
}

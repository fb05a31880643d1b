// @ts-check
// The kiosk itself: shows the pages of the bundle, and follows what is pressed. Answers are in `visit`, in memory,
// and nowhere else; it makes no history, and every visit ends with a new document.

import { offerReading, isReading } from "../read_aloud.js";
import { ask } from "./asking.js";
import { device, hasRoom } from "./device.js";
import { host, saying, write } from "./host.js";
import { Idle } from "./idle.js";
import { fillIn, htmlOf, keepOwnAnswers } from "./pages.js";
import { isSettled, keep } from "./queue.js";
import { seal } from "./sealing.js";
import { newReceipt, Visit } from "./visit.js";

/**
 * @typedef {import("./pages.js").Texts} Texts
 * @typedef {import("./visit.js").Common} Common
 * @typedef {import("./visit.js").Fields} Fields
 * @typedef {import("./sealing.js").Envelope} Envelope
 * @typedef {import("./device.js").Device} Device
 */

const LAST_PAGE_SECONDS = 45;
const CONTACT_EVERY = 60_000;
const TRY_AGAIN = 5_000;

const home = document.body.dataset.home ?? "";
const folder = document.body.dataset.texts ?? "";

/** Pages on which nothing is filled in any more. */
const LAST = /^(done|stopped|refused)/;

/** @type {Common} */
const common = await content("common.json");
/** @type {Map<string, Texts>} */
const languages = new Map();
await load(common.languages[0]);
/** The others follow while the first screen shows; before it would take a slow device seconds. */
const loaded = loadOthers();

let visit = new Visit(common, { area: "", needsCode: false }, common.languages[0]);
/** A page beside the visit, such as help. @type {string | null} */
let beside = null;
/** What could not be put on the disk. @type {Envelope[]} */
let held = [];
/** As this document found the device; a full disk may not let it be read again. @type {Device | undefined} */
let known;
let framed = "";
let sending = false;
const idle = new Idle(isReading, () => end());

/**
 * A file of the bundle, from the disk: this document connects to nothing.
 * @param {string} name
 */
async function content(name) {
  const found = await caches.match(`${folder}/${name}`);
  if (found === undefined) throw new Error(`${name} is not on this device.`);
  return found.json();
}

/** @param {string} tag */
async function load(tag) {
  languages.set(tag, await content(`${tag}.json`));
}

/** One by one, so that the screen answers in between. */
async function loadOthers() {
  for (const tag of common.languages.slice(1)) await load(tag);
}

// The first screen.

async function begin() {
  const found = await device().catch(() => null);
  known = found ?? undefined;
  const ready = known?.state === "open" && !known.shut && known.point !== undefined && (await hasRoom());
  if (known?.area !== undefined) visit.place = { area: known.area, needsCode: known.needsCode ?? false };
  if (found === undefined || (found !== null && found.kiosk === undefined)) show("pairing");
  else if (ready && known?.home === home) show("attract");
  else show("closed");
  await stayInTouch();
}

/** Between visits: send what waits, hear how things are, and let a new edition in. */
async function stayInTouch() {
  await ask({ ask: "contact" });
  if (!isBetweenVisits()) return;
  const now = await device().catch(() => known);
  if (JSON.stringify(summary(now)) !== JSON.stringify(summary(known))) return end();
  const registration = await navigator.serviceWorker.getRegistration(home);
  await registration?.update().catch(() => undefined);
  if (registration?.waiting && isBetweenVisits()) {
    navigator.serviceWorker.addEventListener("controllerchange", end, { once: true });
    registration.waiting.postMessage({ ask: "take over" });
  } else setTimeout(() => { if (isBetweenVisits()) stayInTouch(); }, CONTACT_EVERY);
}

function isBetweenVisits() {
  return ["attract", "closed"].includes(visit.path) && beside === null;
}

/** @param {Device | undefined} one */
function summary(one) {
  return [one?.state, one?.area, one?.needsCode, one?.place, one?.point];
}

// Showing.

/** @param {string} path */
function show(path) {
  visit.goTo(path);
  render();
}

function render() {
  const path = beside ?? visit.path;
  const texts = textsWith(path);
  const main = frame(texts, path);
  main.innerHTML = htmlOf(texts, path, visit);
  const title = main.querySelector("title");
  document.title = title?.textContent ?? "";
  title?.remove();
  main.ariaLabel = document.title;
  if (path === "check") keepOwnAnswers(main, hidden(htmlOf(texts, "check/skipped", visit)), visit);
  if (beside === null) fillIn(main, visit);
  if (path === "host") host(main, held, held.length === 0 ? end : goBack);
  offerReading(main);
  scrollTo(0, 0);
  const first = main.querySelector("[autofocus]");
  (first instanceof HTMLElement ? first : main).focus({ preventScroll: true });
  watch(texts, path);
}

/**
 * In the language of the resident, but for staff in the first.
 * @param {string} path
 */
function textsWith(path) {
  const own = languages.get(visit.language);
  return own !== undefined && path in own.pages ? own : /** @type {Texts} */ (languages.get(common.languages[0]));
}

/**
 * What stands around the pages, in the language and display of the resident; changed only with these.
 * @param {Texts} texts
 * @param {string} path
 */
function frame(texts, path) {
  const wanted = `${texts.language.tag} ${visit.display}`;
  if (framed !== wanted) {
    const { documentElement: root, body } = new DOMParser().parseFromString(texts.frames[visit.display], "text/html");
    const { lang, dir, className } = root;
    Object.assign(document.documentElement, { lang, dir, className });
    document.body.replaceChildren(...body.children);
    framed = wanted;
  }
  const bare = ["attract", "closed", "pairing", "host", "unsaved"].includes(path);
  document.body.className = bare ? "rs-bare" : LAST.test(path) ? "rs-last" : "";
  const main = document.getElementById("main");
  if (main === null) throw new Error("The frame has no main part.");
  return main;
}

/** @param {string} html */
function hidden(html) {
  const part = document.createElement("div");
  part.innerHTML = html;
  return part;
}

/**
 * @param {Texts} texts
 * @param {string} path
 */
function watch(texts, path) {
  const warning = String(texts.pages.idle.html);
  if (path === "attract" || path === "closed" || path === "pairing") idle.stop();
  else if (LAST.test(path)) idle.watch(LAST_PAGE_SECONDS, warning, false);
  else idle.watch(common.idle, warning, visit.answers.size > 0);
}

// What is pressed.

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  if (link === null) return;
  event.preventDefault();
  const target = link.getAttribute("href") ?? "";
  if (target.startsWith("#/")) follow(target.slice(2));
  else jump(target.slice(1));
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!(event.target instanceof HTMLFormElement)) return;
  take(fieldsOf(event.target, event.submitter));
});

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [submitter]
 * @returns {Fields}
 */
function fieldsOf(form, submitter) {
  return [...new FormData(form, submitter)].map(([name, value]) => [name, String(value)]);
}

/** @param {string} id A part of the page; a jump by the browser would be remembered in its history. */
function jump(id) {
  const part = document.getElementById(id);
  part?.focus();
  part?.scrollIntoView();
}

/** @param {string} path */
function follow(path) {
  const [first, rest] = path.split("/");
  if (first === "begin") return loaded.then(() => startIn(rest));
  if (first === "language") return showOtherwise({ language: rest });
  if (first === "display") return showOtherwise({ display: rest });
  if (first === "back") return goBack();
  if (first === "resume") return goBack();
  if (first === "reset") return end();
  if (first === "start") return end();
  if (first === "consent" || first === "page" || first === "practice") {
    beside = null;
    return show(path);
  }
  beside = path;
  render();
}

/** @param {string} tag */
function startIn(tag) {
  visit = new Visit(common, visit.place, tag);
  render();
}

/**
 * In another language or display: what is on the form comes along.
 * @param {{language?: string, display?: string}} how
 */
function showOtherwise(how) {
  const form = document.querySelector("main form");
  if (form instanceof HTMLFormElement && beside === null) visit.remember(fieldsOf(form));
  Object.assign(visit, how);
  render();
}

function goBack() {
  if (beside !== null) {
    beside = null;
    return render();
  }
  if (visit.path === "start") return end();
  visit.goBack();
  render();
}

/** @param {Fields} fields */
function take(fields) {
  const path = beside ?? visit.path;
  if (path === "pairing") return pair(fields);
  if (path === "stop") return stop();
  if (path === "done") return end();
  if (path === "check") return finish();
  visit.take(fields);
  render();
}

function stop() {
  visit.forget();
  beside = null;
  show("stopped");
}

// The end of a visit.

/** Seal, keep, and only then say that it is done. A second press does nothing. */
async function finish() {
  if (sending) return;
  sending = true;
  idle.stop();
  if (known?.kiosk === undefined || known.point === undefined) throw new Error("This device was cleared.");
  visit.receipt = newReceipt(common);
  const from = { survey: common.survey, version: common.version, kiosk: known.kiosk };
  const point = Uint8Array.from(atob(known.point), (character) => character.charCodeAt(0));
  const envelope = await seal(visit.filled(), from, point, known.key);
  visit.forget();
  await keptSomehow(envelope);
}

/**
 * On the disk, or else straight to the server; until then the resident waits, and staff are called.
 * @param {Envelope} envelope
 */
async function keptSomehow(envelope) {
  held = [envelope];
  if (await kept(envelope)) {
    held = [];
    sending = false;
    if (visit.receipt === "") return end();
    beside = null;
    show("done");
    ask({ ask: "contact" });
  } else {
    if (visit.path === "check") show("unsaved");
    setTimeout(() => keptSomehow(envelope), TRY_AGAIN);
  }
}

/** @param {Envelope} envelope */
async function kept(envelope) {
  try {
    await keep(envelope);
    return true;
  } catch {
    return (await ask({ ask: "deliver", envelope })).settled ?? false;
  }
}

/** A new document, so that nothing of this one is left; but what is not on the disk yet needs this one, and staff. */
function end() {
  if (held.length === 0) {
    wipe();
    location.replace(home);
    return;
  }
  visit = new Visit(common, visit.place, common.languages[0]);
  beside = null;
  show("unsaved");
}

function wipe() {
  idle.stop();
  visit = new Visit(common, { area: "", needsCode: false }, common.languages[0]);
  document.body.replaceChildren();
  document.title = "";
  framed = "";
}

addEventListener("pagehide", wipe);
window.addEventListener("pageshow", ({ persisted }) => { if (persisted) location.replace(home); });

// Pairing.

/** @param {Fields} fields */
async function pair(fields) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const code = fields.find(([name]) => name === "code")?.[1] ?? "";
  await navigator.storage?.persist?.();
  const { refusal } = await ask({ ask: "pair", code });
  if ((await device())?.point !== undefined) return end();
  const part = main.querySelector("#refusal");
  if (part instanceof HTMLElement) part.hidden = false;
  write(main, "refusal", saying(main, refusal ?? "otherwise"));
}

await begin();

// Reads a page aloud: a question with its answers by one button, each answer by a button of its own; before
// sending all answers by one button, each row by its own.
//
// A part that can be read carries `data-aloud`: the address of its recording, or nothing. Without a recording
// the browser's own voice reads it, if the device has one for the language: a voice that is not of the device
// sends every sentence to its maker. A button whose parts cannot all be heard stays hidden.

/** @type {{button: HTMLElement, stop: AbortController} | null} What is being read now. */
let now = null;

/** @type {Map<HTMLElement, HTMLElement[]>} Per button the parts that it reads. */
const buttons = new Map();

/** One player for all recordings: phones let a page go on with a player that was started by a tap. */
const player = new Audio();

/** @param {string} tag @returns {string} The language of a tag; Android writes nl_NL. */
function primary(tag) {
  return tag.toLowerCase().split(/[-_]/)[0];
}

/** @returns {SpeechSynthesisVoice[]} Those of the device; asked for once for all parts of a page, for it takes long. */
function voicesHere() {
  return (window.speechSynthesis?.getVoices() ?? []).filter((voice) => voice.localService);
}

/** @param {HTMLElement} part @param {SpeechSynthesisVoice[]} voices @returns {SpeechSynthesisVoice | undefined} */
function voiceFor(part, voices) {
  const wanted = primary(part.closest("[lang]").lang);
  return voices.find((voice) => primary(voice.lang) === wanted);
}

/** @param {string} address @param {AbortSignal} signal @returns {Promise<void>} Fails when it cannot be played. */
function play(address, signal) {
  return new Promise((resolve, reject) => {
    player.onended = resolve;
    player.onerror = reject;
    signal.addEventListener("abort", () => { player.pause(); resolve(); });
    player.src = address;
    player.play().catch(reject);
  });
}

/** @param {HTMLElement} part @param {AbortSignal} signal @returns {Promise<void>} */
function speak(part, signal) {
  const voice = voiceFor(part, voicesHere());
  if (!voice || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(part.textContent);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.onend = utterance.onerror = resolve;
    signal.addEventListener("abort", () => { speechSynthesis.cancel(); resolve(utterance); });
    speechSynthesis.speak(utterance);
  });
}

/** @param {HTMLElement[]} parts @param {AbortSignal} signal @returns {Promise<void>} */
async function read(parts, signal) {
  for (const part of parts) {
    if (signal.aborted) return;
    const marked = part.closest(".rs-choice") ?? part;
    marked.classList.add("is-reading");
    marked.scrollIntoView({ block: "nearest" });
    const recording = part.dataset.aloud;
    await (recording ? play(recording, signal).catch(() => speak(part, signal)) : speak(part, signal));
    marked.classList.remove("is-reading");
  }
}

/** @param {HTMLElement} button @param {string} words What pressing it does. */
function say(button, words) {
  const { sentence } = button.dataset;
  button.querySelector("span").textContent = sentence ? `${words}: ${sentence}` : words;
}

/** @param {HTMLElement} button Starts reading, in place of what was being read; or stops. */
async function press(button) {
  const running = now;
  running?.stop.abort();
  if (running?.button === button) return;
  const mine = { button, stop: new AbortController() };
  now = mine;
  say(button, button.dataset.stop);
  await read(buttons.get(button), mine.stop.signal);
  say(button, button.dataset.start);
  if (now === mine) now = null;
}

function stop() {
  now?.stop.abort();
}

/** Voices come some time after the page. */
function offer() {
  const voices = voicesHere();
  for (const [button, parts] of buttons) {
    button.hidden = !parts.every((part) => part.dataset.aloud || voiceFor(part, voices));
  }
}

/** @param {HTMLElement} whole The button of the page, from which the others are made. @param {Element} card A card, or a row. */
function addTo(whole, card) {
  const parts = [...card.querySelectorAll("[data-aloud]")];
  const button = whole.cloneNode(true);
  button.className = "rs-say";
  button.dataset.sentence = parts.map((part) => part.textContent).join(" ");
  button.querySelector("span").className = "rs-hidden";
  say(button, button.dataset.start);
  (card.querySelector(".rs-change") ?? card).append(button);
  buttons.set(button, parts);
}

/** @param {ParentNode} page Offers what can be heard of a page, in place of an earlier one. */
export function offerReading(page) {
  stop();
  buttons.clear();
  const whole = page.querySelector(".rs-listen");
  if (whole === null) return;
  buttons.set(whole, [...page.querySelectorAll("[data-aloud]")]);
  for (const card of page.querySelectorAll(".rs-choice, .rs-answers > div")) addTo(whole, card);
  for (const button of buttons.keys()) button.addEventListener("click", () => press(button));
  offer();
}

export function isReading() {
  return now !== null;
}

window.speechSynthesis?.addEventListener?.("voiceschanged", offer);
addEventListener("pagehide", stop);
addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
offerReading(document.querySelector("main"));

// @ts-check
// What staff see and do: the state of the device, sending, carrying off what waits, closing, clearing.

import { ask } from "./asking.js";
import { change, clear, device, hasRoom } from "./device.js";
import { waiting } from "./queue.js";

/** @typedef {import("./sealing.js").Envelope} Envelope */

const FORMAT = "wijkpeil-kiosk-queue-1";
const CLOCK_OFF = 5 * 60_000;

/** By so many digits the commands of the server name a device. */
const DIGITS = 8;

const SURE = "wissen";

/**
 * @param {HTMLElement} main
 * @param {Envelope[]} held what could not be put on the disk
 * @param {() => void} leave
 */
export async function host(main, held, leave) {
  await tell(main, held);
  /** @type {Record<string, () => unknown>} */
  const deeds = {
    back: leave,
    send: () => send(main, held),
    carry: async () => { await carry(held); await tell(main, held); },
    shut: async () => { if (await mayGo(main, held)) { await change({ shut: true }); leave(); } },
    open: async () => { await change({ shut: false }); leave(); },
  };
  for (const button of main.querySelectorAll("[data-host]")) {
    if (button instanceof HTMLElement) button.addEventListener("click", () => deeds[button.dataset.host ?? ""]());
  }
  main.querySelector("#clearing")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const word = /** @type {HTMLInputElement} */ (main.querySelector("#sure"));
    if (word.value.trim().toLowerCase() !== SURE || !(await mayGo(main, held))) return;
    await emptied();
    leave();
  });
}

/**
 * @param {HTMLElement} main
 * @param {Envelope[]} held
 */
async function send(main, held) {
  write(main, "sent", saying(main, "sending"));
  await ask({ ask: "contact" });
  await tell(main, held);
  const left = (await waiting()).length + held.length;
  write(main, "sent", left === 0 ? saying(main, "nothing") : `${saying(main, "left")} ${left}`);
}

/**
 * Fill in how things are.
 * @param {HTMLElement} main
 * @param {Envelope[]} held
 */
async function tell(main, held) {
  const known = await device().catch(() => undefined);
  const queue = [...(await waiting().catch(() => [])), ...held];
  const { contacted, today, clock = 0, refused = [] } = known ?? {};
  const others = refused.filter((outcome) => !["no_network", "busy"].includes(outcome));
  const warnings = [
    ...[...new Set(others)].map((outcome) => `${saying(main, outcome)} (${outcome}: ${timesIn(others, outcome)})`),
    ...((await keepsItsWord()) ? [] : [saying(main, "temporary")]),
    ...((await hasRoom()) ? [] : [saying(main, "full")]),
    ...(Math.abs(clock) > CLOCK_OFF ? [saying(main, "clock")] : []),
    ...(known?.shut ? [saying(main, "shut")] : []),
  ];
  const facts = {
    state: saying(main, known?.state ?? "no_network"),
    place: known?.place ?? "",
    device: known?.kiosk?.slice(0, DIGITS) ?? "",
    queue: String(queue.length),
    contact: contacted === undefined ? saying(main, "never") : new Date(contacted).toLocaleString("nl"),
    today: today === "few" ? saying(main, "few") : String(today ?? ""),
  };
  for (const [id, words] of Object.entries(facts)) write(main, id, words);
  for (const [name, hidden] of /** @type {[string, boolean][]} */ ([["shut", known?.shut === true], ["open", known?.shut !== true]])) {
    const button = main.querySelector(`[data-host="${name}"]`);
    if (button instanceof HTMLElement) button.hidden = hidden;
  }
  const list = main.querySelector("#warnings");
  list?.replaceChildren(...warnings.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
}

/**
 * @param {string[]} outcomes
 * @param {string} one
 */
function timesIn(outcomes, one) {
  return outcomes.filter((outcome) => outcome === one).length;
}

/**
 * Whether the browser promises to keep what waits, also when it would like the room.
 */
async function keepsItsWord() {
  return (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
}

/**
 * Whether nothing would be lost: nothing waits, or exactly this was carried off.
 * @param {HTMLElement} main
 * @param {Envelope[]} held
 */
async function mayGo(main, held) {
  const queue = [...(await waiting()), ...held];
  const may = queue.length === 0 || (await device())?.carried === await namesOf(queue);
  const refusal = main.querySelector("#refusal");
  if (refusal instanceof HTMLElement) {
    refusal.hidden = may;
    refusal.textContent = may ? "" : saying(main, "cleared");
  }
  return may;
}

/**
 * Save what waits as a file, and note that it was.
 * @param {Envelope[]} held
 */
async function carry(held) {
  const envelopes = [...(await waiting()), ...held];
  const place = (await device())?.home.split("/").pop();
  const content = JSON.stringify({ format: FORMAT, place, envelopes });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.download = `${place}-${envelopes.length}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  await change({ carried: await namesOf(envelopes) }).catch(() => undefined);
}

/**
 * @param {Envelope[]} envelopes
 */
async function namesOf(envelopes) {
  return envelopes.map((envelope) => envelope.delivery).sort().join(" ");
}

/** Nothing is left of the kiosk on this device. */
async function emptied() {
  await clear();
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase("wijkpeil-kiosk");
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
}

/**
 * @param {HTMLElement} main
 * @param {string} about
 */
export function saying(main, about) {
  for (const holder of main.querySelectorAll("template")) {
    const found = holder.content.querySelector(`[data-says="${about}"]`);
    if (found !== null) return found.textContent ?? "";
  }
  return saying(main, "otherwise");
}

/**
 * @param {HTMLElement} main
 * @param {string} id
 * @param {string} words
 */
export function write(main, id, words) {
  const part = main.querySelector(`#${id}`);
  if (part instanceof HTMLElement) part.textContent = words;
}

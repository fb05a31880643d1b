// @ts-check
// The first script of a kiosk: it runs nothing else before the worker has the whole kiosk on the device, so that
// no page ever mixes two editions.

const home = document.body.dataset.home ?? "";
const folder = document.body.dataset.texts ?? "";

async function start() {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }) => show(data));
  const registered = await serviceWorker.register(`${home}/worker.js`, {
    scope: home, type: "module", updateViaCache: "none",
  });
  if (serviceWorker.controller === null) {
    if (registered.active === null) await installed(registered); // else a forced reload went round the worker
    location.replace(home);
  } else if ((await caches.match(`${folder}/common.json`)) === undefined) {
    await registered.unregister(); // the browser threw away what was kept: begin anew, the queue is elsewhere
    location.replace(home);
  } else {
    await import("./kiosk.js");
  }
}

/**
 * Rejects when not everything could be fetched: the browser then gives this worker up.
 * @param {ServiceWorkerRegistration} registered
 */
function installed({ installing }) {
  return new Promise((resolve, reject) => {
    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
    installing?.addEventListener("statechange", () => { if (installing.state === "redundant") reject(); });
  });
}

/** @param {import("./worker.js").Progress} progress */
function show({ part }) {
  const bar = document.getElementById("progress");
  if (bar instanceof HTMLProgressElement) bar.value = part;
}

/** Staff are told; a resident never comes this far. */
function giveUp() {
  for (const [id, hidden] of /** @type {[string, boolean][]} */ ([["waiting", true], ["progress", true], ["unable", false]])) {
    const part = document.getElementById(id);
    if (part !== null) part.hidden = hidden;
  }
}

start().catch(giveUp);

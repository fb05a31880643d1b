// @ts-check
// The first script of a kiosk: it runs nothing else before the worker has the whole kiosk on the device, so that
// no page ever mixes two editions.

const home = document.body.dataset.home ?? "";

async function start() {
  const { serviceWorker } = navigator;
  await serviceWorker.register(`${home}/worker.js`, { scope: home, type: "module", updateViaCache: "none" });
  if (serviceWorker.controller === null) {
    await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
    location.replace(home);
  } else {
    await import("./kiosk.js");
  }
}

/** Staff are told; a resident never comes this far. */
function giveUp() {
  for (const [id, hidden] of /** @type {[string, boolean][]} */ ([["waiting", true], ["unable", false]])) {
    const part = document.getElementById(id);
    if (part !== null) part.hidden = hidden;
  }
}

start().catch(giveUp);

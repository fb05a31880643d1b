// @ts-check
// A resident who walked away: after a time without touch a warning, and after the warning the end.

const WARNING_SECONDS = 20;
const SAID_AT = [20, 10, 5];
const TOUCHES = ["pointerdown", "keydown", "input", "scroll"];

export class Idle {
  /**
   * @param {() => boolean} isBusy whether something goes on without being touched, such as reading aloud
   * @param {() => void} ended
   */
  constructor(isBusy, ended) {
    this.isBusy = isBusy;
    this.ended = ended;
    this.seconds = 0;
    this.timer = 0;
    /** @type {HTMLDialogElement | null} */
    this.warning = null;
    for (const touch of TOUCHES) {
      addEventListener(touch, () => { if (this.seconds > 0 && this.warning === null) this.#wait(); }, { capture: true, passive: true });
    }
  }

  /**
   * Watch from now on: warn after so many seconds, with this warning in the language of the resident.
   * @param {number} seconds
   * @param {string} warning
   * @param {boolean} filled whether something that was filled in would be lost
   */
  watch(seconds, warning, filled) {
    this.stop();
    this.seconds = seconds;
    this.html = warning;
    this.filled = filled;
    this.#wait();
  }

  stop() {
    clearTimeout(this.timer);
    this.seconds = 0;
    this.warning?.remove();
    this.warning = null;
  }

  #wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.isBusy() ? this.#wait() : this.#warn()), this.seconds * 1000);
  }

  #warn() {
    const holder = document.createElement("template");
    holder.innerHTML = this.html ?? "";
    const warning = holder.content.querySelector("dialog");
    if (warning === null) return this.ended();
    this.warning = warning;
    warning.querySelectorAll("[data-filled]").forEach((part) => { if (!this.filled) part.remove(); });
    document.body.append(warning);
    warning.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button?.dataset.idle === "on") this.#goOn();
      if (button?.dataset.idle === "off") this.ended();
    });
    warning.addEventListener("cancel", () => this.#goOn());
    warning.showModal();
    this.#count(WARNING_SECONDS);
  }

  /** Closed before it is removed, which takes the focus back to where the resident was. */
  #goOn() {
    this.warning?.close();
    this.warning?.remove();
    this.warning = null;
    this.#wait();
  }

  /** @param {number} left */
  #count(left) {
    if (left === 0) return this.ended();
    const [number, status] = [this.warning?.querySelector(".rs-count"), this.warning?.querySelector("[data-sentence]")];
    if (number instanceof HTMLElement) {
      number.textContent = String(left);
      number.style.setProperty("--rs-left", `${(100 * left) / WARNING_SECONDS}%`);
    }
    if (status instanceof HTMLElement && SAID_AT.includes(left)) {
      status.textContent = status.dataset.sentence?.replace("#", String(left)) ?? "";
    }
    this.timer = setTimeout(() => this.#count(left - 1), 1000);
  }
}

const IDLE_MS = 3000;
const ANSWER_TIMEOUT_MS = 4000;

/**
 * Detects a dead connection within seconds. A browser's own timeout takes minutes, and pages cannot see the pings of a
 * WebSocket server. So the watchdog probes the other side after a while without data from it.
 *
 * Listeners: `onProbe()` is to send something that the other side answers. `onSilence()` reports that no answer arrived in
 * time, and is called again for each further missing answer.
 */
export class Watchdog {
  #listeners;
  #timer;

  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Call this when data arrives. */
  heard() {
    this.#wait(IDLE_MS, () => this.check());
  }

  /** Probes the other side now. */
  check() {
    this.#listeners.onProbe();
    this.#wait(ANSWER_TIMEOUT_MS, () => {
      this.#listeners.onSilence();
      this.check();
    });
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #wait(delayMs, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delayMs);
  }
}

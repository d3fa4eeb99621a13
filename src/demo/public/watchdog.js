const IDLE_MS = 3000;
const ANSWER_TIMEOUT_MS = 4000;

/**
 * Notices within seconds that a connection carries nothing any more. A browser's own timeout takes minutes, and the pings of
 * a WebSocket server are hidden from pages. So, after a while without a sign of the other side, it is asked for one.
 *
 * Listeners: `onProbe()` is to send something that is answered; `onSilence()` says that no answer has come in time, and is
 * called again for each further one that is missing.
 */
export class Watchdog {
  #listeners;
  #timer;

  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Something has arrived. */
  heard() {
    this.#wait(IDLE_MS, () => this.check());
  }

  /** Asks for a sign now. */
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

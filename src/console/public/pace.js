/**
 * Lets no more than a number of requests start within any second. What an operator waits for goes before what is only
 * refreshed.
 */
export class Pace {
  #perSecond;
  /** Times of the last starts, oldest first. */
  #starts = [];
  #urgent = [];
  #others = [];
  #timer;

  /** @param {number} perSecond */
  constructor(perSecond) {
    this.#perSecond = perSecond;
  }

  /**
   * Resolves when the caller may start a request.
   * @param {boolean} isUrgent whether the operator waits for it
   * @returns {Promise<void>}
   */
  turn(isUrgent) {
    return new Promise((resolve) => {
      (isUrgent ? this.#urgent : this.#others).push(resolve);
      this.#next();
    });
  }

  #next() {
    if (this.#timer !== undefined) return;
    while (this.#urgent.length + this.#others.length > 0) {
      const now = performance.now();
      const waitMs = this.#starts.length < this.#perSecond ? 0 : this.#starts[0] + 1000 - now;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#next();
        }, waitMs);
        return;
      }
      this.#starts = [...this.#starts, now].slice(-this.#perSecond);
      (this.#urgent.shift() ?? this.#others.shift())();
    }
  }
}

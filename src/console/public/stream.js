const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

/**
 * Reads server-sent events by `fetch`, because `EventSource` sends no token in a header. Comes back by itself and gets
 * what it has missed.
 */
export class EventStream {
  #api;
  #onEvents;
  #onState;
  #query;
  #current;
  #lastId;

  /**
   * @param {import('./api.js').Api} api
   * @param {(events: object[]) => void} onEvents gets all events that have arrived together
   * @param {(state: 'connecting' | 'open' | 'waiting') => void} onState
   */
  constructor(api, onEvents, onState) {
    this.#api = api;
    this.#onEvents = onEvents;
    this.#onState = onState;
  }

  /** Opens the stream with these parameters, if it is not open with them. */
  open(query) {
    if (this.#current && JSON.stringify(query) === JSON.stringify(this.#query)) return;
    this.close();
    this.#query = query;
    this.#current = new AbortController();
    void this.#run(this.#current.signal);
  }

  close() {
    this.#current?.abort();
    this.#current = undefined;
    this.#lastId = undefined;
  }

  async #run(signal) {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      this.#onState('connecting');
      try {
        await this.#read(signal, () => (waitMs = FIRST_WAIT_MS));
      } catch (error) {
        if (error.status === 401) return;
      }
      if (signal.aborted) return;
      this.#onState('waiting');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  async #read(signal, onOpen) {
    const headers = this.#lastId === undefined ? {} : { 'Last-Event-ID': this.#lastId };
    const { body } = await this.#api.stream(this.#query, headers, signal);
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let isOpen = false;
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      const records = (rest + value).split('\n\n');
      rest = records.pop();
      const events = records.flatMap((record) => this.#eventIn(record));
      if (events.length > 0) this.#onEvents(events);
      if (!isOpen && records.includes(': open')) {
        isOpen = true;
        onOpen();
        this.#onState('open');
      }
    }
  }

  /** Returns the event of a record; nothing for a comment. */
  #eventIn(record) {
    const fields = Object.fromEntries(
      record.split('\n').map((line) => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
    );
    if (fields.id !== undefined) this.#lastId = fields.id;
    if (fields.data === undefined) return [];
    const event = JSON.parse(fields.data);
    return [event.type === 'gap' ? gapNow() : event];
  }
}

/** What says that events are missing has neither time nor id of its own. */
function gapNow() {
  return { type: 'gap', id: `gap-${performance.now()}`, at: new Date().toISOString(), realm: '' };
}

import { Store } from './store.js';
import { EventStream } from './stream.js';

/** What the page hears on every screen: few events, whatever the number of clients. */
const AMBIENT = ['client.refused', 'node.joined', 'node.left'];
const KEPT = 100;

/** The events of the page: one stream, for all screens. */
export class Feed {
  /** The last refusals, newest first. */
  refusals = new Store([]);
  /** The last events of nodes, newest first. */
  nodeEvents = new Store([]);
  /** `connecting`, `open` or `waiting`. */
  state = new Store('connecting');

  #stream;
  #listener;

  /** @param {import('./api.js').Api} api */
  constructor(api) {
    this.#stream = new EventStream(
      api,
      (events) => this.#receive(events),
      (state) => this.state.set(state),
    );
    this.blur();
  }

  /**
   * Lets the stream deliver more, for one screen, until the returned function is called.
   * @param {{ types: readonly string[], client?: string, since?: string }} query
   * @param {(events: object[]) => void} listener also gets events that other parts of the page need
   * @returns {() => void}
   */
  focus({ types, ...query }, listener) {
    this.#listener = listener;
    this.#stream.open({ types: [...new Set([...AMBIENT, ...types])].join(), ...query });
    return () => {
      if (this.#listener === listener) this.blur();
    };
  }

  blur() {
    this.#listener = undefined;
    this.#stream.open({ types: AMBIENT.join() });
  }

  stop() {
    this.#stream.close();
  }

  #receive(events) {
    keep(
      this.refusals,
      events.filter(({ type }) => type === 'client.refused'),
    );
    keep(
      this.nodeEvents,
      events.filter(({ type }) => type.startsWith('node.')),
    );
    this.#listener?.(events);
  }
}

/** Adds events that a replay has not brought before. */
function keep(store, events) {
  if (events.length === 0) return;
  const known = new Set(store.value.map(({ id }) => id));
  const news = events.filter(({ id }) => !known.has(id)).reverse();
  const all = [...news, ...store.value].sort((a, b) => (a.at < b.at ? 1 : -1));
  store.set(all.slice(0, KEPT));
}

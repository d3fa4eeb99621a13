import { bytes } from './format.js';
import { poll } from './poll.js';
import { Store } from './store.js';

const EVERY_MS = 5000;

/**
 * @typedef {object} Status what all screens need of the server; members are undefined until they are known
 * @property {object} [stats] totals, readiness and rates; of a token that is bound to realms, the totals of these
 * @property {{ items: object[], unreachable: string[] }} [nodes] absent for a token that is bound to realms
 * @property {readonly string[]} [reasons] why the server is not ready, in words; empty if it is
 * @property {readonly object[]} [options] the configuration, as it was at the login
 * @property {Error} [error] why the last attempt has failed
 */

/** Asks for the status again and again. */
export class StatusPoll {
  /** @type {Store} of a Status */
  status = new Store({});
  #session;
  #polling;

  /** @param {import('./session.js').Session} session */
  constructor(session) {
    this.#session = session;
    this.#polling = poll((isFirst) => this.#ask(isFirst), EVERY_MS);
  }

  /** Asks at once, after a change. */
  now() {
    this.#polling.now();
  }

  stop() {
    this.#polling.stop();
  }

  async #ask(isUrgent) {
    try {
      await (this.#session.realms ? this.#ofRealms(isUrgent) : this.#ofAll(isUrgent));
    } catch (error) {
      this.status.set({ ...this.status.value, error });
    }
  }

  async #ofAll(isUrgent) {
    const { api } = this.#session;
    const [stats, nodes] = await Promise.all([api.get(['stats'], {}, isUrgent), api.get(['nodes'], {}, isUrgent)]);
    const { options } = this.status.value;
    this.status.set({ stats, nodes, reasons: reasonsOf(stats, nodes.items), options });
    if (options) return;
    const config = await api.find(['config'], {}, isUrgent);
    this.status.set({ ...this.status.value, options: config?.items ?? [] });
  }

  async #ofRealms(isUrgent) {
    const { api } = this.#session;
    const [{ items }, readiness] = await Promise.all([api.get(['realms'], { limit: 1000 }, isUrgent), api.readiness()]);
    const sum = (member) => items.reduce((total, realm) => total + realm[member], 0);
    const failed = Object.entries(readiness?.details ?? {}).filter(([, { status }]) => status !== 'up');
    this.status.set({
      stats: { clients: sum('clients'), rooms: sum('rooms') },
      reasons: failed.map(([check, { value }]) => inWords(check, value)),
    });
  }
}

/** Returns the value of an option; undefined while it is not known. */
export function optionIn({ options = [] }, option) {
  return options.find(({ name }) => name === option)?.value;
}

/** Returns why nodes do not accept clients. */
function reasonsOf({ notReady = [], unreachable = [] }, nodes) {
  const failing = notReady.map(({ node, checks }) => {
    const measured = nodes.find(({ name }) => name === node) ?? {};
    return `${node}: ${checks.map((check) => inWords(check, measured[check])).join(', ')}`;
  });
  return [...failing, ...unreachable.map((node) => `${node} does not answer`)];
}

/** @param {number} [value] that was measured */
function inWords(check, value) {
  if (check === 'backplane') return 'Redis does not answer';
  if (check === 'draining') return 'draining';
  if (check === 'eventLoopDelayMs') return `event loop delay ${value ?? ''} ms`;
  return check === 'rssBytes' ? `memory ${bytes(value)}` : check;
}

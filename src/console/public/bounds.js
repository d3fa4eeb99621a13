import { bytes, count } from './format.js';
import { href } from './router.js';
import { optionIn } from './status.js';

/** Refusals in a second from which on they are worth a look, and delays of the event loop that clients notice. */
const MANY_REFUSALS = 1;
const LONG_DELAY_MS = 100;
/** A node of which more than this part of the allowed memory is used will soon refuse clients. */
const FULL = 0.9;

/**
 * @typedef {object} Finding something that is out of bounds, in words
 * @property {string} text
 * @property {string} link to the screen that has more about it
 */

/**
 * Returns what is out of bounds.
 * @param {import('./status.js').Status} status
 * @param {readonly object[]} webhooks
 * @returns {Finding[]}
 */
export function findingsIn(status, webhooks) {
  const { stats, nodes } = status;
  const limits = {
    delayMs: optionIn(status, 'maxEventLoopDelayMs') ?? LONG_DELAY_MS,
    rssBytes: optionIn(status, 'maxRssBytes') ?? Infinity,
  };
  return [
    ...(stats?.backplane === 'down'
      ? [{ text: 'Redis does not answer. Connected clients stay, new ones are refused.', link: href(['nodes']) }]
      : []),
    ...(nodes?.unreachable ?? []).map((name) => ({ text: `Node ${name} does not answer.`, link: href(['nodes']) })),
    ...(nodes?.items ?? []).flatMap((node) => ofNode(node, limits)),
    ...ofRefusals(stats),
    ...webhooks.flatMap(ofWebhook),
  ];
}

function ofNode(node, limits) {
  const { name, isDraining, eventLoopDelayMs: delay, rssBytes } = node;
  const texts = [];
  if (isDraining) texts.push('drains, and refuses new clients.');
  if (delay > limits.delayMs) texts.push(`has an event loop delay of ${count(delay)} ms, and refuses new clients.`);
  else if (delay > LONG_DELAY_MS) texts.push(`has an event loop delay of ${count(delay)} ms.`);
  if (rssBytes > limits.rssBytes * FULL) texts.push(`uses ${bytes(rssBytes)} of memory, of ${bytes(limits.rssBytes)}.`);
  return texts.map((text) => ({ text: `Node ${name} ${text}`, link: href(['nodes']) }));
}

function ofRefusals(stats) {
  const rate = stats?.refusedPerSecond ?? 0;
  if (rate <= MANY_REFUSALS) return [];
  return [
    { text: `${count(rate)} clients are refused in a second.`, link: href(['live'], { type: 'client.refused' }) },
  ];
}

function ofWebhook({ n, url, state, waiting, lastError }) {
  if (state === 'delivering') return [];
  const text =
    state === 'ended'
      ? 'has ended: it has answered 410, and gets nothing until a restart.'
      : `fails (${lastError?.problem ?? 'no answer'}), ${count(waiting)} events wait.`;
  return [{ text: `Webhook ${n}, ${url}, ${text}`, link: href(['webhooks']) }];
}

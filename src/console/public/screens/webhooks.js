import { useDesk } from '../desk.js';
import { age, count, NONE } from '../format.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { html } from '../ui.js';

const EVERY_MS = 5000;
const KINDS = { delivering: 'good', failing: 'bad', ended: 'bad' };

const COLUMNS = [
  { title: 'Endpoint', cell: ({ n, url }) => html`<span class="soft">${n}</span> ${url}` },
  { title: 'State', cell: ({ state }) => html`<span class="pill ${KINDS[state]}">${state}</span>` },
  { title: 'Waiting', isNumber: true, cell: ({ waiting }) => count(waiting) },
  { title: 'Dropped', isNumber: true, cell: ({ dropped }) => count(dropped) },
  { title: 'Last success', cell: ({ lastSuccess }) => ago(lastSuccess) },
  {
    title: 'Last error',
    cell: ({ lastError }) => (lastError ? html`${lastError.problem}, ${ago(lastError.at)}` : NONE),
  },
  { title: 'Events', hiddenOn: 'narrow', cell: ({ events }) => events.join(', ') },
  { title: 'Realms', hiddenOn: 'narrow', cell: ({ realms }) => (realms.length === 0 ? 'all' : realms.join(', ')) },
  { title: 'Node', hiddenOn: 'narrow', cell: ({ node }) => node ?? NONE },
];

/** The endpoints that get events. */
export function Webhooks() {
  const desk = useDesk();
  const load = (isUrgent) => desk.api.get(['webhooks'], {}, isUrgent);
  const { data, error, reload } = usePoll(load, EVERY_MS);
  const actions = {
    title: 'Actions',
    isSticky: true,
    cell: ({ n, url }) =>
      html`<div class="actions">
        <button type="button" aria-label=${`Test ${url}`} onClick=${() => test(desk, n, url, reload)}>Test</button>
        <button type="button" aria-label=${`Replay an event to ${url}`} onClick=${() => replayTo(desk, n, url, reload)}>
          Replay
        </button>
      </div>`,
  };
  return html`
    <h1>Webhooks</h1>
    <${Problem} error=${data && error} />
    ${
      data
        ? html`<${Table}
            caption="Webhooks"
            columns=${desk.session.mayOperate ? [...COLUMNS, actions] : COLUMNS}
            rows=${data.items}
            keyOf=${({ n }) => String(n)}
            empty="No webhook is configured."
          />`
        : html`<${Loading} error=${error} />`
    }
  `;
}

/** Asks which endpoint gets an event again. */
export function replayEvent(desk, event) {
  desk.ask({
    title: 'Replay to a webhook',
    text: `Event ${event}`,
    action: 'Replay',
    fields: [
      { name: 'n', label: 'Endpoint', hint: 'Its number on the screen Webhooks.', value: '0', isRequired: true },
    ],
    run: async ({ n }) => outcomeOf(await desk.api.post(['webhooks', n.trim(), 'replay'], { event })),
  });
}

function test(desk, n, url, onDone) {
  desk.ask({
    title: 'Test a webhook?',
    text: `Sends an event webhook.test to ${url}, at once.`,
    action: 'Test',
    run: async () => {
      const outcome = outcomeOf(await desk.api.post(['webhooks', String(n), 'test']));
      onDone();
      return outcome;
    },
  });
}

function replayTo(desk, n, url, onDone) {
  desk.ask({
    title: 'Replay an event',
    text: `Sends it to ${url} again, at once.`,
    action: 'Replay',
    fields: [{ name: 'event', label: 'Id of the event', hint: 'On the screen Live, under All.', isRequired: true }],
    run: async ({ event }) => {
      const outcome = outcomeOf(await desk.api.post(['webhooks', String(n), 'replay'], { event: event.trim() }));
      onDone();
      return outcome;
    },
  });
}

/** @throws Error if the endpoint has not taken the event */
function outcomeOf({ delivered, status, problem, durationMs }) {
  if (!delivered) throw new Error(`Not delivered: ${problem ?? `status ${status}`}, after ${count(durationMs)} ms.`);
  return `Delivered: status ${status}, after ${count(durationMs)} ms.`;
}

function ago(iso) {
  return iso === undefined ? NONE : html`<time datetime=${iso} title=${iso}>${age(iso)} ago</time>`;
}

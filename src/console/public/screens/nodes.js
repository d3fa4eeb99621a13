import { useDesk } from '../desk.js';
import { age, bytes, count, NONE } from '../format.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { useStore } from '../store.js';
import { html } from '../ui.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The nodes, those that do not answer as well. */
export function Nodes() {
  const desk = useDesk();
  const { nodes, error } = useStore(desk.status.status);
  if (!nodes)
    return html`<h1>Nodes</h1>
      <${Loading} error=${error} />`;
  const silent = nodes.unreachable.map((name) => ({ name, isUnreachable: true }));
  const rows = [...silent, ...nodes.items];
  return html`
    <h1>Nodes</h1>
    <${Problem} error=${error} />
    <${Table}
      caption="Nodes"
      columns=${desk.session.mayOperate ? [...COLUMNS, { title: 'Actions', isSticky: true, cell: actionsFor(desk) }] : COLUMNS}
      rows=${rows}
      keyOf=${({ name }) => name}
      empty="No node answers."
    />
  `;
}

const COLUMNS = [
  { title: 'Node', cell: ({ name }) => html`<span class="id">${name}</span>` },
  { title: 'State', cell: (node) => html`<span class="pill ${stateOf(node)[0]}">${stateOf(node)[1]}</span>` },
  { title: 'Uptime', cell: ({ since }) => html`<time datetime=${since} title=${since}>${age(since)}</time>` },
  { title: 'Version', cell: ({ version }) => version ?? NONE },
  { title: 'Clients', isNumber: true, cell: ({ clients }) => count(clients) },
  { title: 'Connections', isNumber: true, hiddenOn: 'narrow', cell: ({ connections }) => count(connections) },
  { title: 'Frames/s', isNumber: true, cell: (node) => count(node.in?.framesPerSecond) },
  { title: 'Memory', isNumber: true, cell: ({ rssBytes }) => bytes(rssBytes) },
  { title: 'Loop delay', isNumber: true, cell: ({ eventLoopDelayMs }) => ms(eventLoopDelayMs) },
  { title: 'Log level', hiddenOn: 'narrow', cell: ({ logLevel }) => logLevel ?? NONE },
];

function stateOf({ isUnreachable, isDraining }) {
  if (isUnreachable) return ['bad', 'unreachable'];
  return isDraining ? ['warning', 'draining'] : ['good', 'up'];
}

function ms(value) {
  return value === undefined ? NONE : `${count(value)} ms`;
}

/** Returns the buttons for a node. */
function actionsFor(desk) {
  const ask = (name, verb, question) =>
    desk.ask({
      title: `${verb} ${name}?`,
      action: verb,
      ...question,
      run: async (values) => {
        const outcome = await question.run(values);
        desk.status.now();
        return outcome;
      },
    });
  const drain = (name) =>
    ask(name, 'Drain', {
      text: 'The node refuses new clients and disconnects its own, which come back on other nodes.',
      isDangerous: true,
      run: async () => {
        await desk.api.post(['nodes', name, 'drain']);
        return `${name} drains.`;
      },
    });
  const undrain = (name) =>
    ask(name, 'Undrain', {
      text: 'The node accepts clients again.',
      run: async () => {
        await desk.api.post(['nodes', name, 'undrain']);
        return `${name} accepts clients.`;
      },
    });
  const setLevel = (name, logLevel) =>
    ask(name, 'Set log level of', {
      text: 'Until the node restarts.',
      action: 'Set',
      fields: [{ name: 'level', label: 'Log level', options: LEVELS, value: logLevel }],
      run: async ({ level }) => {
        await desk.api.put(['nodes', name, 'log-level'], { level });
        return `${name} logs ${level} and above.`;
      },
    });
  return ({ name, isUnreachable, isDraining, logLevel }) =>
    isUnreachable
      ? NONE
      : html`<div class="actions">
          <button
            type="button"
            aria-label=${`${isDraining ? 'Undrain' : 'Drain'} ${name}`}
            onClick=${() => (isDraining ? undrain(name) : drain(name))}
          >
            ${isDraining ? 'Undrain' : 'Drain'}
          </button>
          <button type="button" aria-label=${`Log level of ${name}`} onClick=${() => setLevel(name, logLevel)}>
            Log level
          </button>
        </div>`;
}

import { useDesk } from '../desk.js';
import { Filters } from '../parts/filters.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { html } from '../ui.js';

const EVERY_MS = 30_000;
const CHANGED = 'changed';

const COLUMNS = [
  { title: 'Option', cell: ({ name, description }) => html`<span class="id" title=${description}>${name}</span>` },
  { title: 'Value', cell: ({ value, unit }) => html`<code>${JSON.stringify(value)}</code> ${unit ?? ''}` },
  { title: 'Origin', cell: ({ origin, source }) => (source ? `${origin}: ${source}` : origin) },
  { title: 'Default', hiddenOn: 'narrow', cell: (option) => html`<code>${JSON.stringify(option.default)}</code>` },
  { title: 'Reloadable', hiddenOn: 'narrow', cell: (option) => reloadable(option) },
  { title: 'Section', hiddenOn: 'middle', cell: ({ section }) => section },
];

/** The options in effect, as the server shows them: secrets are masked before they leave it. */
export function Config({ path, query }) {
  const { api } = useDesk();
  const { data, error } = usePoll((isUrgent) => api.get(['config'], {}, isUrgent), EVERY_MS);
  const { text = '', show = '' } = query;
  const matches = ({ name, description, origin }) =>
    `${name} ${description}`.toLowerCase().includes(text.toLowerCase()) && (show !== CHANGED || origin !== 'default');
  return html`
    <h1>Configuration</h1>
    <${Filters}
      path=${path}
      query=${query}
      fields=${[
        { name: 'text', label: 'Contains' },
        { name: 'show', label: 'Options', options: [CHANGED] },
      ]}
    />
    <${Problem} error=${data && error} />
    ${
      data
        ? html`<p class="soft">In effect on node ${data.node}. Secrets are masked.</p>
            <${Table}
              caption="Options"
              columns=${COLUMNS}
              rows=${data.items.filter(matches)}
              keyOf=${({ name }) => name}
              empty="No option matches."
            />`
        : html`<${Loading} error=${error} />`
    }
  `;
}

function reloadable({ reloadable: isReloadable, reloadableMembers }) {
  if (reloadableMembers) return `only ${reloadableMembers.join(', ')}`;
  return isReloadable ? 'yes' : 'no';
}

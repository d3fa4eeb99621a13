import { disconnectClients, sendMessage } from '../actions.js';
import { useDesk } from '../desk.js';
import { count, plural } from '../format.js';
import { clientColumns } from '../parts/client-columns.js';
import { Filters } from '../parts/filters.js';
import { Pager } from '../parts/pager.js';
import { PAGE_SIZE, usePaging } from '../parts/paging.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { useRates } from '../rates.js';
import { useStore } from '../store.js';
import { html, useState } from '../ui.js';

const EVERY_MS = 5000;
const PROTOCOLS = ['peer2peer-connector', 'peerjs', 'easyrtc'];
const NOTHING = new Set();

/** Filters by which all clients may be disconnected, as the API calls them, with their names for the operator. */
const GROUPS = { user: 'user', address: 'address', room: 'room' };

const keyOf = ({ realm, id }) => JSON.stringify([realm, id]);

/** The clients of all nodes. */
export function Clients({ path, query }) {
  const desk = useDesk();
  const { stats } = useStore(desk.status.status);
  const filters = JSON.stringify(query);
  const paging = usePaging(filters);
  const withRates = useRates();
  const load = async (isUrgent) => {
    const parameters = { ...query, figures: true, limit: PAGE_SIZE, cursor: paging.cursor };
    const { items, ...rest } = await desk.api.get(['clients'], parameters, isUrgent);
    return { ...rest, items: withRates(items) };
  };
  const { data: page, error, reload } = usePoll(load, EVERY_MS, `${filters} ${paging.cursor}`);
  const [keys, setKeys] = useState(NOTHING);
  const rows = page?.items ?? [];
  const selected = rows.filter((row) => keys.has(keyOf(row)));

  const onDone = () => {
    setKeys(NOTHING);
    reload();
    desk.status.now();
  };
  const disconnect = (clients) =>
    disconnectClients(desk, {
      title: clients.length === 1 ? `Disconnect ${clients[0].id}?` : `Disconnect ${plural(clients.length, 'client')}?`,
      selections: selectionsOf(clients),
      onDone,
    });
  const protocols = [...new Set([...PROTOCOLS, ...Object.keys(stats?.clientsByProtocol ?? {})])];
  const message = ({ realm, id }) => sendMessage(desk, { title: `Message to ${id}`, path: ['clients', id], realm });
  const actions = {
    title: 'Actions',
    isSticky: true,
    cell: (client) =>
      html`<button type="button" aria-label=${`Disconnect ${client.id}`} onClick=${() => disconnect([client])}>
        Disconnect
      </button>`,
  };
  const { mayOperate } = desk.session;
  return html`
    <h1>Clients</h1>
    <${Filters}
      path=${path}
      query=${query}
      fields=${[
        { name: 'idPrefix', label: 'Id begins with' },
        { name: 'user', label: 'User' },
        { name: 'address', label: 'Address or range' },
        { name: 'room', label: 'Room' },
        { name: 'realm', label: 'Realm' },
        { name: 'node', label: 'Node' },
        { name: 'protocol', label: 'Protocol', options: protocols },
      ]}
    />
    <div class="bar">
      ${
        mayOperate &&
        html`<div class="actions">
          <button type="button" disabled=${selected.length === 0} onClick=${() => disconnect(selected)}>
            Disconnect selected (${count(selected.length)})
          </button>
          <button type="button" disabled=${selected.length !== 1} onClick=${() => message(selected[0])}>Message</button>
          <${DisconnectAll} query=${query} total=${page?.total} onDone=${onDone} />
        </div>`
      }
      <${Pager} noun="client" page=${page} paging=${paging} />
    </div>
    <${Problem} error=${page && error} />
    ${
      page
        ? html`<${Table}
            caption="Clients"
            columns=${[...clientColumns, ...(mayOperate ? [actions] : [])]}
            rows=${rows}
            keyOf=${keyOf}
            empty="No client matches."
            selection=${mayOperate ? { keys, change: setKeys, nameOf: ({ id }) => id } : undefined}
          />`
        : html`<${Loading} error=${error} />`
    }
  `;
}

/** Offered for a list of one user, address or room, which need not be on one page. */
function DisconnectAll({ query, total, onDone }) {
  const desk = useDesk();
  const { realm, ...others } = query;
  const set = Object.entries(others).filter(([, value]) => value);
  const isGroup = set.length > 0 && set.every(([name]) => name in GROUPS);
  if (!isGroup || total === 0) return null;
  const what = set.map(([name, value]) => `${GROUPS[name]} ${value}`).join(' and ');
  const ask = () =>
    disconnectClients(desk, {
      title: `Disconnect all of ${what}?`,
      text: total === undefined ? undefined : `Now ${plural(total, 'client')}, on all pages.`,
      selections: [{ ...Object.fromEntries(set), ...(realm && { realm }) }],
      onDone,
    });
  return html`<button type="button" onClick=${ask}>Disconnect all of ${what}</button>`;
}

/** Returns a selection for each realm: ids belong to one. */
function selectionsOf(clients) {
  const realms = [...new Set(clients.map(({ realm }) => realm))];
  return realms.map((realm) => ({
    realm,
    ids: clients.filter((client) => client.realm === realm).map(({ id }) => id),
  }));
}

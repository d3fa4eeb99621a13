import { useDesk } from '../desk.js';
import { count } from '../format.js';
import { clientColumns } from '../parts/client-columns.js';
import { Loading } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { href } from '../router.js';
import { html } from '../ui.js';
import { roomColumns } from './rooms.js';

const EVERY_MS = 30_000;
const SHOWN = 10;
/** IPv4 and IPv6, with or without a range. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*:[\da-f:.]*)(\/\d{1,3})?$/i;

/** A rate needs two looks at a client. */
const columns = clientColumns.filter(({ title }) => title !== 'Frames/s');

/** Everything that a text may mean: an id, a user, an address, a room. */
export function Search({ query: { q = '' } }) {
  const { api } = useDesk();
  const load = (isUrgent) =>
    Promise.all(placesFor(q).map(async (place) => ({ ...place, ...(await find(api, place, isUrgent)) })));
  const { data: places, error } = usePoll(load, EVERY_MS, q);
  const found = places?.filter(({ items }) => items.length > 0);
  return html`
    <h1>Search for <span class="id">${q}</span></h1>
    ${!places && html`<${Loading} error=${error} />`}
    ${found?.length === 0 && html`<p class="empty" role="status">No client and no room matches.</p>`}
    ${found?.map((place) => html`<${Found} key=${place.title} ...${place} />`)}
  `;
}

function Found({ list, filter, title, items, total }) {
  const keyOf = ({ realm, id }) => JSON.stringify([realm, id]);
  return html`
    <section>
      <h2>${title} (${count(total ?? items.length)})</h2>
      <${Table} caption=${title} columns=${list === 'clients' ? columns : roomColumns} rows=${items} keyOf=${keyOf} />
      <p><a href=${href([list], filter)}>Show all: ${title}</a></p>
    </section>
  `;
}

function placesFor(q) {
  if (ADDRESS.test(q)) return [{ list: 'clients', filter: { address: q }, title: 'Clients at this address' }];
  return [
    { list: 'clients', filter: { idPrefix: q }, title: 'Clients by id' },
    { list: 'clients', filter: { user: q }, title: 'Clients of this user' },
    { list: 'rooms', filter: { idPrefix: q }, title: 'Rooms' },
  ];
}

/** An address that is none, as 999.1.1.1, finds nothing. */
async function find(api, { list, filter }, isUrgent) {
  try {
    const figures = list === 'clients' ? true : undefined;
    return await api.get([list], { ...filter, figures, limit: SHOWN }, isUrgent);
  } catch (error) {
    if (error.status === 400) return { items: [] };
    throw error;
  }
}

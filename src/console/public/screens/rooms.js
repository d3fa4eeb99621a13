import { useDesk } from '../desk.js';
import { age, count, NONE } from '../format.js';
import { Filters } from '../parts/filters.js';
import { Pager } from '../parts/pager.js';
import { PAGE_SIZE, usePaging } from '../parts/paging.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { go, href } from '../router.js';
import { html } from '../ui.js';

const EVERY_MS = 5000;

/** Columns of tables of rooms. */
export const roomColumns = [
  { title: 'Id', cell: ({ realm, id }) => html`<a class="id" href=${href(['rooms', realm, id])}>${id}</a>` },
  { title: 'Name', hiddenOn: 'narrow', cell: ({ name }) => name || NONE },
  { title: 'Realm', cell: ({ realm }) => realm },
  { title: 'Members', isNumber: true, cell: ({ size }) => count(size) },
  { title: 'Creator', hiddenOn: 'narrow', cell: ({ realm, creator }) => creatorLink(realm, creator) },
  { title: 'Age', cell: ({ since }) => html`<time datetime=${since} title=${since}>${age(since)}</time>` },
  { title: 'Permanent', hiddenOn: 'narrow', cell: ({ isPermanent }) => (isPermanent ? 'yes' : 'no') },
];

/** The rooms of all nodes. */
export function Rooms({ path, query }) {
  const desk = useDesk();
  const filters = JSON.stringify(query);
  const paging = usePaging(filters);
  const load = (isUrgent) => desk.api.get(['rooms'], { ...query, limit: PAGE_SIZE, cursor: paging.cursor }, isUrgent);
  const { data: page, error } = usePoll(load, EVERY_MS, `${filters} ${paging.cursor}`);
  return html`
    <h1>Rooms</h1>
    <${Filters}
      path=${path}
      query=${query}
      fields=${[
        { name: 'idPrefix', label: 'Id begins with' },
        { name: 'realm', label: 'Realm' },
      ]}
    />
    <div class="bar">
      ${
        desk.session.mayOperate &&
        html`<div class="actions">
          <button type="button" onClick=${() => create(desk, query.realm)}>Create a room</button>
        </div>`
      }
      <${Pager} noun="room" page=${page} paging=${paging} />
    </div>
    <${Problem} error=${page && error} />
    ${
      page
        ? html`<${Table}
            caption="Rooms"
            columns=${roomColumns}
            rows=${page.items}
            keyOf=${({ realm, id }) => JSON.stringify([realm, id])}
            empty="No room matches."
          />`
        : html`<${Loading} error=${error} />`
    }
  `;
}

export function creatorLink(realm, creator) {
  return creator === undefined ? 'the server' : html`<a href=${href(['clients', realm, creator])}>${creator}</a>`;
}

function create(desk, realm) {
  const [only = 'default'] = desk.session.realms ?? [];
  desk.ask({
    title: 'Create a room',
    text: 'It exists without members until it is ended.',
    action: 'Create',
    fields: [
      { name: 'id', label: 'Id', hint: 'Generated if it is empty.', maxLength: 4096 },
      { name: 'name', label: 'Name' },
      { name: 'realm', label: 'Realm', value: realm ?? only, isRequired: true },
    ],
    run: async (values) => {
      const room = await desk.api.post(['rooms'], {
        realm: values.realm,
        ...(values.id && { id: values.id }),
        ...(values.name && { name: values.name }),
      });
      go(['rooms', room.realm, room.id]);
      return `Room ${room.id} created.`;
    },
  });
}

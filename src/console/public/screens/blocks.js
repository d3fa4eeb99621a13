import { block } from '../actions.js';
import { useDesk } from '../desk.js';
import { age, NONE, plural, remaining } from '../format.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { href } from '../router.js';
import { html } from '../ui.js';

const EVERY_MS = 5000;
const SHOWN = 200;

const COLUMNS = [
  {
    title: 'Blocked',
    cell: ({ address, user }) => (address ? ofClients('address', address) : ofClients('user', user)),
  },
  { title: 'What', cell: ({ address }) => (address ? 'address' : 'user') },
  { title: 'Realm', hiddenOn: 'narrow', cell: ({ realm }) => realm ?? 'all' },
  { title: 'Ends in', cell: ({ until }) => html`<time datetime=${until} title=${until}>${remaining(until)}</time>` },
  { title: 'Reason', cell: ({ reason }) => reason ?? NONE },
  { title: 'By', hiddenOn: 'narrow', cell: ({ by }) => by },
  { title: 'Since', hiddenOn: 'narrow', cell: ({ since }) => html`<time datetime=${since}>${age(since)} ago</time>` },
];

/** The addresses and users that are shut out for a time. The next to end is first. */
export function Blocks() {
  const desk = useDesk();
  const load = (isUrgent) => desk.api.get(['blocks'], {}, isUrgent);
  const { data, error, reload } = usePoll(load, EVERY_MS);
  const actions = {
    title: 'Actions',
    isSticky: true,
    cell: (each) =>
      html`<button
        type="button"
        aria-label=${`Unblock ${each.address ?? each.user}`}
        onClick=${() => unblock(desk, each, reload)}
      >
        Unblock
      </button>`,
  };
  const { mayOperate, realms } = desk.session;
  return html`
    <h1>Blocks</h1>
    <div class="bar">
      ${
        mayOperate &&
        html`<div class="actions">
          ${
            !realms &&
            html`<button type="button" onClick=${() => block(desk, { kind: 'address', onDone: reload })}>
              Block an address
            </button>`
          }
          <button type="button" onClick=${() => block(desk, { kind: 'user', realm: realms?.[0], onDone: reload })}>
            Block a user
          </button>
        </div>`
      }
      <p class="total" role="status">${data ? plural(data.total, 'block') : ''}</p>
    </div>
    <${Problem} error=${data && error} />
    ${
      data
        ? html`<${Table}
              caption="Blocks"
              columns=${mayOperate ? [...COLUMNS, actions] : COLUMNS}
              rows=${data.items.slice(0, SHOWN)}
              keyOf=${({ id }) => id}
              empty="Nothing is blocked."
            />
            ${data.total > SHOWN && html`<p class="soft">The first ${SHOWN} are shown.</p>`}`
        : html`<${Loading} error=${error} />`
    }
  `;
}

function ofClients(name, value) {
  return html`<a href=${href(['clients'], { [name]: value })}>${value}</a>`;
}

function unblock(desk, { id, address, user }, onDone) {
  desk.ask({
    title: `Unblock ${address ?? user}?`,
    action: 'Unblock',
    run: async () => {
      await desk.api.delete(['blocks', id]);
      onDone();
      return `${address ?? user} may connect again.`;
    },
  });
}

import { sendMessage } from '../actions.js';
import { useDesk } from '../desk.js';
import { age, count, NONE } from '../format.js';
import { Facts } from '../parts/facts.js';
import { PAGE_SIZE } from '../parts/paging.js';
import { Loading, Problem } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { usePoll } from '../poll.js';
import { href } from '../router.js';
import { html, useState } from '../ui.js';
import { creatorLink } from './rooms.js';

const EVERY_MS = 3000;

/** One room with its members. */
export function Room({ path: [, realm, id] }) {
  const desk = useDesk();
  const { api, session } = desk;
  const [start, setStart] = useState(0);
  const {
    data: room,
    error,
    reload,
  } = usePoll((isUrgent) => api.get(['rooms', id], { realm }, isUrgent), EVERY_MS, id);
  const isGone = error?.status === 404;
  const title = html`<h1>Room <span class="id">${id}</span></h1>`;
  if (isGone)
    return html`${title}
      <p class="problem" role="status">This room does not exist.</p>`;
  if (!room) return html`${title}<${Loading} error=${error} />`;
  const remove = {
    title: 'Actions',
    isSticky: true,
    cell: (member) =>
      html`<button type="button" aria-label=${`Remove ${member.id}`} onClick=${() => ask(desk, room, member, reload)}>
        Remove
      </button>`,
  };
  const columns = memberColumns(realm);
  return html`
    ${title}
    <${Problem} error=${error} />
    ${
      session.mayOperate &&
      html`<div class="actions bar">
        <button type="button" class="danger" onClick=${() => end(desk, room, reload)}>End</button>
        <button
          type="button"
          onClick=${() => sendMessage(desk, { title: `Message to room ${id}`, path: ['rooms', id], realm })}
        >
          Message
        </button>
      </div>`
    }
    <${Facts} facts=${factsOf(room)} />
    <section>
      <div class="bar">
        <h2>Members</h2>
        <p><a href=${href(['clients'], { room: id, realm })}>As a list of clients</a></p>
      </div>
      <${Table}
        caption="Members"
        columns=${session.mayOperate ? [...columns, remove] : columns}
        rows=${room.members.slice(start, start + PAGE_SIZE)}
        keyOf=${(member) => member.id}
        empty="The room has no members."
      />
      ${
        room.members.length > PAGE_SIZE &&
        html`<div class="pager">
          <button type="button" disabled=${start === 0} onClick=${() => setStart(start - PAGE_SIZE)}>Previous</button>
          <button
            type="button"
            disabled=${start + PAGE_SIZE >= room.members.length}
            onClick=${() => setStart(start + PAGE_SIZE)}
          >
            Next
          </button>
        </div>`
      }
    </section>
  `;
}

function memberColumns(realm) {
  return [
    { title: 'Id', cell: ({ id }) => html`<a class="id" href=${href(['clients', realm, id])}>${id}</a>` },
    { title: 'Node', cell: ({ node }) => node },
    { title: 'Joined', cell: ({ joinedAt }) => html`<time datetime=${joinedAt}>${age(joinedAt)} ago</time>` },
  ];
}

function factsOf({ realm, name, creator, since, isPermanent, size }) {
  return [
    ['Name', name || NONE],
    ['Realm', realm],
    ['Members', count(size)],
    ['Creator', creatorLink(realm, creator)],
    ['Age', html`<time datetime=${since} title=${since}>${age(since)}</time>`],
    ['Permanent', isPermanent ? 'yes' : 'no'],
  ];
}

function end(desk, { realm, id, size }, onDone) {
  desk.ask({
    title: `End room ${id}?`,
    text: `Its members stay connected and are notified. Now ${count(size)}.`,
    action: 'End',
    isDangerous: true,
    run: async () => {
      await desk.api.delete(['rooms', id], { realm });
      onDone();
      return `Room ${id} ended.`;
    },
  });
}

function ask(desk, { realm, id }, member, onDone) {
  desk.ask({
    title: `Remove ${member.id}?`,
    text: `From room ${id}. The client stays connected.`,
    action: 'Remove',
    isDangerous: true,
    run: async () => {
      await desk.api.delete(['rooms', id, 'clients', member.id], { realm });
      onDone();
      return `${member.id} removed.`;
    },
  });
}

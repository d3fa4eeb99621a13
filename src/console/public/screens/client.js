import { useDesk } from '../desk.js';
import { age, bytes, count, NONE } from '../format.js';
import { ClientActions } from '../parts/client-actions.js';
import { EventTable } from '../parts/event-table.js';
import { Facts } from '../parts/facts.js';
import { Loading, Problem } from '../parts/problem.js';
import { useEvents } from '../parts/use-events.js';
import { usePoll } from '../poll.js';
import { useRates } from '../rates.js';
import { href } from '../router.js';
import { useStore } from '../store.js';
import { html, useState } from '../ui.js';

const EVERY_MS = 3000;
const KEPT = 100;
/** Few, because an address that knocks again and again would hide the rest. */
const KEPT_REFUSALS = 20;
const TYPES = ['client.connected', 'client.disconnected', 'client.refused', 'room.joined', 'room.left'];
const SHOWN = [
  'id',
  'realm',
  'user',
  'name',
  'protocol',
  'address',
  'node',
  'since',
  'lastSeen',
  'rooms',
  'attributes',
];
const TRAFFIC = ['framesIn', 'framesOut', 'bytesIn', 'bytesOut', 'framesPerSecond', 'waitingBytes'];

/** One client: all that the server knows of it, and its events, old and new. */
export function Client({ path: [, realm, id] }) {
  const desk = useDesk();
  const { api, session } = desk;
  const withRates = useRates();
  const load = async (isUrgent) => withRates([await api.get(['clients', id], { realm }, isUrgent)])[0];
  const { data: client, error, reload } = usePoll(load, EVERY_MS, id);
  const isGone = error?.status === 404;
  return html`
    <h1>Client <span class="id">${id}</span></h1>
    ${isGone && html`<p class="problem" role="status">This client is not connected.</p>`}
    <${Problem} error=${!isGone && client && error} />
    ${session.mayOperate && client && !isGone && html`<${ClientActions} client=${client} onDone=${reload} />`}
    ${client ? html`<${Facts} facts=${factsOf(client)} />` : !isGone && html`<${Loading} error=${error} />`}
    <${ClientEvents} realm=${realm} id=${id} address=${client?.address} />
  `;
}

/** The events of a client since the journal begins, the refusals of its address, and on demand its signals. */
function ClientEvents({ realm, id, address }) {
  const { feed } = useDesk();
  const [withSignals, setWithSignals] = useState(false);
  const [isFollowing, setIsFollowing] = useState(true);
  // An id that no event has: the stream begins with all that the nodes still have.
  const query = { types: withSignals ? [...TYPES, 'signal.relayed'] : TYPES, client: id, since: '0' };
  const matches = (event) =>
    event.type !== 'client.refused' && event.realm === realm && [event.client, event.from, event.to].includes(id);
  const { events, missed } = useEvents(query, matches, KEPT, !isFollowing);
  const refusals = useStore(feed.refusals).filter((event) => event.address === address);
  const last = refusals.slice(0, KEPT_REFUSALS);
  const all = [...events, ...last].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, KEPT);
  return html`
    <section>
      <div class="bar">
        <h2>Events, and refusals of its address</h2>
        <div class="actions">
          <label class="check">
            <input type="checkbox" checked=${withSignals} onChange=${() => setWithSignals(!withSignals)} /> Signals
          </label>
          <button type="button" aria-pressed=${isFollowing} onClick=${() => setIsFollowing(!isFollowing)}>
            Follow live
          </button>
        </div>
      </div>
      ${missed > 0 && html`<p class="soft" role="status">${count(missed)} since the pause.</p>`}
      <${EventTable} caption="Events of the client" events=${all} empty="No event of the last hour." />
    </section>
  `;
}

function factsOf(client) {
  const { rooms, since, lastSeen, attributes } = client;
  const others = Object.entries(client).filter(([name]) => ![...SHOWN, ...TRAFFIC].includes(name));
  return [
    ['User', filter('user', client.user)],
    ['Name', client.name ?? NONE],
    ['Protocol', client.protocol],
    ['Realm', client.realm],
    ['Address', filter('address', client.address)],
    ['Node', client.node],
    ['Connected for', html`<time datetime=${since} title=${since}>${age(since)}</time>`],
    ['Last seen', `${age(lastSeen)} ago`],
    ['Rooms', rooms.length === 0 ? NONE : rooms.map((room) => roomLink(client.realm, room))],
    ['Frames in', count(client.framesIn)],
    ['Frames out', count(client.framesOut)],
    ['Frames/s', count(client.framesPerSecond)],
    ['Bytes in', bytes(client.bytesIn)],
    ['Bytes out', bytes(client.bytesOut)],
    ['Waiting', bytes(client.waitingBytes)],
    ...(attributes ? [['Attributes', html`<code>${JSON.stringify(attributes)}</code>`]] : []),
    ...others.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  ];
}

function filter(name, value) {
  return value === undefined ? NONE : html`<a href=${href(['clients'], { [name]: value })}>${value}</a>`;
}

function roomLink(realm, room) {
  return html`<a class="listed" key=${room} href=${href(['rooms', realm, room])}>${room}</a>`;
}

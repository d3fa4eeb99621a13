import { age, bytes, count, NONE } from '../format.js';
import { href } from '../router.js';
import { html } from '../ui.js';

/** Columns of tables of clients. */
export const clientColumns = [
  { title: 'Id', cell: ({ realm, id }) => html`<a class="id" href=${href(['clients', realm, id])}>${id}</a>` },
  { title: 'User', cell: ({ user }) => filter('user', user) },
  { title: 'Protocol', hiddenOn: 'narrow', cell: ({ protocol }) => protocol },
  { title: 'Realm', hiddenOn: 'narrow', cell: ({ realm }) => realm },
  { title: 'Address', cell: ({ address }) => filter('address', address) },
  { title: 'Node', hiddenOn: 'narrow', cell: ({ node }) => node },
  { title: 'Since', cell: ({ since }) => html`<time datetime=${since} title=${since}>${age(since)}</time>` },
  { title: 'Last seen', hiddenOn: 'middle', cell: ({ lastSeen }) => age(lastSeen) },
  { title: 'Rooms', hiddenOn: 'middle', isNumber: true, cell: ({ rooms }) => count(rooms?.length) },
  { title: 'Frames/s', hiddenOn: 'middle', isNumber: true, cell: (client) => count(client.framesPerSecond) },
  { title: 'Waiting', hiddenOn: 'middle', isNumber: true, cell: ({ waitingBytes }) => bytes(waitingBytes) },
];

/** A link to all clients with the same value. */
function filter(name, value) {
  return value === undefined ? NONE : html`<a href=${href(['clients'], { [name]: value })}>${value}</a>`;
}

import { duration } from './format.js';
import { href } from './router.js';
import { html } from './ui.js';

/** Returns what has happened, with links to what an event is about. */
export function describe(event) {
  const { type, realm, room, client, user, address, protocol, reason } = event;
  const theClient = client !== undefined && link(['clients', realm, client], client);
  const theRoom = room !== undefined && link(['rooms', realm, room], room);
  const who = user === undefined ? '' : ` of ${user}`;
  switch (type) {
    case 'client.connected':
      return html`${theClient}${who} by ${protocol} from ${address}`;
    case 'client.disconnected':
      return html`${theClient}${who} from ${address}: ${reason}, after ${duration(event.durationMs)}`;
    case 'client.refused':
      return html`${address}: ${reason}${event.suppressed > 0 ? `, and ${event.suppressed} more` : ''}`;
    case 'room.created':
      return html`${theRoom} by ${event.creator ?? 'the server'}`;
    case 'room.ended':
      return html`${theRoom}: ${reason}`;
    case 'room.joined':
    case 'room.left':
      return html`${theClient}${who}, ${theRoom}: ${reason}, ${event.members} in it`;
    case 'node.left':
      return html`${event.node}: ${reason}`;
    case 'signal.relayed':
      return html`${event.kind} from ${event.from} to ${event.to ?? `room ${room}`}`;
    case 'gap':
      return 'Events before this one are missing.';
    default:
      return event.node;
  }
}

function link(path, text) {
  return html`<a href=${href(path)}>${text}</a>`;
}

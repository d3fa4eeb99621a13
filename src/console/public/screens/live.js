import { useDesk } from '../desk.js';
import { count } from '../format.js';
import { EventTable } from '../parts/event-table.js';
import { Filters } from '../parts/filters.js';
import { useEvents } from '../parts/use-events.js';
import { useStore } from '../store.js';
import { html, useState } from '../ui.js';
import { replayEvent } from './webhooks.js';

const KEPT = 200;
const TYPES = [
  'client.connected',
  'client.disconnected',
  'client.refused',
  'room.created',
  'room.ended',
  'room.joined',
  'room.left',
  'node.joined',
  'node.left',
];
const ALL_TYPES = [...TYPES, 'signal.relayed'];
const FAMILIES = ['client.*', 'room.*', 'node.*'];
const STATES = { connecting: 'Connecting…', open: 'Live', waiting: 'Connection lost, trying again' };

/** The events of all nodes as they happen. */
export function Live({ path, query }) {
  const desk = useDesk();
  const [isPaused, setIsPaused] = useState(false);
  const state = useStore(desk.feed.state);
  const { realm, type, text = '' } = query;
  const needle = text.toLowerCase();
  // The stream filters types; node events belong to no realm, so realms are filtered here.
  const matches = (event) =>
    (!realm || event.realm === realm) && (needle === '' || JSON.stringify(event).toLowerCase().includes(needle));
  const { events, missed, clear } = useEvents({ types: typesOf(type) }, matches, KEPT, isPaused);
  const canReplay = desk.session.mayOperate && !desk.session.realms;
  const action = (event) =>
    html`<button type="button" onClick=${() => replayEvent(desk, event.id)}>Replay to a webhook</button>`;
  return html`
    <h1>Live</h1>
    <${Filters}
      path=${path}
      query=${query}
      fields=${[
        { name: 'type', label: 'Type', options: [...FAMILIES, ...ALL_TYPES] },
        { name: 'realm', label: 'Realm' },
        { name: 'text', label: 'Contains' },
      ]}
    />
    <div class="bar">
      <div class="actions">
        <button type="button" aria-pressed=${isPaused} onClick=${() => setIsPaused(!isPaused)}>Pause</button>
        <button type="button" onClick=${clear}>Clear</button>
      </div>
      <p class="soft">
        ${isPaused ? `Paused, ${count(missed)} since then` : STATES[state]}. The last ${count(KEPT)} are shown.
      </p>
    </div>
    <${EventTable}
      caption="Events"
      events=${events}
      empty="No event since this screen was opened."
      action=${canReplay ? action : undefined}
    />
  `;
}

/** Signals cost the server something, so they come only if they are asked for by name. */
function typesOf(type) {
  if (!type) return TYPES;
  return type.endsWith('*') ? TYPES.filter((each) => each.startsWith(type.slice(0, -1))) : [type];
}

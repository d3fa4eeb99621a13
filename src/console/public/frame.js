import { useDesk } from './desk.js';
import { Dialog } from './parts/dialog.js';
import { TopBar } from './parts/top-bar.js';
import { href, useRoute } from './router.js';
import { Blocks } from './screens/blocks.js';
import { Client } from './screens/client.js';
import { Clients } from './screens/clients.js';
import { Config } from './screens/config.js';
import { Live } from './screens/live.js';
import { Nodes } from './screens/nodes.js';
import { Overview } from './screens/overview.js';
import { Room } from './screens/room.js';
import { Rooms } from './screens/rooms.js';
import { Search } from './screens/search.js';
import { Webhooks } from './screens/webhooks.js';
import { useStore } from './store.js';
import { html, useEffect, useRef } from './ui.js';

/** Screens by the first segment of their path. Those of all realms are closed to tokens that are bound to some. */
const SCREENS = {
  overview: { title: 'Overview', screen: Overview },
  clients: { title: 'Clients', screen: Clients, detail: Client },
  rooms: { title: 'Rooms', screen: Rooms, detail: Room },
  blocks: { title: 'Blocks', screen: Blocks },
  nodes: { title: 'Nodes', screen: Nodes, isOfAllRealms: true },
  live: { title: 'Live', screen: Live },
  webhooks: { title: 'Webhooks', screen: Webhooks, isOfAllRealms: true },
  config: { title: 'Configuration', screen: Config, isOfAllRealms: true },
};

/** Everything around a screen: top bar, navigation, dialog and notices. */
export function Frame({ onLeave }) {
  const { session, notice } = useDesk();
  const { path, query } = useRoute();
  const { name, title, Screen } = screenFor(path);
  const place = path.slice(0, 3).join('/');
  const main = useRef();
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} – Signalbox console`;
    // Keyboard and screen reader go on where the new screen begins.
    if (!isFirst.current) main.current.focus();
    isFirst.current = false;
  }, [place]);

  const shown = Object.entries(SCREENS).filter(([, { isOfAllRealms }]) => !isOfAllRealms || !session.realms);
  return html`
    <a class="skip" href="#main" onClick=${(event) => skip(event, main.current)}>Skip to the content</a>
    <${TopBar} onLeave=${onLeave} />
    <nav aria-label="Screens">
      <ul>
        ${shown.map(
          ([key, screen]) =>
            html`<li key=${key}>
              <a href=${href([key])} aria-current=${key === name ? 'page' : undefined}>${screen.title}</a>
            </li>`,
        )}
      </ul>
    </nav>
    <main id="main" ref=${main} tabindex="-1" aria-label=${title}>
      <${Screen} key=${place} path=${path} query=${query} />
    </main>
    <div id="notice" role="status">${useStore(notice)}</div>
    <${Dialog} />
  `;
}

function screenFor([name = 'overview', ...rest]) {
  if (name === 'search') return { name, title: 'Search', Screen: Search };
  const found = SCREENS[name];
  if (!found) return { name, title: 'Not found', Screen: NotFound };
  const isDetail = found.detail && rest.length === 2;
  return { name, title: isDetail ? rest[1] : found.title, Screen: isDetail ? found.detail : found.screen };
}

function NotFound() {
  return html`<h1>Not found</h1>
    <p>The console has no such screen.</p>`;
}

/** The fragment of the address belongs to the router. */
function skip(event, target) {
  event.preventDefault();
  target.focus();
}

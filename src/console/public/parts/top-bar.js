import { useDesk } from '../desk.js';
import { brief, count, NONE } from '../format.js';
import { go } from '../router.js';
import { optionIn } from '../status.js';
import { useStore } from '../store.js';
import { html, useState } from '../ui.js';

/** What an operator sees on every screen. */
export function TopBar({ onLeave }) {
  const { session, status } = useDesk();
  const now = useStore(status.status);
  const { stats, nodes } = now;
  const redis = redisOf(now);
  // A token of realms may not read the figures of the whole server.
  const ofAll = (...args) => !session.realms && figure(...args);
  return html`
    <header>
      <p class="brand">Signalbox</p>
      <${State} status=${now} />
      <dl class="figures">
        ${ofAll('Version', versionsOf(nodes))} ${ofAll('Nodes', nodesOf(nodes), nodes?.unreachable.length > 0)}
        ${figure('Clients', brief(stats?.clients))} ${figure('Rooms', brief(stats?.rooms))}
        ${ofAll('Frames/s', brief(stats?.in && stats.in.framesPerSecond))}
        ${ofAll('Refused/s', count(stats?.refusedPerSecond), stats?.refusedPerSecond > 1)}
        ${ofAll('Redis', redis, redis === 'away')}
      </dl>
      <${SearchBox} />
      <div class="whoami">
        <span class="soft">${session.name}${session.mayOperate ? '' : ', may only read'}</span>
        <button type="button" onClick=${onLeave}>Log out</button>
      </div>
    </header>
  `;
}

function State({ status: { reasons, error } }) {
  const [kind, text] = error
    ? ['bad', `No answer: ${error.message}`]
    : !reasons
      ? ['', 'Connecting…']
      : reasons.length === 0
        ? ['good', 'Live']
        : ['bad', `Not ready: ${reasons.join('; ')}`];
  return html`<p id="state" class="pill ${kind}" role="status">${text}</p>`;
}

function SearchBox() {
  const [text, setText] = useState('');
  const submit = (event) => {
    event.preventDefault();
    if (text.trim() !== '') go(['search'], { q: text.trim() });
  };
  return html`
    <form role="search" onSubmit=${submit}>
      <input
        type="search"
        aria-label="Search for an id, a user, an address or a room"
        placeholder="Id, user, address, room"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        maxlength="1000"
        value=${text}
        onInput=${(event) => setText(event.currentTarget.value)}
      />
      <button>Search</button>
    </form>
  `;
}

function figure(name, value, isBad = false) {
  return html`<div class=${isBad ? 'bad' : ''}>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function versionsOf(nodes) {
  const versions = [...new Set((nodes?.items ?? []).map(({ version }) => version))];
  return versions.length === 0 ? NONE : versions.sort().join(', ');
}

function nodesOf(nodes) {
  if (!nodes) return NONE;
  const { items, unreachable } = nodes;
  return unreachable.length > 0 ? `${items.length} of ${items.length + unreachable.length}` : count(items.length);
}

/** A server without Redis has nothing that could be away. */
function redisOf(status) {
  const { stats } = status;
  const redis = optionIn(status, 'redis');
  if (!stats || redis === undefined) return NONE;
  if (redis.length === 0) return 'not used';
  return stats.backplane === 'up' ? 'up' : 'away';
}

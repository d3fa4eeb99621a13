import { findingsIn } from '../bounds.js';
import { useDesk } from '../desk.js';
import { brief, bytes, count } from '../format.js';
import { linesByName, linesOfNodes, perSecond, timesOf, withNews } from '../history.js';
import { Chart } from '../parts/chart.js';
import { EventTable } from '../parts/event-table.js';
import { Loading, Problem } from '../parts/problem.js';
import { usePoll } from '../poll.js';
import { go, href } from '../router.js';
import { useStore } from '../store.js';
import { html, useMemo, useRef } from '../ui.js';

const EVERY_MS = 5000;
const WEBHOOKS_EVERY_MS = 15_000;
const RECENT = 10;
const EMPTY = { nodes: [], next: 0, intervalSeconds: 5 };

/** How the server is, at a glance. */
export function Overview({ query }) {
  const { session } = useDesk();
  return html`
    <h1>Overview</h1>
    ${
      session.realms
        ? html`<p>
            This token is bound to ${session.realms.join(', ')}. <a href=${href(['clients'])}>Clients</a> and
            <a href=${href(['rooms'])}> rooms</a> of these realms are shown, nodes are not.
          </p>`
        : html`<${Findings} /><${Charts} chosen=${query.node} />`
    }
    <${Recent} />
  `;
}

function Findings() {
  const { api, status } = useDesk();
  const now = useStore(status.status);
  const load = (isUrgent) => api.get(['webhooks'], {}, isUrgent);
  const { data, error } = usePoll(load, WEBHOOKS_EVERY_MS);
  if (!now.stats || !data) return html`<${Loading} error=${now.error ?? error} />`;
  const findings = findingsIn(now, data.items);
  return html`
    <section class="card findings" aria-label="What is out of bounds">
      ${
        findings.length === 0
          ? html`<p class="fine">Everything is within bounds.</p>`
          : html`<ul>
              ${findings.map(({ text, link }) => html`<li key=${text}><a href=${link}>${text}</a></li>`)}
            </ul>`
      }
    </section>
  `;
}

function Charts({ chosen }) {
  const { api } = useDesk();
  const history = useRef(EMPTY);
  const load = async (isUrgent) => {
    const answer = await api.get(['history'], { since: history.current.next || undefined }, isUrgent);
    history.current = { ...answer, nodes: withNews(history.current.nodes, answer) };
    return history.current;
  };
  const { data, error } = usePoll(load, EVERY_MS);
  const charts = useMemo(() => data && chartsOf(data, chosen), [data, chosen]);
  if (!data) return html`<${Loading} error=${error} />`;
  const names = data.nodes.map(({ name }) => name);
  return html`
    <div class="bar">
      <h2>Last 15 minutes</h2>
      <label class="check">
        Node
        <select onChange=${({ currentTarget }) => go(['overview'], { node: currentTarget.value })}>
          <option value="">All</option>
          ${names.map((name) => html`<option key=${name} selected=${name === chosen}>${name}</option>`)}
        </select>
      </label>
    </div>
    <${Problem} error=${error} />
    <div class="charts">${charts.map((chart) => html`<${Chart} key=${chart.title} ...${chart} />`)}</div>
  `;
}

function chartsOf({ nodes: all, intervalSeconds }, chosen) {
  const nodes = chosen ? all.filter(({ name }) => name === chosen) : all;
  const times = timesOf(nodes);
  const byNode = (read) => linesOfNodes(nodes, times, read);
  const rates = (lines) => perSecond(lines, intervalSeconds);
  const frames = ({ framesIn, framesOut }) => framesIn.map((value, at) => value + framesOut[at]);
  const ms = (value) => `${count(value)} ms`;
  return [
    { title: 'Connects in a second', lines: rates(byNode(({ connects }) => connects)), format: count },
    {
      title: 'Disconnects in a second, by reason',
      lines: rates(linesByName(nodes, times, ({ disconnects }) => disconnects)),
      format: count,
    },
    {
      title: 'Refusals in a second, by status',
      lines: rates(linesByName(nodes, times, ({ refusals }) => refusals)),
      format: count,
    },
    { title: 'Frames in a second, in and out', lines: rates(byNode(frames)), format: brief },
    { title: 'Time to handle a frame, p99', lines: byNode(({ handlingP99Ms }) => handlingP99Ms), format: ms },
    { title: 'Event loop delay, p99', lines: byNode(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms), format: ms },
    { title: 'Memory (RSS)', lines: byNode(({ rssBytes }) => rssBytes), format: bytes },
  ].map((chart) => ({ ...chart, times }));
}

/** What the page has heard of nodes and refusals since the login. */
function Recent() {
  const { feed } = useDesk();
  const events = [...useStore(feed.nodeEvents), ...useStore(feed.refusals)];
  const last = events.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, RECENT);
  return html`
    <section>
      <h2>Nodes and refusals</h2>
      <${EventTable} caption="Nodes and refusals" events=${last} empty="None since the login." />
    </section>
  `;
}

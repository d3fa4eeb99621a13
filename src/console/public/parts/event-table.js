import { describe } from '../describe.js';
import { time } from '../format.js';
import { html, useState } from '../ui.js';
import { Table } from './table.js';

/**
 * A list of events, newest first. All members of an event are shown on demand.
 * @param {object} props
 * @param {string} props.caption
 * @param {readonly object[]} props.events of a bounded number
 * @param {string} props.empty
 * @param {(event: object) => unknown} [props.action]
 */
export function EventTable({ caption, events, empty, action }) {
  const columns = [
    { title: 'Time', cell: ({ at }) => html`<time datetime=${at}>${time(at)}</time>` },
    { title: 'Event', cell: ({ type }) => html`<span class="type ${type.replace('.', '-')}">${type}</span>` },
    { title: 'What', cell: describe },
    { title: 'Realm', hiddenOn: 'narrow', cell: ({ realm }) => realm },
    { title: 'Node', hiddenOn: 'narrow', cell: ({ node }) => node },
    { title: 'Details', cell: (event) => html`<${Details} event=${event} action=${action} />` },
  ];
  return html`<${Table} caption=${caption} columns=${columns} rows=${events} keyOf=${({ id }) => id} empty=${empty} />`;
}

function Details({ event, action }) {
  const [isOpen, setIsOpen] = useState(false);
  return html`
    <details onToggle=${({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary aria-label=${`All of event ${event.id}`}>All</summary>
      ${isOpen && html`<pre>${JSON.stringify(event, undefined, 2)}</pre>`} ${isOpen && action?.(event)}
    </details>
  `;
}

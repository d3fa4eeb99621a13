import { html, useEffect, useRef } from '../ui.js';

/**
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: T) => unknown} cell
 * @property {boolean} [isNumber]
 * @property {boolean} [isSticky] whether it stays visible when the table scrolls
 * @property {'narrow' | 'middle'} [hiddenOn] left out on screens of this width and below
 */

/**
 * A table that scrolls sideways by itself where it is wider than the page.
 * @template T
 * @param {object} props
 * @param {string} props.caption
 * @param {readonly Column<T>[]} props.columns the first one names the row
 * @param {readonly T[]} props.rows
 * @param {(row: T) => string} props.keyOf
 * @param {string} props.empty shown without rows
 * @param {{ keys: ReadonlySet<string>, change: (keys: ReadonlySet<string>) => void, nameOf: (row: T) => string }} [props.selection]
 */
export function Table({ caption, columns, rows, keyOf, empty, selection }) {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`
    <div class="scroll" role="region" tabindex="0" aria-label=${caption}>
      <table>
        <caption class="visually-hidden">
          ${caption}
        </caption>
        <thead>
          <tr>
            ${selection && html`<td><${SelectAll} selection=${selection} keys=${rows.map(keyOf)} /></td>`}
            ${columns.map((column) => html`<th key=${column.title} scope="col" class=${classOf(column)}>${column.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => html`<${Row} key=${keyOf(row)} ...${{ row, columns, selection, id: keyOf(row) }} />`)}
        </tbody>
      </table>
    </div>
  `;
}

function Row({ row, columns, selection, id }) {
  const [first, ...others] = columns;
  return html`
    <tr class=${selection?.keys.has(id) ? 'selected' : ''}>
      ${
        selection &&
        html`<td>
          <input
            type="checkbox"
            aria-label=${`Select ${selection.nameOf(row)}`}
            checked=${selection.keys.has(id)}
            onChange=${() => selection.change(toggled(selection.keys, id))}
          />
        </td>`
      }
      <th scope="row" class=${classOf(first)}>${first.cell(row)}</th>
      ${others.map((column) => html`<td key=${column.title} class=${classOf(column)}>${column.cell(row)}</td>`)}
    </tr>
  `;
}

function SelectAll({ selection, keys }) {
  const box = useRef();
  const selected = keys.filter((key) => selection.keys.has(key)).length;
  useEffect(() => {
    box.current.indeterminate = selected > 0 && selected < keys.length;
  });
  return html`
    <input
      type="checkbox"
      aria-label="Select all of this page"
      ref=${box}
      checked=${selected === keys.length}
      onChange=${() => selection.change(new Set(selected === keys.length ? [] : keys))}
    />
  `;
}

function toggled(keys, key) {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

function classOf({ isNumber, isSticky, hiddenOn }) {
  return [isNumber && 'number', isSticky && 'sticky', hiddenOn && `not-${hiddenOn}`].filter(Boolean).join(' ');
}

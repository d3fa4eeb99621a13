import { plural } from '../format.js';
import { html } from '../ui.js';

/**
 * The total of a list, and the way to its other pages.
 * @param {object} props
 * @param {string} props.noun what the list contains, in the singular
 * @param {{ total?: number, cursor?: string } | undefined} props.page
 * @param {ReturnType<typeof import('./paging.js').usePaging>} props.paging
 */
export function Pager({ noun, page, paging }) {
  const total = page?.total === undefined ? '' : plural(page.total, noun);
  return html`
    <div class="pager">
      <p role="status" class="total">${total}</p>
      <span class="soft">Page ${paging.number}</span>
      <button type="button" disabled=${paging.number === 1} onClick=${paging.back}>Previous</button>
      <button type="button" disabled=${page?.cursor === undefined} onClick=${() => paging.on(page.cursor)}>Next</button>
    </div>
  `;
}

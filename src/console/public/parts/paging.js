import { useState } from '../ui.js';

/** Rows on a page of a list. */
export const PAGE_SIZE = 50;

/**
 * The place in a list with cursors. With other filters it is the first page again.
 * @param {string} filters
 */
export function usePaging(filters) {
  const [state, setState] = useState({ filters, cursors: [] });
  const cursors = state.filters === filters ? state.cursors : [];
  return {
    cursor: cursors.at(-1),
    number: cursors.length + 1,
    on: (cursor) => setState({ filters, cursors: [...cursors, cursor] }),
    back: () => setState({ filters, cursors: cursors.slice(0, -1) }),
  };
}

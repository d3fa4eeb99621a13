import { html } from '../ui.js';

/** An error of a screen, which stays until the next attempt succeeds. */
export function Problem({ error }) {
  return error ? html`<p class="problem" role="alert">${error.message}</p>` : null;
}

/** What is shown until the first answer. */
export function Loading({ error }) {
  return error ? html`<${Problem} error=${error} />` : html`<p class="empty" role="status">Loading…</p>`;
}

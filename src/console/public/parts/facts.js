import { html } from '../ui.js';

/**
 * Names with their values.
 * @param {{ facts: readonly (readonly [name: string, value: unknown])[] }} props
 */
export function Facts({ facts }) {
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

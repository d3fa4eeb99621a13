import { go } from '../router.js';
import { html } from '../ui.js';

/**
 * Filters of a list, which are part of the address of the screen.
 * @param {object} props
 * @param {readonly string[]} props.path of the screen
 * @param {Record<string, string>} props.query
 * @param {readonly { name: string, label: string, options?: readonly string[] }[]} props.fields
 */
export function Filters({ path, query, fields }) {
  const submit = (event) => {
    event.preventDefault();
    const entries = [...new FormData(event.currentTarget)].map(([name, value]) => [name, value.trim()]);
    go(path, Object.fromEntries(entries));
  };
  // Fields take the values of an address that has changed otherwise.
  const key = JSON.stringify(query);
  return html`
    <form class="filters" aria-label="Filters" key=${key} onSubmit=${submit}>
      ${fields.map(
        ({ name, label, options }) =>
          html`<label key=${name}>
            <span>${label}</span>
            ${
              options
                ? html`<select name=${name} onChange=${(event) => event.currentTarget.form.requestSubmit()}>
                    <option value="">All</option>
                    ${options.map((each) => html`<option key=${each} selected=${each === query[name]}>${each}</option>`)}
                  </select>`
                : html`<input name=${name} defaultValue=${query[name] ?? ''} autocomplete="off" spellcheck="false" />`
            }
          </label>`,
      )}
      <div class="actions">
        <button>Filter</button>
        ${Object.values(query).some(Boolean) && html`<button type="button" onClick=${() => go(path)}>Clear</button>`}
      </div>
    </form>
  `;
}

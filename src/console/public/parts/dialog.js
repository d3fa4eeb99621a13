import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { html, useEffect, useRef, useState } from '../ui.js';

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [value]
 * @property {boolean} [isRequired]
 * @property {boolean} [isLong] whether it has several lines
 * @property {readonly string[]} [options] whether it is a choice
 * @property {number} [maxLength]
 */

/**
 * @typedef {object} Question what an operator decides before a change
 * @property {string} title
 * @property {string} [text]
 * @property {string} action label of the button
 * @property {boolean} [isDangerous]
 * @property {readonly Field[]} [fields]
 * @property {(values: Record<string, string>) => Promise<string>} run resolves with the outcome as a text; the text of
 *   its error is shown
 */

/** The dialog of the page. The browser keeps the focus in it, closes it with Escape, and gives the focus back. */
export function Dialog() {
  const { dialog } = useDesk();
  const question = useStore(dialog);
  if (!question) return null;
  return html`<${OpenDialog} key=${question} question=${question} />`;
}

function OpenDialog({ question: { title, text, action, isDangerous, fields = [], run } }) {
  const desk = useDesk();
  const [error, setError] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const element = useRef();
  useEffect(() => element.current.showModal(), []);

  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const values = Object.fromEntries(new FormData(event.currentTarget));
    setIsBusy(true);
    try {
      desk.tell(await run(values));
      element.current.close();
    } catch (failure) {
      setError(failure.message);
      setIsBusy(false);
    }
  };
  return html`
    <dialog ref=${element} aria-labelledby="dialog-title" onClose=${() => desk.dialog.set(undefined)}>
      <form onSubmit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        ${text && html`<p>${text}</p>`} ${fields.map((field) => html`<${Input} key=${field.name} ...${field} />`)}
        <p class="bad" role="alert">${error}</p>
        <div class="actions">
          <button type="button" onClick=${() => element.current.close()}>Cancel</button>
          <button class=${isDangerous ? 'danger' : 'primary'} disabled=${isBusy}>${action}</button>
        </div>
      </form>
    </dialog>
  `;
}

function Input({ name, label, hint, value = '', isRequired = false, isLong = false, options, maxLength }) {
  const id = `field-${name}`;
  const shared = { id, name, required: isRequired, maxlength: maxLength, 'aria-describedby': hint && `${id}-hint` };
  const choices = options?.map((each) => html`<option key=${each} selected=${each === value}>${each}</option>`);
  return html`
    <label for=${id}>${label}</label>
    ${
      options
        ? html`<select ...${shared}>
            ${choices}
          </select>`
        : isLong
          ? html`<textarea ...${shared} rows="4" defaultValue=${value}></textarea>`
          : html`<input ...${shared} defaultValue=${value} autocomplete="off" />`
    }
    ${hint && html`<p id="${id}-hint" class="soft">${hint}</p>`}
  `;
}

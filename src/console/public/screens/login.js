import { html, useEffect, useRef, useState } from '../ui.js';

/**
 * @param {object} props
 * @param {(token: string) => Promise<void>} props.onLogIn rejects with a text for the operator
 * @param {string} props.problem shown at first
 */
export function Login({ onLogIn, problem }) {
  const [error, setError] = useState(problem);
  const [isBusy, setIsBusy] = useState(false);
  const field = useRef();
  useEffect(() => field.current.focus(), []);

  const submit = async (event) => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await onLogIn(field.current.value.trim());
    } catch (failure) {
      setError(failure.message);
      setIsBusy(false);
      field.current.select();
    }
  };
  // The field has no name: no browser can put the token into an address.
  return html`
    <main class="bare">
      <form class="card login" onSubmit=${submit}>
        <h1>Signalbox console</h1>
        <label for="token">Admin token</label>
        <input
          id="token"
          type="password"
          required
          autocomplete="off"
          spellcheck="false"
          ref=${field}
          aria-describedby="token-hint token-problem"
        />
        <p id="token-hint" class="soft">One of the option <code>adminTokens</code>. It stays in this tab.</p>
        <p id="token-problem" class="bad" role="alert">${error}</p>
        <button class="primary" disabled=${isBusy}>${isBusy ? 'Logging in…' : 'Log in'}</button>
      </form>
    </main>
  `;
}

import { Desk, DeskContext } from './desk.js';
import { Frame } from './frame.js';
import { Login } from './screens/login.js';
import { forget, logIn, storedToken } from './session.js';
import { html, useEffect, useState } from './ui.js';

const EXPIRED = 'The server does not accept the token any more.';

/** The page: the login, or the frame with a screen. */
export function App() {
  const [desk, setDesk] = useState();
  const [problem, setProblem] = useState('');
  const [isRestoring, setIsRestoring] = useState(storedToken() !== undefined);

  const leave = (reason = '') => {
    forget();
    setProblem(reason);
    setDesk((former) => void former?.close());
  };
  const enter = async (token) => {
    const session = await logIn(token, () => leave(EXPIRED));
    setProblem('');
    setDesk(new Desk(session));
  };
  useEffect(() => {
    const token = storedToken();
    if (token === undefined) return;
    enter(token)
      .catch((error) => {
        if (error.status === 401) forget();
        setProblem(error.message);
      })
      .finally(() => setIsRestoring(false));
  }, []);

  if (desk) return html`<${DeskContext.Provider} value=${desk}><${Frame} onLeave=${() => leave()} /><//>`;
  if (isRestoring) return html`<main class="bare"><p role="status">Logging in…</p></main>`;
  return html`<${Login} onLogIn=${enter} problem=${problem} />`;
}

import { block, disconnectClients, sendMessage } from '../actions.js';
import { useDesk } from '../desk.js';
import { html } from '../ui.js';

/** What an operator can do with one client. */
export function ClientActions({ client, onDone }) {
  const desk = useDesk();
  const { realm, id, protocol, address, user } = client;
  const disconnect = () =>
    disconnectClients(desk, { title: `Disconnect ${id}?`, selections: [{ realm, ids: [id] }], onDone });
  const message = () => sendMessage(desk, { title: `Message to ${id}`, path: ['clients', id], realm });
  const button = (text, onClick, kind) => html`<button type="button" class=${kind} onClick=${onClick}>${text}</button>`;
  return html`
    <div class="actions bar">
      ${button('Disconnect', disconnect, 'danger')}
      ${
        // PeerJS has no messages.
        protocol !== 'peerjs' && button('Message', message)
      }
      ${!desk.session.realms && button('Block address', () => block(desk, { kind: 'address', value: address }))}
      ${user !== undefined && button('Block user', () => block(desk, { kind: 'user', value: user, realm }))}
    </div>
  `;
}

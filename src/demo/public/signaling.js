const FIRST_RETRY_MS = 500;
const SLOWEST_RETRY_MS = 15_000;
const MAX_EARLY_SIGNALS = 500;

/**
 * Membership in one room of a Signalbox server, over its Peer2Peer Connector protocol. Creates the room if it is not there,
 * and comes back when the connection is lost.
 *
 * Listeners:
 * - `onState(state, reason)`: `joined`, `reconnecting` or `failed`; the last is final, and `reason` says why.
 * - `onId(id)`: the own id, new with each connection. What was negotiated under an older one is void.
 * - `onMembers(ids)`: all other members, after each change.
 * - `onSignal(from, event, data)`: an `Offer`, `Answer` or `Candidate` of a member, never before the `onMembers` that names it.
 */
export class SignalingClient {
  #url;
  #room;
  #listeners;
  #socket;
  #id;
  #joined = false;
  #members = [];
  #early = [];
  #attempts = 0;
  #retry;
  #ended = false;

  constructor(url, room, listeners) {
    this.#url = url;
    this.#room = room;
    this.#listeners = listeners;
    this.#connect();
  }

  /** Sends a signal to one member. While the connection is lost it goes nowhere: everyone starts anew afterwards. */
  send(to, event, data) {
    if (this.#joined) this.#socket.send(JSON.stringify({ event, to, data }));
  }

  close() {
    this.#ended = true;
    this.#joined = false;
    clearTimeout(this.#retry);
    this.#socket.close();
  }

  #connect() {
    this.#socket = new WebSocket(this.#url);
    this.#socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      // Only the server writes `from`: a frame that has it was relayed from another client, every other is the server's own.
      if ('from' in frame) this.#receiveSignal(frame);
      else this.#receiveUpdate(frame);
    };
    this.#socket.onclose = () => this.#reconnect();
  }

  #reconnect() {
    this.#joined = false;
    this.#members = [];
    this.#early = [];
    if (this.#ended) return;
    this.#listeners.onState('reconnecting');
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#attempts++, SLOWEST_RETRY_MS);
    // Spread out, so that a restarted server does not get everyone back in the same moment.
    this.#retry = setTimeout(() => this.#connect(), delayMs * (0.5 + Math.random() / 2));
  }

  #receiveUpdate({ type, event, data }) {
    switch (event) {
      case 'Client_Details':
        this.#id = data.id;
        this.#listeners.onId(data.id);
        return this.#request('Join_Room', { room: this.#room });
      case 'Room_Created':
      case 'Client_Added':
      case 'Client_Removed':
        return this.#updateMembers(data);
      case 'Room_Deleted':
        return this.#fail('This room was closed.');
      case 'Not_Found':
        // In the room it only says that a member left while we were writing to it; the new list of members is on its way.
        if (!this.#joined) this.#request('Create_Room', { room: this.#room, name: this.#room });
        return;
      case 'Duplicate_Room': // Somebody created it between our two requests.
        return this.#request('Join_Room', { room: this.#room });
      default:
        if (type === 'error' && !this.#joined) this.#fail(`The server did not let us in: ${data.message}`);
    }
  }

  #updateMembers({ clients }) {
    this.#members = clients.filter((id) => id !== this.#id);
    const entered = !this.#joined;
    this.#joined = true;
    this.#attempts = 0;
    if (entered) this.#listeners.onState('joined');
    this.#listeners.onMembers(this.#members);
    for (const frame of this.#early.splice(0)) this.#receiveSignal(frame);
  }

  #receiveSignal(frame) {
    const { from, event, data } = frame;
    if (!['Offer', 'Answer', 'Candidate'].includes(event)) return;
    if (this.#members.includes(from)) {
      this.#listeners.onSignal(from, event, data);
    } else if (this.#early.length < MAX_EARLY_SIGNALS) {
      // A newcomer's offer may overtake the list that names it. Who is in no list is not let in.
      this.#early.push(frame);
    }
  }

  #request(event, data) {
    this.#socket.send(JSON.stringify({ event, data }));
  }

  #fail(reason) {
    this.close();
    this.#listeners.onState('failed', reason);
  }
}

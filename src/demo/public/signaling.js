import { Watchdog } from './watchdog.js';

const FIRST_RETRY_MS = 500;
const SLOWEST_RETRY_MS = 5000;
const ATTEMPT_TIMEOUT_MS = 5000;
const MAX_EARLY_SIGNALS = 500;

/**
 * Membership in one room of a Signalbox server, over its Peer2Peer Connector protocol. Creates the room if it does not exist,
 * and reconnects when the connection is lost.
 *
 * A silent connection may be dead, or the network may recover soon. It stays in use, with its id and the peer connections
 * negotiated under it, until it answers again or another connection is open.
 *
 * `token` is sent to a server that asks for one.
 *
 * Listeners:
 * - `onState(state, reason)`: `joined`, `reconnecting` or `failed`; the last is final, and `reason` explains it.
 * - `onRetry(delayMs)`: milliseconds until the next attempt to connect; undefined when it begins, or is no longer needed.
 * - `onId(id)`: the own id, new with each connection. Peer connections negotiated under an older id are void.
 * - `onMembers(ids)`: all other members, after each change.
 * - `onSignal(from, event, data)`: an `Offer`, `Answer` or `Candidate` of a member, never before the `onMembers` that names it.
 */
export class SignalingClient {
  #url;
  #room;
  #protocols;
  #listeners;
  #socket; // the one in use
  #attempt; // one that the server has not greeted yet
  #attempts = 0;
  #timer; // until the next attempt, or until the end of the one under way
  #isWell = false; // whether the socket in use answers
  #watchdog;
  #id;
  #joined = false;
  #members = [];
  #early = [];
  #end = new AbortController();

  constructor(url, room, { token, ...listeners }) {
    this.#url = url;
    this.#room = room;
    // Pages cannot set headers of a WebSocket. The server selects the first, and never returns the token.
    this.#protocols = token === undefined ? [] : ['signalbox', `bearer.${token}`];
    this.#listeners = listeners;
    this.#watchdog = new Watchdog({
      // The server sends it back to us.
      onProbe: () => this.send(this.#id, 'Message', 'Is anybody there?'),
      onSilence: () => this.#isWell && this.#retryLater(),
    });
    const { signal } = this.#end;
    window.addEventListener('offline', () => this.#doubt(), { signal });
    window.addEventListener('online', () => (this.#isWell ? this.#watchdog.check() : this.reconnect()), { signal });
    this.#connect();
  }

  /** Sends a signal to one member. Without a connection it is dropped: everyone negotiates anew after a reconnect. */
  send(to, event, data) {
    if (this.#joined) this.#socket.send(JSON.stringify({ event, to, data }));
  }

  /** Reconnects at once, instead of later, if the connection is lost. */
  reconnect() {
    if (this.#isWell) return;
    this.#attempts = 0;
    this.#connect();
  }

  close() {
    this.#end.abort();
    this.#endAttempt();
    this.#leaveSocket();
  }

  #connect() {
    this.#endAttempt();
    const socket = (this.#attempt = new WebSocket(this.#url, this.#protocols));
    socket.onmessage = ({ data }) => this.#receive(socket, JSON.parse(data));
    socket.onclose = () => this.#lose(socket);
    this.#timer = setTimeout(() => this.#lose(socket), ATTEMPT_TIMEOUT_MS);
  }

  #receive(socket, frame) {
    if (socket === this.#attempt) this.#adopt();
    else if (!this.#isWell) this.#recover();
    this.#watchdog.heard();
    // Only the server writes `from`: frames with it were relayed from another client, all others come from the server itself.
    if ('from' in frame) this.#receiveSignal(frame);
    else this.#receiveUpdate(frame);
  }

  /** The server has greeted the new connection. It replaces the older one. */
  #adopt() {
    const socket = this.#attempt;
    this.#attempt = undefined;
    this.#endAttempt();
    this.#leaveSocket();
    this.#socket = socket;
    this.#isWell = true;
  }

  /** The silent connection has answered. */
  #recover() {
    this.#endAttempt();
    this.#isWell = true;
    this.#attempts = 0;
    if (this.#joined) this.#listeners.onState('joined');
  }

  /** The browser reports that the network is gone. The connection to the server may use another network. */
  #doubt() {
    if (!this.#isWell) return;
    this.#retryLater();
    this.#watchdog.check();
  }

  /** A socket has closed, or the attempt has timed out. */
  #lose(socket) {
    const isReplacing = socket === this.#socket && !this.#isWell;
    if (socket === this.#socket) this.#leaveSocket();
    if (!isReplacing) this.#retryLater();
  }

  #retryLater() {
    this.#endAttempt();
    this.#isWell = false;
    const longestMs = Math.min(FIRST_RETRY_MS * 2 ** this.#attempts++, SLOWEST_RETRY_MS);
    // Random delays, so that clients do not all reconnect to a restarted server at once.
    const delayMs = longestMs * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#listeners.onState('reconnecting');
    this.#listeners.onRetry(delayMs);
  }

  #endAttempt() {
    clearTimeout(this.#timer);
    discard(this.#attempt);
    this.#attempt = undefined;
    this.#listeners.onRetry();
  }

  #leaveSocket() {
    this.#watchdog.stop();
    discard(this.#socket);
    this.#socket = undefined;
    this.#joined = false;
    this.#members = [];
    this.#early = [];
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
        // For a member, it only means that another member left while we were writing to it; the new list of members follows.
        if (!this.#joined) this.#request('Create_Room', { room: this.#room, name: this.#room });
        return;
      case 'Duplicate_Room': // Another client created it between our two requests.
        return this.#request('Join_Room', { room: this.#room });
      default:
        if (type === 'error' && !this.#joined)
          this.#fail(`The server did not let us in: ${data.message}${hintFor(data)}`);
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
      // A newcomer's offer may overtake the list that names it. Hold it until then; clients in no list are not admitted.
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

function hintFor({ message }) {
  return message.includes('token') ? ' Open this page with #token=… at the end of its address.' : '';
}

/** Closes a socket without waiting for the other side, which may be unreachable, and ignores its further events. */
function discard(socket) {
  if (!socket) return;
  socket.onmessage = socket.onclose = null;
  socket.close();
}

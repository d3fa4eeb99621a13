/** A Peer2Peer Connector client. It also speaks to the plain relays. */
import { numberIn, payload } from './payload.mjs';
import { RawClient, shown } from './raw-client.mjs';

const EVENTS = { offer: 'Offer', candidate: 'Candidate' };

export class ConnectorClient extends RawClient {
  static path() {
    return '/';
  }

  static async open(port) {
    const client = new this(port, this.path());
    client.id = JSON.parse(await client.ask()).data.id;
    return client;
  }

  static relayText(kind, to) {
    return `{"event":"${EVENTS[kind]}","to":"${to}","data":${payload(kind)}}`;
  }

  createRoom(room) {
    return this.#askRoom('Create_Room', room);
  }

  joinRoom(room) {
    return this.#askRoom('Join_Room', room);
  }

  leaveRoom(room) {
    return this.#askRoom('Leave_Room', room);
  }

  received(frame) {
    const number = numberIn(frame);
    if (number !== undefined) return this.onRelayed(number, frame);
    const head = frame.toString('latin1', 0, 60);
    if (head.includes('"error"')) throw new Error(`refused: ${shown(frame)}`);
    // The first change that a new member receives is its own join.
    if (this.answer(frame)) return;
    if (head.includes('"Client_Added"')) this.onRoomChange('joined');
    else if (head.includes('"Client_Removed"')) this.onRoomChange('left');
    else super.received(frame);
  }

  #askRoom(event, room) {
    return this.ask(JSON.stringify({ event, data: { room } }));
  }
}

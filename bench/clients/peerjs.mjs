/** A PeerJS client. */
import { numberIn, payload } from './payload.mjs';
import { RawClient, shown } from './raw-client.mjs';

export class PeerJsClient extends RawClient {
  static #opened = 0;
  /** @type {(src: string) => void} called when a message to an absent client expires */
  onExpired = (src) => {
    throw new Error(`nobody expects that a message to ${src} expires`);
  };

  static async open(port) {
    // As long as the UUIDs that servers generate.
    const id = `5ca1ab1e-0000-4000-8000-${String(this.#opened++).padStart(12, '0')}`;
    const client = new this(port, `/peerjs?key=peerjs&id=${id}&token=${id.slice(-10)}`);
    client.id = id;
    const first = await client.ask();
    if (!first.includes('"OPEN"')) throw new Error(`refused: ${shown(first)}`);
    return client;
  }

  static relayText(kind, to) {
    return `{"type":"${kind.toUpperCase()}","dst":"${to}","payload":${payload(kind)}}`;
  }

  received(frame) {
    const number = numberIn(frame);
    if (number !== undefined) this.onRelayed(number, frame);
    else if (this.answer(frame)) return;
    else if (frame.includes('"EXPIRE"')) this.onExpired(JSON.parse(frame).src);
    else super.received(frame);
  }
}

/** A WebSocket client that costs next to nothing, so that the generator is not what is measured. */
import { connect } from 'node:net';

const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

export class RawClient {
  /** @type {string} */
  id = '';
  /** @type {(frame: Buffer) => void} */
  onFrame = () => {};
  #rest = Buffer.alloc(0);

  /** Resolves when the server has told the client its id. */
  static async open(port) {
    const client = new RawClient();
    client.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    client.socket.write(HANDSHAKE);
    await new Promise((resolve, reject) => {
      client.socket.on('error', reject);
      client.socket.on('close', () => reject(new Error('the server closed a connection')));
      let head = Buffer.alloc(0);
      const onHead = (chunk) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        client.socket.off('data', onHead);
        client.socket.on('data', (data) => client.#read(data));
        client.onFrame = (frame) => {
          client.id = JSON.parse(frame.toString()).data.id;
          resolve();
        };
        client.#read(head.subarray(end + 4));
      };
      client.socket.on('data', onHead);
    });
    return client;
  }

  #read(chunk) {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (data.length >= 2) {
      let length = data[1] & 127;
      let start = 2;
      if (length === 126) {
        if (data.length < 4) break;
        length = data.readUInt16BE(2);
        start = 4;
      }
      if (data.length < start + length) break;
      if ((data[0] & 15) === 1) this.onFrame(data.subarray(start, start + length));
      data = data.subarray(start + length);
    }
    this.#rest = data;
  }
}

/** A client's text frame. The mask is zero: the server's work is the same, and the generator has none. */
export function maskedFrame(text) {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(payload.length < 126 ? 6 : 8);
  header[0] = 0x81;
  if (payload.length < 126) header[1] = 0x80 | payload.length;
  else {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([header, payload]);
}

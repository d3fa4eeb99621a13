import { randomUUID } from 'node:crypto';
import { type Closed, type ConnectionOptions, TestSocket } from './test-socket.js';

/** A message of PeerJS. */
export interface PeerJsMessage {
  readonly type: string;
  /** Id of the sender. */
  readonly src?: string;
  /** Id of the target. */
  readonly dst?: string;
  readonly payload?: unknown;
}

/** How a PeerJS client connects. */
export interface PeerJsTestClientOptions extends ConnectionOptions {
  /** Default: a random id. */
  readonly id?: string;
  /** Lets the client come back under its id. Default: a random token. */
  readonly token?: string;
  /** Default: `peerjs`. */
  readonly key?: string;
  /** The server's option `path`. Default: `/`. */
  readonly path?: string;
}

/** A PeerJS client for tests. */
export class PeerJsTestClient {
  private constructor(
    private readonly socket: TestSocket<PeerJsMessage>,
    readonly id: string,
  ) {}

  /**
   * Connects. Resolves when the server has sent `OPEN`.
   * @param wsUrl such as that of a `TestServer`
   * @throws Error if the server refuses the connection, or answers with another message than `OPEN`
   */
  static async connect(wsUrl: string, options: PeerJsTestClientOptions = {}): Promise<PeerJsTestClient> {
    const { id = randomUUID(), token = randomUUID(), key = 'peerjs', path = '/', ...ofSocket } = options;
    const query = new URLSearchParams({ key, id, token });
    const url = `${wsUrl}${path.replace(/\/$/, '')}/peerjs?${query.toString()}`;
    const socket = await TestSocket.open(url, ofSocket, (text) => JSON.parse(text) as PeerJsMessage);
    const first = await socket.next('OPEN', () => true);
    if (first.type !== 'OPEN') {
      await socket.close();
      throw new Error(`no OPEN, but ${JSON.stringify(first)}`);
    }
    return new PeerJsTestClient(socket, id);
  }

  /** Resolves when the connection has ended, on either side. */
  get closed(): Promise<Closed> {
    return this.socket.closed;
  }

  /** Sends a message, such as `{ type: 'OFFER', dst: ID, payload: { … } }`. */
  send(message: PeerJsMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /**
   * Returns the oldest unread message, of this type if one is given, or waits for it.
   * @throws Error if the connection is closed, or no such message has come within 10 s
   */
  next(type?: string): Promise<PeerJsMessage> {
    return this.socket.next(type ?? 'any message', (message) => type === undefined || message.type === type);
  }

  /** Disconnects. */
  close(): Promise<Closed> {
    return this.socket.close();
  }
}

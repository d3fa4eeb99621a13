import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Inbox } from './inbox.js';

/** Longest wait for a message. */
const PATIENCE_MS = 10_000;

/** How a client opens its WebSocket. */
export interface ConnectionOptions {
  /** Further headers of the handshake, such as `cookie`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Origin of the page. Default: none, as for a program. */
  readonly origin?: string;
  /** Whether the certificate of a server with TLS must be valid. Default: true. */
  readonly rejectUnauthorized?: boolean;
}

/** How a connection has ended. */
export interface Closed {
  /** Close code of the WebSocket; 1006 if it has ended without a close frame. */
  readonly code: number;
  readonly reason: string;
}

/** The WebSocket of a client in a test. Messages wait until the test reads them. */
export class TestSocket<M> {
  /** Resolves when the connection has ended, on either side. */
  readonly closed: Promise<Closed>;
  private readonly inbox = new Inbox<M>(PATIENCE_MS);

  private constructor(
    private readonly ws: WebSocket,
    decode: (text: string, socket: TestSocket<M>) => M | undefined,
  ) {
    ws.on('message', (data: Buffer) => {
      const message = decode(data.toString(), this);
      if (message !== undefined) this.inbox.add(message);
    });
    // Every error also closes the socket.
    ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        this.inbox.close(`closed with ${code}`);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /**
   * Connects.
   * @param decode returns the message of a text frame, or undefined for what a test does not read
   * @throws Error if the server refuses the connection
   */
  static async open<M>(
    url: string,
    options: ConnectionOptions,
    decode: (text: string, socket: TestSocket<M>) => M | undefined,
  ): Promise<TestSocket<M>> {
    const ws = new WebSocket(url, options);
    // Messages may follow the handshake in the same packet.
    const socket = new TestSocket(ws, decode);
    await once(ws, 'open');
    return socket;
  }

  send(text: string): void {
    this.ws.send(text);
  }

  /** As `Inbox.next`. */
  next(wanted: string, matches: (message: M) => boolean): Promise<M> {
    return this.inbox.next(wanted, matches);
  }

  /** Closes the connection with a close frame. Resolves when the server has answered. */
  close(): Promise<Closed> {
    this.ws.close();
    return this.closed;
  }
}

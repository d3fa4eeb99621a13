import { type ClientOptions, WebSocket } from 'ws';
import { allHasArrived } from './arrivals.js';
import { PATIENCE_MS } from './patience.js';
import { atTeardown } from './teardown.js';

/** A frame from the server: an envelope of its own, or what another client sent. */
export interface ReceivedFrame {
  readonly event?: unknown;
  readonly type?: unknown;
  readonly from?: unknown;
  readonly room?: unknown;
  readonly data?: unknown;
  readonly [member: string]: unknown;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** The name of an event, or what tells whether a frame is meant. */
export type Wanted = string | ((frame: ReceivedFrame) => boolean);

interface Waiter {
  readonly matches: (frame: ReceivedFrame) => boolean;
  readonly resolve: (frame: ReceivedFrame) => void;
  readonly reject: (error: Error) => void;
}

/** A client of Peer2Peer Connector, which is disconnected after the test. */
export class ConnectorClient {
  private static readonly open = new Set<ConnectorClient>();
  private static barriers = 0;

  /** Every frame so far but for those of `drain`, and the text of each. */
  readonly frames: ReceivedFrame[] = [];
  readonly texts: string[] = [];
  readonly closed: Promise<Closed>;

  private unread: ReceivedFrame[] = [];
  private readonly waiters = new Set<Waiter>();
  private barrier?: { readonly name: string; readonly resolve: () => void };
  private ownId = '';

  private constructor(readonly socket: WebSocket) {
    ConnectorClient.open.add(this);
    atTeardown(() => this.terminate());
    socket.on('message', (data: Buffer) => this.received(data.toString()));
    // Whatever is wrong with a socket also closes it.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        ConnectorClient.open.delete(this);
        for (const waiter of this.waiters) waiter.reject(new Error(`the socket was closed with ${code}`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Resolves after the first frame, which gives the client its id. */
  static async connect(url: string, options: ClientOptions = {}): Promise<ConnectorClient> {
    const client = new ConnectorClient(new WebSocket(url, options));
    const details = await client.next();
    if (details.event !== 'Client_Details') throw new Error(`the first frame is ${JSON.stringify(details)}`);
    client.ownId = (details.data as { id: string }).id;
    return client;
  }

  /** Several at once; the server knows them in this order. */
  static async connectMany(count: number, url: string): Promise<ConnectorClient[]> {
    const clients: ConnectorClient[] = [];
    while (clients.length < count) clients.push(await ConnectorClient.connect(url));
    return clients;
  }

  /** Disconnects all clients, for tests that check what the server then does. */
  static async closeAll(): Promise<void> {
    const left = [...ConnectorClient.open];
    for (const client of left) client.terminate();
    await Promise.all(left.map(({ closed }) => closed));
  }

  get id(): string {
    return this.ownId;
  }

  /** An object as JSON, a string as it is, a buffer as a binary frame. */
  send(frame: object | string | Buffer): void {
    if (Buffer.isBuffer(frame) || typeof frame === 'string') this.socket.send(frame);
    else this.socket.send(JSON.stringify(frame));
  }

  /** The oldest frame that is meant and was not handed out before; if there is none yet, the next one. */
  async next(wanted: Wanted = () => true): Promise<ReceivedFrame> {
    const matches = typeof wanted === 'string' ? ({ event }: ReceivedFrame) => event === wanted : wanted;
    const index = this.unread.findIndex(matches);
    if (index >= 0) return this.unread.splice(index, 1)[0];
    return this.waitFor(matches, String(wanted));
  }

  /** Sends, and answers with the next frame. */
  async ask(frame: object | string | Buffer): Promise<ReceivedFrame> {
    this.send(frame);
    return this.next();
  }

  /**
   * What has come and was not handed out, after a message to itself has made its round: all that the server had for this
   * client when it handled that message is among it. If what others sent matters, they drain first.
   */
  async drain(): Promise<ReceivedFrame[]> {
    await allHasArrived();
    const name = `barrier ${++ConnectorClient.barriers}`;
    const passed = new Promise<void>((resolve) => (this.barrier = { name, resolve }));
    this.send({ event: 'Message', to: this.id, data: name });
    await within(Promise.race([passed, this.closed]), () => `${name} of ${this.id} did not come back`);
    if (this.barrier) throw new Error('the socket was closed');
    const { unread } = this;
    this.unread = [];
    return unread;
  }

  /** Ends the connection as it should be. */
  async close(code?: number): Promise<Closed> {
    this.socket.close(code);
    return this.closed;
  }

  /** Ends the connection without a word. */
  terminate(): void {
    this.socket.terminate();
  }

  private async waitFor(matches: Waiter['matches'], wanted: string): Promise<ReceivedFrame> {
    if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`the socket is closed; wanted: ${wanted}`);
    let waiter: Waiter | undefined;
    const frame = new Promise<ReceivedFrame>((resolve, reject) => {
      waiter = { matches, resolve, reject };
      this.waiters.add(waiter);
    });
    try {
      return await within(frame, () => `wanted: ${wanted}; unread: ${JSON.stringify(this.unread)}`);
    } finally {
      if (waiter) this.waiters.delete(waiter);
    }
  }

  private received(text: string): void {
    const frame = JSON.parse(text) as ReceivedFrame;
    if (this.barrier && frame.data === this.barrier.name && frame.from === this.id) {
      this.barrier.resolve();
      this.barrier = undefined;
      return;
    }
    this.frames.push(frame);
    this.texts.push(text);
    for (const waiter of this.waiters) {
      if (!waiter.matches(frame)) continue;
      this.waiters.delete(waiter);
      waiter.resolve(frame);
      return;
    }
    this.unread.push(frame);
  }
}

/** What the frames are that the server itself originates. */
export function envelope(type: 'info' | 'update' | 'error', event: string, data: object): object {
  return {
    type,
    event,
    data,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    message_id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/) as string,
  };
}

export function errorOf(event: string, message: string): object {
  return envelope('error', event, { message });
}

/** Names for `it.each` of texts that may be long and may hold what no terminal shows. */
export function titled(texts: readonly string[]): [title: string, text: string][] {
  return texts.map((text) => [JSON.stringify(text).slice(0, 60), text]);
}

/** A shortuuid. */
export const SHORT_UUID = /^[2-9A-HJ-NP-Za-km-z]{22}$/;

async function within<T>(promise: Promise<T>, complaint: () => string): Promise<T> {
  // Made here, so that its stack leads to the line that waited.
  const error = new Error();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      error.message = `nothing within ${PATIENCE_MS} ms; ${complaint()}`;
      reject(error);
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

import { type ClientOptions, WebSocket } from 'ws';
import { allHasArrived } from './arrivals.js';
import { PATIENCE_MS } from './patience.js';
import { atTeardown } from './teardown.js';

/** A frame from the server: an envelope of its own, or a relayed frame of another client. */
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

/** The name of an event, or a predicate. */
export type Wanted = string | ((frame: ReceivedFrame) => boolean);

interface Waiter {
  readonly matches: (frame: ReceivedFrame) => boolean;
  readonly resolve: (frame: ReceivedFrame) => void;
  readonly reject: (error: Error) => void;
}

/** A Peer2Peer Connector client, disconnected after the test. */
export class ConnectorClient {
  private static readonly open = new Set<ConnectorClient>();
  private static barriers = 0;

  /** All frames except those of `drain`, and their texts. */
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
    // Every socket error also closes the socket.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        ConnectorClient.open.delete(this);
        for (const waiter of this.waiters) waiter.reject(new Error(`the socket was closed with ${code}`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Connects. Resolves after the first frame, which contains the client's id. */
  static async connect(url: string, options: ClientOptions = {}): Promise<ConnectorClient> {
    const client = new ConnectorClient(new WebSocket(url, options));
    const details = await client.next();
    if (details.event !== 'Client_Details') throw new Error(`the first frame is ${JSON.stringify(details)}`);
    client.ownId = (details.data as { id: string }).id;
    return client;
  }

  /** Connects several clients at once, registered in this order. */
  static async connectMany(count: number, url: string): Promise<ConnectorClient[]> {
    const clients: ConnectorClient[] = [];
    while (clients.length < count) clients.push(await ConnectorClient.connect(url));
    return clients;
  }

  /** Disconnects all clients, for tests that check what the server does afterwards. */
  static async closeAll(): Promise<void> {
    const left = [...ConnectorClient.open];
    for (const client of left) client.terminate();
    await Promise.all(left.map(({ closed }) => closed));
  }

  get id(): string {
    return this.ownId;
  }

  /** Sends an object as JSON, a string unchanged, a buffer as a binary frame. */
  send(frame: object | string | Buffer): void {
    if (Buffer.isBuffer(frame) || typeof frame === 'string') this.socket.send(frame);
    else this.socket.send(JSON.stringify(frame));
  }

  /** Returns the oldest matching frame that was not returned before, or waits for one. */
  async next(wanted: Wanted = () => true): Promise<ReceivedFrame> {
    const matches = typeof wanted === 'string' ? ({ event }: ReceivedFrame) => event === wanted : wanted;
    const index = this.unread.findIndex(matches);
    if (index >= 0) return this.unread.splice(index, 1)[0];
    return this.waitFor(matches, String(wanted));
  }

  /** Sends a frame and resolves with the next one received. */
  async ask(frame: object | string | Buffer): Promise<ReceivedFrame> {
    this.send(frame);
    return this.next();
  }

  /**
   * Sends a message to itself and waits for it. Returns the frames received so far that were not returned before:
   * everything that the server had for this client when it handled that message. If messages of others matter, the
   * others drain first.
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

  /** Closes the connection with a close frame. */
  async close(code?: number): Promise<Closed> {
    this.socket.close(code);
    return this.closed;
  }

  /** Ends the connection without a close frame. */
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

/** The expected frame of an event that the server itself originates. */
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

/** Titles for `it.each` of texts that may be long or contain unprintable characters. */
export function titled(texts: readonly string[]): [title: string, text: string][] {
  return texts.map((text) => [JSON.stringify(text).slice(0, 60), text]);
}

/** A shortuuid. */
export const SHORT_UUID = /^[2-9A-HJ-NP-Za-km-z]{22}$/;

async function within<T>(promise: Promise<T>, complaint: () => string): Promise<T> {
  // Created here, so that its stack leads to the line that waited.
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

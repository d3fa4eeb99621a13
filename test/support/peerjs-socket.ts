import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { allHasArrived } from './arrivals.js';
import { PATIENCE_MS } from './patience.js';
import { atTeardown } from './teardown.js';

export interface PeerJsMessage {
  readonly type: string;
  readonly src?: string;
  readonly dst?: string;
  readonly payload?: unknown;
}

export interface PeerJsSocketOptions extends ClientOptions {
  readonly id?: string;
  readonly token?: string;
  readonly key?: string;
  /** Mount path, such as `/myapp`. */
  readonly mount?: string;
  /** Complete query, in place of id, token and key. */
  readonly query?: string;
}

interface Waiter {
  readonly wanted: string;
  readonly matches: (message: PeerJsMessage) => boolean;
  readonly resolve: (message: PeerJsMessage) => void;
  readonly reject: (error: Error) => void;
}

/** A PeerJS client without the library: it exposes every message, and sends arbitrary ones. */
export class PeerJsSocket {
  /** All messages except barriers. */
  readonly messages: PeerJsMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly texts = new WeakMap<PeerJsMessage, string>();
  private readonly unread: PeerJsMessage[] = [];
  private readonly waiters = new Set<Waiter>();
  private barriers = 0;

  private constructor(
    readonly id: string,
    readonly ws: WebSocket,
  ) {
    atTeardown(() => ws.terminate());
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const { wanted, reject } of this.waiters) reject(new Error(`closed (${code}) before ${wanted} came`));
      });
    });
    ws.on('error', () => {
      // A close event follows, which tests check.
    });
    ws.on('message', (data: Buffer, isBinary) => {
      this.receive(isBinary ? '{"type":"a binary frame"}' : data.toString());
    });
  }

  /** Resolves as soon as the WebSocket is open, before any message. Rejects if the upgrade is refused. */
  static async connect(wsUrl: string, options: PeerJsSocketOptions = {}): Promise<PeerJsSocket> {
    const { id = 'alice', token = `token of ${id}`, key = 'peerjs', mount = '', query, ...rest } = options;
    const encoded = Object.entries({ key, id, token }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const ws = new WebSocket(`${wsUrl}${mount}/peerjs?${query ?? encoded.join('&')}`, rest);
    const socket = new PeerJsSocket(id, ws);
    await once(ws, 'open');
    return socket;
  }

  /** Resolves after `OPEN`, which must be the first message. */
  static async open(wsUrl: string, options: PeerJsSocketOptions | string = {}): Promise<PeerJsSocket> {
    const socket = await PeerJsSocket.connect(wsUrl, typeof options === 'string' ? { id: options } : options);
    const first = await socket.next();
    if (first.type !== 'OPEN') throw new Error(`not OPEN, but ${JSON.stringify(first)}`);
    return socket;
  }

  /** Sends strings and bytes unchanged, anything else as JSON. */
  send(message: object | string | Buffer): void {
    this.ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** Returns the oldest unread message, of this type if given, or waits for one. Rejects after some seconds. */
  next(type?: string): Promise<PeerJsMessage> {
    return this.take(type ?? 'any message', (message) => type === undefined || message.type === type);
  }

  /** Returns the next `count` messages of any type. */
  async nextOnes(count: number): Promise<PeerJsMessage[]> {
    const messages: PeerJsMessage[] = [];
    while (messages.length < count) messages.push(await this.next());
    return messages;
  }

  /** Returns the original text of a message. */
  textOf(message: PeerJsMessage): string {
    return this.texts.get(message) ?? '';
  }

  /**
   * Returns the unread messages after a round trip: the server has then handled all messages of this client, and
   * everything that it had written to this client before has arrived.
   */
  async rest(): Promise<PeerJsMessage[]> {
    await allHasArrived();
    const barrier = `barrier ${++this.barriers}`;
    this.send({ type: 'CANDIDATE', dst: this.id, payload: barrier });
    await this.take(barrier, ({ payload }) => payload === barrier);
    return this.unread.splice(0);
  }

  /** Closes the connection with a close frame. */
  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as PeerJsMessage;
    this.texts.set(message, text);
    if (!isBarrier(message)) this.messages.push(message);
    for (const waiter of this.waiters) {
      if (!waiter.matches(message)) continue;
      waiter.resolve(message);
      return;
    }
    this.unread.push(message);
  }

  private async take(wanted: string, matches: (message: PeerJsMessage) => boolean): Promise<PeerJsMessage> {
    const at = this.unread.findIndex(matches);
    if (at !== -1) return this.unread.splice(at, 1)[0];
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      return await new Promise<PeerJsMessage>((resolve, reject) => {
        waiter = {
          wanted,
          matches,
          resolve: (message) => {
            this.waiters.delete(waiter!);
            resolve(message);
          },
          reject,
        };
        this.waiters.add(waiter);
        if (this.ws.readyState === WebSocket.CLOSED) reject(new Error(`closed, and ${wanted} had not come`));
        timer = setTimeout(() => {
          reject(new Error(`${this.id} waited for ${wanted}, and got ${JSON.stringify(this.messages.slice(-5))}`));
        }, PATIENCE_MS);
      });
    } finally {
      clearTimeout(timer);
      if (waiter) this.waiters.delete(waiter);
    }
  }
}

/** Returns the HTTP status of an upgrade request; 101 is a WebSocket. */
export async function upgradeStatus(
  url: string,
  path = '/peerjs?key=peerjs&id=probe&token=t',
  headers: Record<string, string> = {},
): Promise<number> {
  const request = httpRequest(`${url}${path}`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  request.end();
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
  });
}

/** Waits until `isSo` returns true, and throws on a timeout. */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not so after ${patienceMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isBarrier({ type, src, dst, payload }: PeerJsMessage): boolean {
  return type === 'CANDIDATE' && src === dst && typeof payload === 'string' && payload.startsWith('barrier ');
}

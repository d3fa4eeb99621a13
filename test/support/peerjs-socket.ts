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
  /** The mount path, such as `/myapp`. */
  readonly mount?: string;
  /** Instead of id, token and key: the query as it is. */
  readonly query?: string;
}

interface Waiter {
  readonly wanted: string;
  readonly matches: (message: PeerJsMessage) => boolean;
  readonly resolve: (message: PeerJsMessage) => void;
  readonly reject: (error: Error) => void;
}

/** A PeerJS client without the library: it shows every message, and sends whatever it is told to. */
export class PeerJsSocket {
  /** All that came, barriers aside. */
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
      // What follows from it is a close, and tests look at that.
    });
    ws.on('message', (data: Buffer, isBinary) => {
      this.receive(isBinary ? '{"type":"a binary frame"}' : data.toString());
    });
  }

  /** Resolves as soon as the WebSocket is open, whatever the server then says; fails if the upgrade is refused. */
  static async connect(wsUrl: string, options: PeerJsSocketOptions = {}): Promise<PeerJsSocket> {
    const { id = 'alice', token = `token of ${id}`, key = 'peerjs', mount = '', query, ...rest } = options;
    const encoded = Object.entries({ key, id, token }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const ws = new WebSocket(`${wsUrl}${mount}/peerjs?${query ?? encoded.join('&')}`, rest);
    const socket = new PeerJsSocket(id, ws);
    await once(ws, 'open');
    return socket;
  }

  /** Resolves after `OPEN`, which has to come first. */
  static async open(wsUrl: string, options: PeerJsSocketOptions | string = {}): Promise<PeerJsSocket> {
    const socket = await PeerJsSocket.connect(wsUrl, typeof options === 'string' ? { id: options } : options);
    const first = await socket.next();
    if (first.type !== 'OPEN') throw new Error(`not OPEN, but ${JSON.stringify(first)}`);
    return socket;
  }

  /** Strings and bytes as they are, anything else as JSON. */
  send(message: object | string | Buffer): void {
    this.ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message of this type, or of any, that nobody has asked for yet; fails after some seconds. */
  next(type?: string): Promise<PeerJsMessage> {
    return this.take(type ?? 'any message', (message) => type === undefined || message.type === type);
  }

  /** The next `count` messages, whatever they are. */
  async nextOnes(count: number): Promise<PeerJsMessage[]> {
    const messages: PeerJsMessage[] = [];
    while (messages.length < count) messages.push(await this.next());
    return messages;
  }

  /** The text that a message came as. */
  textOf(message: PeerJsMessage): string {
    return this.texts.get(message) ?? '';
  }

  /**
   * Whatever has come that nobody asked for. By then the server has handled all that this client sent, for it has
   * answered a message that came after it; and all has arrived that the server had written to this client before.
   */
  async rest(): Promise<PeerJsMessage[]> {
    await allHasArrived();
    const barrier = `barrier ${++this.barriers}`;
    this.send({ type: 'CANDIDATE', dst: this.id, payload: barrier });
    await this.take(barrier, ({ payload }) => payload === barrier);
    return this.unread.splice(0);
  }

  /** Ends the connection in the usual way. */
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

/** The HTTP status with which an upgrade request is answered; 101 is a WebSocket. */
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

/** Waits until something is so, and fails if it does not become so. */
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

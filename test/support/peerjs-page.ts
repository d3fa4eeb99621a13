import { readFile } from 'node:fs/promises';
import type { JSHandle, Page, WebSocket } from 'playwright-core';
import type { PagePool } from './page-pool.js';
import { PATIENCE_MS } from './patience.js';

/**
 * A client library under a name in `node_modules`. Its file is a complete bundle. Dependencies of old versions that are
 * large or gone from npm are overridden in package.json.
 */
export interface PeerJsLibrary {
  readonly name: 'peerjs' | 'peerjs-1.3' | 'peerjs-1.0' | 'peerjs-0.3.24' | 'peerjs-0.3.14';
  /** Its name for serialization without changes. */
  readonly raw: 'raw' | 'none';
  /** File in the package, if not `dist/peerjs.min.js`. */
  readonly file?: string;
}

/** Server and credentials of a peer. */
export interface PeerOptions {
  readonly port: number;
  readonly key?: string;
  readonly path?: string;
  readonly token?: string;
  /** The RTCConfiguration of its connections; by default without ICE servers. */
  readonly config?: object;
}

/** Values that peers exchange. Bytes are an ArrayBuffer in the page. */
export type Data = string | number | boolean | null | Uint8Array | Data[] | { [name: string]: Data };

export interface PeerError {
  readonly type: string;
  readonly message: string;
}

export interface PlayedStream {
  readonly tracks: { readonly kind: string; readonly readyState: string }[];
  /** Width of a received video frame. */
  readonly width: number;
}

// The API of the client library and the browser that the tests use, the same in all versions of the library.

interface Emitter {
  on(event: string, listener: (detail: unknown) => void): unknown;
}

/** The members of RTCStats that tell how packets travel. */
interface Statistics {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly candidateType?: string;
}

interface DataConnection extends Emitter {
  readonly peer: string;
  readonly label: string;
  readonly metadata: Data;
  readonly serialization: string;
  readonly peerConnection: { getStats(): Promise<ReadonlyMap<string, Statistics>> };
  send(data: unknown): void;
  close(): void;
}

interface MediaConnection extends Emitter {
  answer(stream: Stream): void;
  close(): void;
}

interface Peer extends Emitter {
  readonly id: string | null;
  readonly open: boolean;
  readonly disconnected: boolean;
  readonly destroyed: boolean;
  connect(id: string, options: object): DataConnection;
  call(id: string, stream: Stream): MediaConnection;
  disconnect(): void;
  reconnect(): void;
  destroy(): void;
  listAllPeers(callback: (ids: string[]) => void): void;
}

interface Stream {
  getTracks(): { readonly kind: string; readonly readyState: string }[];
}

interface Video {
  muted: boolean;
  srcObject: unknown;
  readonly videoWidth: number;
  play(): Promise<void>;
}

declare const Peer: new (id: string | undefined, options: object) => Peer;
declare const document: { createElement(tag: 'video'): Video };
declare const navigator: { mediaDevices: { getUserMedia(constraints: object): Promise<Stream> } };

/** An emitter in the page with its recorded events. */
interface Recorded<T extends Emitter> {
  readonly target: T;
  readonly names: string[];
  /** Returns the oldest event of this name that was not returned before, or waits for one. */
  next(name: string): Promise<unknown>;
}

declare const record: <T extends Emitter>(target: T) => Recorded<T>;

/** Runs in the page. */
function installRecorder(patienceMs: number): void {
  const EVENTS = ['open', 'connection', 'call', 'data', 'stream', 'close', 'disconnected', 'error'];

  /** Records connections as soon as they exist, and reduces errors to the properties that can leave the page. */
  const portable = (name: string, detail: unknown): unknown => {
    if (name === 'connection' || name === 'call') return newRecord(detail as Emitter);
    if (name !== 'error') return detail;
    const { type, message } = detail as PeerError;
    return { type, message };
  };

  const newRecord = <T extends Emitter>(target: T): Recorded<T> => {
    const names: string[] = [];
    const unread: { name: string; detail: unknown }[] = [];
    const waiters: { name: string; resolve: (detail: unknown) => void }[] = [];
    for (const name of EVENTS) {
      target.on(name, (emitted) => {
        const detail = portable(name, emitted);
        names.push(name);
        const index = waiters.findIndex((waiter) => waiter.name === name);
        if (index === -1) unread.push({ name, detail });
        else waiters.splice(index, 1)[0].resolve(detail);
      });
    }
    const next = (name: string): Promise<unknown> => {
      const index = unread.findIndex((event) => event.name === name);
      if (index !== -1) return Promise.resolve(unread.splice(index, 1)[0].detail);
      return new Promise((resolve, reject) => {
        const complain = (): void => {
          reject(new Error(`no "${name}", but ${JSON.stringify(names)}; unread: ${JSON.stringify(unread)}`));
        };
        const timer = setTimeout(complain, patienceMs);
        waiters.push({
          name,
          resolve: (detail) => {
            clearTimeout(timer);
            resolve(detail);
          },
        });
      });
    };
    return { target, names, next };
  };

  Object.assign(globalThis, { record: newRecord });
}

/** A page with a client library, in a context of its own like another browser. */
export class PeerPage {
  private readonly peers: PagePeer[] = [];
  private readonly sockets = new Set<WebSocket>();

  private constructor(readonly page: Page) {
    page.on('websocket', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async open(pages: PagePool, url: string, library: PeerJsLibrary): Promise<PeerPage> {
    const page = await pages.open(url);
    await page.addScriptTag({ content: await fileOf(library, library.file ?? 'dist/peerjs.min.js') });
    await page.evaluate(installRecorder, PATIENCE_MS);
    return new PeerPage(page);
  }

  /** Creates a peer without waiting for it to open. Without an id it requests one from the server. */
  async newPeer(id: string | undefined, options: PeerOptions): Promise<PagePeer> {
    // Without ICE servers, the peers query no other host for their addresses.
    const all = { host: '127.0.0.1', config: { iceServers: [] }, ...options };
    const handle = await this.page.evaluateHandle(([id, all]) => record(new Peer(id, all)), [id, all] as const);
    const peer = new PagePeer(handle);
    this.peers.push(peer);
    return peer;
  }

  /** Resolves when the peer is open. */
  async openPeer(id: string | undefined, options: PeerOptions): Promise<PagePeer> {
    const peer = await this.newPeer(id, options);
    await peer.opened();
    return peer;
  }

  /** Resolves when all peers of the page and their WebSockets are closed. */
  async destroyPeers(): Promise<void> {
    const closing = [...this.sockets].map((socket) => socket.waitForEvent('close'));
    await Promise.all(this.peers.splice(0).map((peer) => peer.destroy()));
    await Promise.all(closing);
  }
}

/** A `Peer` in a page. */
export class PagePeer {
  constructor(private readonly handle: JSHandle<Recorded<Peer>>) {}

  /** Resolves with its id once it is open. */
  opened(): Promise<string> {
    return this.handle.evaluate((peer) => peer.next('open') as Promise<string>);
  }

  /** Resolves with its next error. */
  error(): Promise<PeerError> {
    return this.handle.evaluate((peer) => peer.next('error') as Promise<PeerError>);
  }

  /** Resolves with its former id once it is disconnected. */
  disconnected(): Promise<string> {
    return this.handle.evaluate((peer) => peer.next('disconnected') as Promise<string>);
  }

  /** Returns the names of all its events so far. */
  events(): Promise<string[]> {
    return this.handle.evaluate(({ names }) => names);
  }

  state(): Promise<Pick<Peer, 'id' | 'open' | 'disconnected' | 'destroyed'>> {
    return this.handle.evaluate(({ target: { id, open, disconnected, destroyed } }) => {
      return { id, open, disconnected, destroyed };
    });
  }

  disconnect(): Promise<void> {
    return this.handle.evaluate(({ target }) => target.disconnect());
  }

  reconnect(): Promise<void> {
    return this.handle.evaluate(({ target }) => target.reconnect());
  }

  /** Does both without a pause, so that the server sees the new connection before the old one has ended. */
  disconnectAndReconnect(): Promise<void> {
    return this.handle.evaluate(({ target }) => {
      target.disconnect();
      target.reconnect();
    });
  }

  destroy(): Promise<void> {
    return this.handle.evaluate(({ target }) => target.destroy());
  }

  listAllPeers(): Promise<string[]> {
    return this.handle.evaluate(({ target }) => new Promise<string[]>((resolve) => target.listAllPeers(resolve)));
  }

  /** As above, but expects an error. */
  async askForAllPeers(): Promise<void> {
    await this.handle.evaluate(({ target }) => target.listAllPeers(() => undefined));
  }

  /** Resolves before the connection is open. */
  async connect(id: string, options: object = {}): Promise<PageConnection> {
    const connection = await this.handle.evaluateHandle(
      ({ target }, [id, options]) => record(target.connect(id, options)),
      [id, options] as const,
    );
    return new PageConnection(connection);
  }

  /** Returns the next connection that another peer has opened. */
  async incoming(): Promise<PageConnection> {
    const connection = await this.handle.evaluateHandle(
      (peer) => peer.next('connection') as Promise<Recorded<DataConnection>>,
    );
    return new PageConnection(connection);
  }

  /** Calls with the camera and the microphone of this page. */
  async call(id: string): Promise<PageCall> {
    const call = await this.handle.evaluateHandle(async ({ target }, id) => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      return record(target.call(id, stream));
    }, id);
    return new PageCall(call);
  }

  /** Answers the next call with the camera and microphone of this page. */
  async answerCall(): Promise<PageCall> {
    const call = await this.handle.evaluateHandle(async (peer) => {
      const call = (await peer.next('call')) as Recorded<MediaConnection>;
      call.target.answer(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
      return call;
    });
    return new PageCall(call);
  }
}

/** One end of a data connection. */
export class PageConnection {
  constructor(private readonly handle: JSHandle<Recorded<DataConnection>>) {}

  async opened(): Promise<void> {
    await this.handle.evaluate((connection) => connection.next('open'));
  }

  async closed(): Promise<void> {
    await this.handle.evaluate((connection) => connection.next('close'));
  }

  /** Returns the properties on which both ends must agree. */
  terms(): Promise<Pick<DataConnection, 'peer' | 'label' | 'metadata' | 'serialization'>> {
    return this.handle.evaluate(({ target: { peer, label, metadata, serialization } }) => {
      return { peer, label, metadata, serialization };
    });
  }

  send(data: Data): Promise<void> {
    return this.handle.evaluate(
      ({ target }, data) => target.send(data instanceof Uint8Array ? data.buffer : data),
      data as unknown,
    );
  }

  received(): Promise<Data> {
    return this.handle.evaluate(async (connection) => {
      const data = await connection.next('data');
      return (data instanceof ArrayBuffer ? new Uint8Array(data) : data) as Data;
    });
  }

  /** Returns the type of the local candidate over which packets travel: `relay` through a TURN server. */
  route(): Promise<string | undefined> {
    return this.handle.evaluate(async ({ target }) => {
      const statistics = await target.peerConnection.getStats();
      const transport = [...statistics.values()].find(({ type }) => type === 'transport');
      const pair = statistics.get(transport?.selectedCandidatePairId ?? '');
      return statistics.get(pair?.localCandidateId ?? '')?.candidateType;
    });
  }

  close(): Promise<void> {
    return this.handle.evaluate(({ target }) => target.close());
  }
}

/** One end of a media connection. */
export class PageCall {
  constructor(private readonly handle: JSHandle<Recorded<MediaConnection>>) {}

  /** Returns the stream of the other end once its first frame has arrived. */
  stream(): Promise<PlayedStream> {
    return this.handle.evaluate(async (call) => {
      const stream = (await call.next('stream')) as Stream;
      const video = document.createElement('video');
      video.muted = true;
      video.srcObject = stream;
      await video.play();
      const tracks = stream.getTracks().map(({ kind, readyState }) => ({ kind, readyState }));
      return { tracks, width: video.videoWidth };
    });
  }

  async closed(): Promise<void> {
    await this.handle.evaluate((call) => call.next('close'));
  }

  close(): Promise<void> {
    return this.handle.evaluate(({ target }) => target.close());
  }
}

/** Returns the installed version, such as 1.5.5. */
export async function versionOf(library: PeerJsLibrary): Promise<string> {
  return (JSON.parse(await fileOf(library, 'package.json')) as { version: string }).version;
}

function fileOf({ name }: PeerJsLibrary, file: string): Promise<string> {
  return readFile(new URL(`../../node_modules/${name}/${file}`, import.meta.url), 'utf8');
}

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { PagePool } from './page-pool.js';
import { PATIENCE_MS } from './patience.js';

/** A client library and the source of its scripts. */
export interface EasyRtcLibrary {
  /** The name of its package in `node_modules`. */
  readonly name: 'open-easyrtc' | 'open-easyrtc-2.0';
  /** Scripts in load order: paths of the server, or files of packages in `node_modules`. */
  readonly scripts: readonly ({ readonly url: string } | { readonly file: string })[];
  /** The version of engine.io's protocol that the client speaks. */
  readonly engineProtocol: number;
}

/** The library as this server serves it. */
export const CURRENT: EasyRtcLibrary = {
  name: 'open-easyrtc',
  scripts: [{ url: '/socket.io/socket.io.js' }, { url: '/easyrtc/easyrtc.js' }],
  engineProtocol: 4,
};

/** The library as applications that were deployed years ago still ship it. */
export const OLD: EasyRtcLibrary = {
  name: 'open-easyrtc-2.0',
  scripts: [{ file: 'socket.io-client-2/dist/socket.io.js' }, { file: 'open-easyrtc-2.0/api/easyrtc.js' }],
  engineProtocol: 3,
};

/** Values that clients exchange. Bytes are an ArrayBuffer in the page. */
export type Data = string | number | boolean | null | Uint8Array | Data[] | { [name: string]: Data };

/** A client as a room shows it. */
export interface Occupant {
  readonly easyrtcid: string;
  readonly roomJoinTime: number;
  readonly username?: string;
  readonly presence: { readonly show: string; readonly status: string | null };
  readonly apiField?: Readonly<Record<string, { readonly fieldName: string; readonly fieldValue: Data }>>;
}

/** By id. */
export type Occupants = Readonly<Record<string, Occupant>>;

export interface Target {
  readonly targetEasyrtcid?: string;
  readonly targetRoom?: string;
}

/** Answer of the server, or of the application in it. */
export interface Ack {
  readonly msgType: string;
  readonly msgData?: Data;
}

/** Events of the page's listeners. */
export interface EasyRtcEvents {
  entry: { readonly entered: boolean; readonly room: string };
  /** Without targeting, it arrived over a data channel. */
  message: { readonly from: string; readonly type: string; readonly data: Data; readonly targeting: Target | null };
  channelOpen: string;
  channelClose: string;
  peerClosed: string;
  /** Id of a caller that the page has refused. */
  refused: string;
  /** The own id, after `connect` or a reconnect by the socket itself. */
  connected: string;
  /** The connection has ended. */
  disconnect: null;
  /** The library has released its socket after a disconnect. */
  released: null;
  /** A command from the server, before the library handles it. */
  command: { readonly type: string; readonly from?: string; readonly members: readonly string[] };
}

export interface ConnectOptions {
  readonly username?: string;
  /** URL of the server, if it is not the page's origin. The socket options that follow need it. */
  readonly url?: string;
  readonly path?: string;
  readonly transports?: readonly ('polling' | 'websocket')[];
  /** Whether the socket reconnects by itself. Without a URL it does, because socket.io then ignores all options. */
  readonly reconnection?: boolean;
}

// The API of the client library and the browser that the tests use, the same in all versions of the library.

interface Socket {
  readonly io: { readonly engine: { close(): void; readonly transport: { readonly name: string } } };
  on(event: 'easyrtcCmd', listener: (message: { msgType: string; senderEasyrtcid?: string }) => void): void;
}

interface EasyRtc {
  readonly webSocket: Socket;
  enableAudio(enabled: boolean): void;
  enableVideo(enabled: boolean): void;
  enableDataChannels(enabled: boolean): void;
  setOnError(listener: (error: { errorCode: string; errorText: string }) => void): void;
  setRoomOccupantListener(listener: (room: string | null, others: Occupants) => void): void;
  setRoomEntryListener(listener: (entered: boolean, room: string) => void): void;
  setPeerListener(listener: (from: string, type: string, data: unknown, targeting: Target | null) => void): void;
  setDataChannelOpenListener(listener: (id: string) => void): void;
  setDataChannelCloseListener(listener: (id: string) => void): void;
  setPeerClosedListener(listener: (id: string) => void): void;
  setDisconnectListener(listener: () => void): void;
  setAcceptChecker(checker: (id: string, accept: (accepted: boolean) => void) => void): void;
  setSocketUrl(url: string, options: object): void;
  setUsername(name: string): boolean;
  setCredential(credential: object, done: (id: string) => void, failed: (code: string) => void): void;
  connect(application: string, done: (id: string) => void, failed: (code: string, text: string) => void): void;
  disconnect(): void;
  joinRoom(room: string, parameters: null, done: () => void, failed: (code: string, text: string) => void): void;
  leaveRoom(room: string, done: () => void, failed: (code: string, text: string) => void): void;
  getRoomsJoined(): Record<string, true>;
  getRoomList(
    done: (rooms: Record<string, { numberClients: number }>) => void,
    failed: (code: string, text: string) => void,
  ): void;
  updatePresence(show: string, status: string): void;
  setRoomApiField(room: string, name: string, value: unknown): void;
  getFreshIceConfig(done: (succeeded: boolean) => void): void;
  getServerIce(): { iceServers: Data };
  sendDataWS(target: string | Target, type: string, data: unknown, done: (ack: Ack) => void): void;
  sendServerMessage(
    type: string,
    data: unknown,
    done: (msgType: string, msgData: Data) => void,
    failed: (code: string, text: string) => void,
  ): void;
  sendDataP2P(id: string, type: string, data: unknown): void;
  call(
    id: string,
    done: (id: string, media: string) => void,
    failed: (code: string) => void,
    answered: (accepted: boolean) => void,
  ): void;
  hangup(id: string): void;
  getConnectStatus(id: string): string;
}

interface Recorder {
  /** Returns the oldest event of this name that was not returned before, or waits for one. */
  next(name: string): Promise<unknown>;
  /** The names of all events so far. */
  readonly names: string[];
  /** Resolves with the others in a room, once the library has reported it more than `seen` times. */
  occupants(room: string, seen: number): Promise<Occupancy>;
}

interface Occupancy {
  /** Number of reports of the room by the library. */
  readonly told: number;
  readonly others: Occupants;
}

declare const easyrtc: EasyRtc;
declare const recorder: Recorder;
declare const reportProblem: (problem: string) => Promise<void>;

/** Runs in the page. */
function installRecorder(patienceMs: number): void {
  const names: string[] = [];
  const unread: { name: string; detail: unknown }[] = [];
  const waiters: { name: string; resolve: (detail: unknown) => void }[] = [];
  const rooms = new Map<string, Occupancy>();
  const changed = new EventTarget();

  const record = (name: string, detail: unknown): void => {
    names.push(name);
    const index = waiters.findIndex((waiter) => waiter.name === name);
    if (index === -1) unread.push({ name, detail });
    else waiters.splice(index, 1)[0].resolve(detail);
  };

  const next = (name: string): Promise<unknown> => {
    const index = unread.findIndex((event) => event.name === name);
    if (index !== -1) return Promise.resolve(unread.splice(index, 1)[0].detail);
    return new Promise((resolve, reject) => {
      const waiter = {
        name,
        resolve: (detail: unknown) => {
          clearTimeout(timer);
          resolve(detail);
        },
      };
      const timer = setTimeout(() => {
        // Otherwise it would take the event of a later waiter.
        waiters.splice(waiters.indexOf(waiter), 1);
        reject(new Error(`no "${name}", but ${JSON.stringify(names)}; unread: ${JSON.stringify(unread)}`));
      }, patienceMs);
      waiters.push(waiter);
    });
  };

  const occupants = (room: string, seen: number): Promise<Occupancy> => {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`nothing new of ${room}: ${JSON.stringify(rooms.get(room))}`));
      }, patienceMs);
      const look = (): void => {
        const occupancy = rooms.get(room);
        if (!occupancy || occupancy.told <= seen) return;
        clearTimeout(timer);
        changed.removeEventListener('change', look);
        resolve(occupancy);
      };
      changed.addEventListener('change', look);
      look();
    });
  };

  easyrtc.enableAudio(false);
  easyrtc.enableVideo(false);
  easyrtc.enableDataChannels(true);
  easyrtc.setOnError(({ errorCode, errorText }) => void reportProblem(`${errorCode}: ${errorText}`));
  easyrtc.setRoomOccupantListener((room, others) => {
    if (room === null) return record('released', null);
    // The library modifies its own object later.
    rooms.set(room, { told: (rooms.get(room)?.told ?? 0) + 1, others: structuredClone(others) });
    changed.dispatchEvent(new Event('change'));
  });
  easyrtc.setRoomEntryListener((entered, room) => record('entry', { entered, room }));
  easyrtc.setPeerListener((from, type, data, targeting) => {
    record('message', { from, type, data: data instanceof ArrayBuffer ? new Uint8Array(data) : data, targeting });
  });
  easyrtc.setDataChannelOpenListener((id) => record('channelOpen', id));
  easyrtc.setDataChannelCloseListener((id) => record('channelClose', id));
  easyrtc.setPeerClosedListener((id) => record('peerClosed', id));
  easyrtc.setDisconnectListener(() => record('disconnect', null));

  /** Listens to the current socket: each connection creates a new one. */
  const watchSocket = (): void => {
    easyrtc.webSocket.on('easyrtcCmd', (message) => {
      record('command', { type: message.msgType, from: message.senderEasyrtcid, members: Object.keys(message) });
    });
  };
  const refuseCalls = (): void => {
    easyrtc.setAcceptChecker((id, accept) => {
      record('refused', id);
      accept(false);
    });
  };
  Object.assign(globalThis, { recorder: { next, names, occupants }, recordEvent: record, watchSocket, refuseCalls });
}

declare const recordEvent: (name: string, detail: unknown) => void;
declare const watchSocket: () => void;
declare const refuseCalls: () => void;

/** A page with a client library, in a context of its own like another browser. */
export class EasyRtcPage {
  private ownId = '';

  private constructor(readonly page: Page) {}

  /** @param origin of the page, served by a server on this machine, possibly with the library */
  static async open(pages: PagePool, origin: string, library: EasyRtcLibrary): Promise<EasyRtcPage> {
    // The content does not matter, only the origin on this machine: Chromium denies pages of other origins, such as
    // those that Playwright fulfills, a WebSocket to it.
    const page = await pages.open(origin);
    for (const script of library.scripts) {
      await page.addScriptTag('file' in script ? { path: pathOf(script.file) } : { url: script.url });
    }
    await page.evaluate(installRecorder, PATIENCE_MS);
    return new EasyRtcPage(page);
  }

  /** Id of the current connection, or of the last one. */
  get id(): string {
    return this.ownId;
  }

  /** Connects to an application. Resolves with the client's id. */
  async connect(application: string, options: ConnectOptions = {}): Promise<string> {
    const outcome = await this.tryToConnect(application, options);
    if (outcome.startsWith('error ')) throw new Error(outcome);
    return this.connected();
  }

  /** As above, but expects an error. Resolves with its code. */
  async failToConnect(application: string): Promise<string> {
    const outcome = await this.tryToConnect(application, {});
    if (!outcome.startsWith('error ')) throw new Error(`connected as ${outcome}`);
    return outcome.slice('error '.length);
  }

  /** Resolves with its id after it has connected, or has reconnected by itself. */
  async connected(): Promise<string> {
    return (this.ownId = await this.next('connected'));
  }

  /**
   * Returns the oldest matching event that was not returned before, or waits for one. Skips older events of its name.
   */
  async next<Name extends keyof EasyRtcEvents>(
    name: Name,
    isMeant: (event: EasyRtcEvents[Name]) => boolean = () => true,
  ): Promise<EasyRtcEvents[Name]> {
    const skipped: EasyRtcEvents[Name][] = [];
    for (;;) {
      let event: EasyRtcEvents[Name];
      try {
        event = (await this.page.evaluate((name) => recorder.next(name), name)) as EasyRtcEvents[Name];
      } catch (cause) {
        throw new Error(`"${name}" did not come; skipped: ${JSON.stringify(skipped)}`, { cause });
      }
      if (isMeant(event)) return event;
      skipped.push(event);
    }
  }

  /** Resolves with the others in a room, as the library reports them, once they match. */
  async others(room: string, areMeant: (others: Occupants) => boolean): Promise<Occupants> {
    let last: Occupancy = { told: 0, others: {} };
    for (;;) {
      try {
        last = await this.page.evaluate(([room, told]) => recorder.occupants(room, told), [room, last.told] as const);
      } catch (cause) {
        throw new Error(`${this.id} did not see the others in ${room} as it should`, { cause });
      }
      if (areMeant(last.others)) return last.others;
    }
  }

  /** Resolves as soon as exactly these are the others in a room. */
  sees(room: string, ...ids: readonly string[]): Promise<Occupants> {
    const wanted = [...ids].sort().join();
    return this.others(room, (others) => Object.keys(others).sort().join() === wanted);
  }

  /** The names of all events so far. */
  events(): Promise<string[]> {
    return this.page.evaluate(() => recorder.names);
  }

  /** Returns the current transport of its connection. */
  transport(): Promise<string> {
    return this.page.evaluate(() => easyrtc.webSocket.io.engine.transport.name);
  }

  /** Resolves when the connection has been upgraded to a WebSocket. */
  async upgraded(): Promise<void> {
    await this.page.waitForFunction(() => easyrtc.webSocket.io.engine.transport.name === 'websocket');
  }

  /** Closes the connection below socket.io, as a network failure does. */
  tearSocketDown(): Promise<void> {
    return this.page.evaluate(() => easyrtc.webSocket.io.engine.close());
  }

  /** Disconnects, and waits until the library has released its socket, which must precede a reconnect. */
  async disconnect(): Promise<void> {
    await this.page.evaluate(() => easyrtc.disconnect());
    await this.next('released');
  }

  /** Authenticates again over the same socket. Resolves with its id. */
  setCredential(credential: object): Promise<string> {
    return this.page.evaluate(
      (credential) => new Promise<string>((resolve, reject) => easyrtc.setCredential(credential, resolve, reject)),
      credential,
    );
  }

  joinRoom(room: string): Promise<void> {
    return this.page.evaluate(
      (room) => new Promise<void>((resolve, reject) => easyrtc.joinRoom(room, null, resolve, reject)),
      room,
    );
  }

  leaveRoom(room: string): Promise<void> {
    return this.page.evaluate(
      (room) => new Promise<void>((resolve, reject) => easyrtc.leaveRoom(room, resolve, reject)),
      room,
    );
  }

  async roomsJoined(): Promise<string[]> {
    return Object.keys(await this.page.evaluate(() => easyrtc.getRoomsJoined())).sort();
  }

  /** Returns the number of clients in each room of the application. */
  async roomList(): Promise<Record<string, number>> {
    const rooms = await this.page.evaluate(
      () =>
        new Promise<Record<string, { numberClients: number }>>((resolve, reject) => {
          easyrtc.getRoomList(resolve, reject);
        }),
    );
    return Object.fromEntries(Object.entries(rooms).map(([name, { numberClients }]) => [name, numberClients]));
  }

  updatePresence(show: string, status: string): Promise<void> {
    return this.page.evaluate(([show, status]) => easyrtc.updatePresence(show, status), [show, status] as const);
  }

  /** Sets an API field; null clears it. */
  setRoomApiField(room: string, name: string, value: Data): Promise<void> {
    return this.page.evaluate(
      ([room, name, value]) => easyrtc.setRoomApiField(room, name, value),
      // `unknown`, since Playwright's types do not resolve a recursive type.
      [room, name, value as unknown] as const,
    );
  }

  /** Requests the ICE servers from the server. */
  async freshIceServers(): Promise<Data> {
    return this.page.evaluate(async () => {
      const succeeded = await new Promise<boolean>((resolve) => easyrtc.getFreshIceConfig(resolve));
      if (!succeeded) throw new Error('no ICE configuration');
      return easyrtc.getServerIce().iceServers;
    });
  }

  /** Returns the ICE servers of the login, or of a later request. */
  iceServers(): Promise<Data> {
    return this.page.evaluate(() => easyrtc.getServerIce().iceServers);
  }

  /** Sends over the server to a client id or to a room. */
  send(target: string | Target, type: string, data: Data): Promise<Ack> {
    return this.page.evaluate(
      ([target, type, data]) =>
        new Promise<Ack>((resolve) => {
          easyrtc.sendDataWS(target, type, data instanceof Uint8Array ? data.buffer : data, resolve);
        }),
      [target, type, data as unknown] as const,
    );
  }

  sendToServer(type: string, data: Data): Promise<Ack> {
    return this.page.evaluate(
      ([type, data, patienceMs]) =>
        new Promise<Ack>((resolve, reject) => {
          setTimeout(() => reject(new Error(`no answer to ${type}`)), patienceMs);
          easyrtc.sendServerMessage(type, data, (msgType, msgData) => resolve({ msgType, msgData }), reject);
        }),
      [type, data as unknown, PATIENCE_MS] as const,
    );
  }

  /** Sends over a data channel. */
  sendPeerToPeer(id: string, type: string, data: Data): Promise<void> {
    return this.page.evaluate(([id, type, data]) => easyrtc.sendDataP2P(id, type, data), [
      id,
      type,
      data as unknown,
    ] as const);
  }

  /** Calls. Resolves with `datachannel`, `refused`, or an error code. */
  call(id: string): Promise<string> {
    return this.page.evaluate(
      ([id, patienceMs]) =>
        new Promise<string>((resolve, reject) => {
          setTimeout(() => reject(new Error(`nothing came of the call to ${id}`)), patienceMs);
          easyrtc.call(
            id,
            (_id, media) => {
              // `connection` precedes it.
              if (media === 'datachannel') resolve(media);
            },
            (code) => resolve(code),
            (accepted) => {
              if (!accepted) resolve('refused');
            },
          );
        }),
      [id, PATIENCE_MS] as const,
    );
  }

  /** Refuses calls from now on, and records each as an event. */
  refuseCalls(): Promise<void> {
    return this.page.evaluate(() => refuseCalls());
  }

  hangup(id: string): Promise<void> {
    return this.page.evaluate((id) => easyrtc.hangup(id), id);
  }

  /** Returns `is connected`, `not connected`, or an intermediate state. */
  callStatus(id: string): Promise<string> {
    return this.page.evaluate((id) => easyrtc.getConnectStatus(id), id);
  }

  private tryToConnect(application: string, options: ConnectOptions): Promise<string> {
    return this.page.evaluate(
      ([application, { username, url, ...socketOptions }, patienceMs]) =>
        new Promise<string>((resolve, reject) => {
          setTimeout(() => reject(new Error(`no answer from ${application}`)), patienceMs);
          if (username !== undefined) easyrtc.setUsername(username);
          if (url !== undefined) easyrtc.setSocketUrl(url, { forceNew: true, reconnection: false, ...socketOptions });
          const connected = (id: string): void => {
            recordEvent('connected', id);
            resolve(id);
          };
          easyrtc.connect(application, connected, (code) => resolve(`error ${code}`));
          watchSocket();
        }),
      [application, options, PATIENCE_MS] as const,
    );
  }
}

/** Returns the version of a package in `node_modules`, such as 2.1.8. */
export async function versionOf(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(pathOf(`${name}/package.json`), 'utf8')) as { version: string };
  return version;
}

/** Returns the text of a file of a package in `node_modules`. */
export function fileOf(name: string): Promise<string> {
  return readFile(pathOf(name), 'utf8');
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url));
}

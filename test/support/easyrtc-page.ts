import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { PagePool } from './page-pool.js';

/** Which client library is in the page, and where it comes from. */
export interface EasyRtcLibrary {
  /** The name of its package in `node_modules`. */
  readonly name: 'open-easyrtc' | 'open-easyrtc-2.0';
  /** In the order in which the page loads them: paths of the server, or files of packages in `node_modules`. */
  readonly scripts: readonly ({ readonly url: string } | { readonly file: string })[];
  /** The version of engine.io's protocol that the client speaks. */
  readonly engineProtocol: number;
}

/** As the server itself serves it. */
export const CURRENT: EasyRtcLibrary = {
  name: 'open-easyrtc',
  scripts: [{ url: '/socket.io/socket.io.js' }, { url: '/easyrtc/easyrtc.js' }],
  engineProtocol: 4,
};

/** As applications that were deployed years ago still bring it with them. */
export const OLD: EasyRtcLibrary = {
  name: 'open-easyrtc-2.0',
  scripts: [{ file: 'socket.io-client-2/dist/socket.io.js' }, { file: 'open-easyrtc-2.0/api/easyrtc.js' }],
  engineProtocol: 3,
};

/** What clients exchange; bytes are an ArrayBuffer in the page. */
export type Data = string | number | boolean | null | Uint8Array | Data[] | { [name: string]: Data };

/** What a room shows of a client. */
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

/** How the server, or the application in it, answers. */
export interface Ack {
  readonly msgType: string;
  readonly msgData?: Data;
}

/** What the listeners of the page are told. */
export interface EasyRtcEvents {
  entry: { readonly entered: boolean; readonly room: string };
  /** Without targeting: it came over a data channel. */
  message: { readonly from: string; readonly type: string; readonly data: Data; readonly targeting: Target | null };
  channelOpen: string;
  channelClose: string;
  peerClosed: string;
  /** Somebody's call, which the page has refused. */
  refused: string;
  /** With the id: by `connect`, or because the socket has connected again by itself. */
  connected: string;
  /** The connection has ended. */
  disconnect: null;
  /** The library has let go of its socket, because it was told to disconnect. */
  released: null;
  /** A command from the server, before the library has made something of it. */
  command: { readonly type: string; readonly from?: string; readonly members: readonly string[] };
}

export interface ConnectOptions {
  readonly username?: string;
  /** If it is not the origin of the page, and needed for the options of the socket that follow. */
  readonly url?: string;
  readonly path?: string;
  readonly transports?: readonly ('polling' | 'websocket')[];
  /** Whether the socket connects again by itself. Without a URL it does, because socket.io then ignores all options. */
  readonly reconnection?: boolean;
}

// What the tests use of the client library, the same in all of its versions, and of the browser.

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
  /** The oldest event of this name that was not handed out before; if there is none yet, the next one. */
  next(name: string): Promise<unknown>;
  /** The names of all events so far. */
  readonly names: string[];
  /** The others in a room, when the library has told of them more often than this. */
  occupants(room: string, seen: number): Promise<Occupancy>;
}

interface Occupancy {
  /** How often the library has told of the room. */
  readonly told: number;
  readonly others: Occupants;
}

declare const easyrtc: EasyRtc;
declare const recorder: Recorder;
declare const reportProblem: (problem: string) => Promise<void>;

/** Shorter than the time that a test has, so that it fails with what it waited for. */
const PATIENCE_MS = 12_000;

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
        // Else it would get the event that a later one waits for.
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
    // The library goes on changing its own.
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

  /** Each connection has a socket of its own. */
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

/** A page of somebody, in a context of its own as if it were another browser, with a client library in it. */
export class EasyRtcPage {
  private ownId = '';

  private constructor(readonly page: Page) {}

  /**
   * @param origin of the page, served by a server on this machine; the library may come from there, too
   */
  static async open(pages: PagePool, origin: string, library: EasyRtcLibrary): Promise<EasyRtcPage> {
    // What the server says there does not matter, only that it comes from this machine: pages from elsewhere, as those
    // that Playwright makes up, may open no WebSocket to it.
    const page = await pages.open(origin);
    for (const script of library.scripts) {
      await page.addScriptTag('file' in script ? { path: pathOf(script.file) } : { url: script.url });
    }
    await page.evaluate(installRecorder, PATIENCE_MS);
    return new EasyRtcPage(page);
  }

  /** That of the current connection, or the last one. */
  get id(): string {
    return this.ownId;
  }

  /** Connects to an application; resolves with its id in it. */
  async connect(application: string, options: ConnectOptions = {}): Promise<string> {
    const outcome = await this.tryToConnect(application, options);
    if (outcome.startsWith('error ')) throw new Error(outcome);
    return this.connected();
  }

  /** As above, where the answer is an error: its code. */
  async failToConnect(application: string): Promise<string> {
    const outcome = await this.tryToConnect(application, {});
    if (!outcome.startsWith('error ')) throw new Error(`connected as ${outcome}`);
    return outcome.slice('error '.length);
  }

  /** Resolves with its id when it is connected, or has connected again by itself. */
  async connected(): Promise<string> {
    return (this.ownId = await this.next('connected'));
  }

  /** The oldest event that is meant and was not handed out before, or the next one; older ones of its name are skipped. */
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

  /** The others in a room, as the library tells its listener of them, as soon as they are as they should be. */
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

  /** Resolves as soon as these, and nobody else, are the others in a room. */
  sees(room: string, ...ids: readonly string[]): Promise<Occupants> {
    const wanted = [...ids].sort().join();
    return this.others(room, (others) => Object.keys(others).sort().join() === wanted);
  }

  /** The names of all events so far. */
  events(): Promise<string[]> {
    return this.page.evaluate(() => recorder.names);
  }

  /** Which transport its connection uses now. */
  transport(): Promise<string> {
    return this.page.evaluate(() => easyrtc.webSocket.io.engine.transport.name);
  }

  /** Resolves when the connection has become a WebSocket. */
  async upgraded(): Promise<void> {
    await this.page.waitForFunction(() => easyrtc.webSocket.io.engine.transport.name === 'websocket');
  }

  /** Ends the connection below socket.io, as if the network were gone. */
  tearSocketDown(): Promise<void> {
    return this.page.evaluate(() => easyrtc.webSocket.io.engine.close());
  }

  /** The library lets go of its socket only then, so that this is also what comes before connecting again. */
  async disconnect(): Promise<void> {
    await this.page.evaluate(() => easyrtc.disconnect());
    await this.next('released');
  }

  /** Authenticates again over the same socket; resolves with its id. */
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

  /** How many are in each room of the application. */
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

  /** Null clears the field. */
  setRoomApiField(room: string, name: string, value: Data): Promise<void> {
    return this.page.evaluate(
      ([room, name, value]) => easyrtc.setRoomApiField(room, name, value),
      // As unknown, since the types of Playwright get lost in a recursive one.
      [room, name, value as unknown] as const,
    );
  }

  /** What the server says when it is asked again. */
  async freshIceServers(): Promise<Data> {
    return this.page.evaluate(async () => {
      const succeeded = await new Promise<boolean>((resolve) => easyrtc.getFreshIceConfig(resolve));
      if (!succeeded) throw new Error('no ICE configuration');
      return easyrtc.getServerIce().iceServers;
    });
  }

  /** What the server said when the page connected, or was asked since. */
  iceServers(): Promise<Data> {
    return this.page.evaluate(() => easyrtc.getServerIce().iceServers);
  }

  /** Sends over the server, to a client by its id, or to a room. */
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

  /** What comes of a call: `datachannel`, `refused`, or the code of an error. */
  call(id: string): Promise<string> {
    return this.page.evaluate(
      ([id, patienceMs]) =>
        new Promise<string>((resolve, reject) => {
          setTimeout(() => reject(new Error(`nothing came of the call to ${id}`)), patienceMs);
          easyrtc.call(
            id,
            (_id, media) => {
              // There is also `connection`, which comes before.
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

  /** From now on, and each is an event. */
  refuseCalls(): Promise<void> {
    return this.page.evaluate(() => refuseCalls());
  }

  hangup(id: string): Promise<void> {
    return this.page.evaluate((id) => easyrtc.hangup(id), id);
  }

  /** `is connected`, `not connected`, or something in between. */
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

/** The version of a package in `node_modules`, such as 2.1.8. */
export async function versionOf(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(pathOf(`${name}/package.json`), 'utf8')) as { version: string };
  return version;
}

/** The text of a file of a package in `node_modules`. */
export function fileOf(name: string): Promise<string> {
  return readFile(pathOf(name), 'utf8');
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url));
}

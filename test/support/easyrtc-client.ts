import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { allHasArrived } from './arrivals.js';
import { PATIENCE_MS } from './patience.js';
import { atTeardown } from './teardown.js';

const DISCONNECTED = 'Socket will be disconnected.';
const REJECTED = 'Message rejected.';

/** The text of each error code. */
export const ERROR_TEXTS = {
  BANNED_IP_ADDR: `Client IP address is banned. ${DISCONNECTED}`,
  LOGIN_APP_AUTH_FAIL: `Authentication for application failed. ${DISCONNECTED}`,
  LOGIN_BAD_AUTH: `Authentication for application failed. ${DISCONNECTED}`,
  LOGIN_BAD_ROOM: `Requested room is invalid or does not exist. ${DISCONNECTED}`,
  LOGIN_BAD_STRUCTURE: `Authentication for application failed. The provided structure is improper. ${DISCONNECTED}`,
  LOGIN_GEN_FAIL: `Authentication failed. ${DISCONNECTED}`,
  LOGIN_TIMEOUT: `Login has timed out. ${DISCONNECTED}`,
  MSG_REJECT_BAD_DATA: `${REJECTED} The provided msgData is improper.`,
  MSG_REJECT_BAD_ROOM: `${REJECTED} Requested room is invalid or does not exist.`,
  MSG_REJECT_BAD_SIZE: `${REJECTED} Packet size is too large.`,
  MSG_REJECT_BAD_STRUCTURE: `${REJECTED} The provided structure is improper.`,
  MSG_REJECT_BAD_TYPE: `${REJECTED} The provided msgType is unsupported.`,
  MSG_REJECT_GEN_FAIL: `${REJECTED} General failure occurred.`,
  MSG_REJECT_NO_AUTH: `${REJECTED} Not logged in or client not authorized.`,
  MSG_REJECT_TARGET_EASYRTCID: `${REJECTED} Target easyrtcid is invalid, not using same application, or no longer online.`,
  MSG_REJECT_TARGET_GROUP: `${REJECTED} Target group is invalid or not defined.`,
  MSG_REJECT_TARGET_ROOM: `${REJECTED} Target room is invalid or not created.`,
  SERVER_SHUTDOWN: `Server is being shutdown. ${DISCONNECTED}`,
} as const;

export type ErrorCode = keyof typeof ERROR_TEXTS;

/** A message that the server answers or emits. */
export interface Received {
  readonly msgType?: string;
  readonly msgData?: unknown;
  readonly easyrtcid?: string;
  readonly senderEasyrtcid?: string;
  readonly [member: string]: unknown;
}

/** A message, its event, and whether the server requested an ack. */
interface Arrival {
  readonly event: string;
  readonly message: Received;
  readonly withAck: boolean;
}

interface Waiter {
  readonly matches: (message: Received) => boolean;
  readonly resolve: (message: Received) => void;
}

/** A client's entry in the list of a room. */
export interface Entry {
  readonly easyrtcid: string;
  readonly roomJoinTime: unknown;
  readonly presence: { readonly show: string; readonly status: string | null };
  readonly apiField?: unknown;
  readonly username?: string;
}

export interface Token {
  readonly easyrtcid: string;
  readonly roomData: Readonly<Record<string, { readonly clientList: Readonly<Record<string, Entry>> }>>;
  readonly [member: string]: unknown;
}

export type EasyRtcClientOptions = Partial<ManagerOptions & SocketOptions>;

/** An EasyRTC client without the library: it exposes every message, and sends arbitrary ones. */
export class EasyRtcClient {
  private static readonly open = new Set<EasyRtcClient>();

  /** All messages from the server, with their events. */
  readonly arrivals: Arrival[] = [];
  /** Resolves with the reason from socket.io. */
  readonly closed: Promise<string>;
  /** Token of the last login. */
  token!: Token;

  private unread: Received[] = [];
  private readonly waiters = new Set<Waiter>();

  private constructor(readonly socket: Socket) {
    EasyRtcClient.open.add(this);
    atTeardown(() => socket.close());
    this.closed = new Promise((resolve) => {
      socket.on('disconnect', (reason) => {
        EasyRtcClient.open.delete(this);
        resolve(reason);
      });
    });
    for (const event of ['easyrtcCmd', 'easyrtcMsg', 'easyrtcAuth']) {
      socket.on(event, (message: Received, answer?: (message: object) => void) => {
        answer?.({ msgType: 'ack' });
        this.received({ event, message, withAck: answer !== undefined });
      });
    }
  }

  /** Connects over socket.io without logging in. */
  static async connect(url: string, options: EasyRtcClientOptions = {}): Promise<EasyRtcClient> {
    const socket = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
    const client = new EasyRtcClient(socket);
    const connected = new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('connect_error', reject);
    });
    try {
      await within(connected, () => `wanted: a connection to ${url}`);
    } catch (error) {
      EasyRtcClient.open.delete(client);
      socket.disconnect();
      throw error;
    }
    return client;
  }

  /** Connects and logs in. */
  static async login(url: string, msgData: object = {}, options?: EasyRtcClientOptions): Promise<EasyRtcClient> {
    const client = await EasyRtcClient.connect(url, options);
    await client.login(msgData);
    return client;
  }

  /** Disconnects all clients, for tests that check what the server does afterwards. */
  static closeAll(): void {
    for (const { socket } of EasyRtcClient.open) socket.disconnect();
    EasyRtcClient.open.clear();
  }

  get id(): string {
    return this.token.easyrtcid;
  }

  /** Returns this client's entry in a room that it was in when it logged in. */
  entry(room = 'default'): Entry {
    return this.token.roomData[room].clientList[this.id];
  }

  /** Emits the arguments unchanged. */
  send(event: string, ...args: unknown[]): void {
    this.socket.emit(event, ...args);
  }

  /** Emits, and resolves with the ack. */
  async ask(event: string, ...args: unknown[]): Promise<Received> {
    const answer = new Promise<Received>((resolve) => this.socket.emit(event, ...args, resolve));
    const gone = this.closed.then((reason) => Promise.reject(new Error(`closed (${reason}) without an answer`)));
    gone.catch(() => undefined);
    return within(Promise.race([answer, gone]), () => `wanted: the answer to ${event} ${print(args)}`);
  }

  /** Tries to log in. `msgData` is added to the fields that the library always sends. */
  authenticate(msgData: object = {}): Promise<Received> {
    return this.ask('easyrtcAuth', authentication(msgData));
  }

  /** Logs in, and throws on failure. */
  async login(msgData: object = {}): Promise<Token> {
    const answer = await this.authenticate(msgData);
    if (answer.msgType !== 'token') throw new Error(`no token, but ${JSON.stringify(answer)}`);
    this.token = answer.msgData as Token;
    return this.token;
  }

  command(msgType: unknown, msgData?: unknown, targetEasyrtcid?: unknown): Promise<Received> {
    return this.ask('easyrtcCmd', { msgType, msgData, targetEasyrtcid });
  }

  message(message: object): Promise<Received> {
    return this.ask('easyrtcMsg', message);
  }

  /** Returns the rooms of its application with their sizes; `default` only if it is not empty. */
  async roomSizes(): Promise<Record<string, number>> {
    const { msgData } = await this.command('getRoomList');
    const { roomList } = msgData as { roomList: Record<string, { numberClients: number }> };
    const sizes = Object.entries(roomList).map(([name, { numberClients }]) => [name, numberClients] as const);
    return Object.fromEntries(sizes.filter(([name, size]) => name !== 'default' || size > 0));
  }

  /** Returns the oldest message that was not returned before, or waits for one. */
  next(): Promise<Received> {
    return this.take('any message', () => true);
  }

  /** Returns the oldest message of this type that was not returned before, or waits for one. */
  nextOf(msgType: string): Promise<Received> {
    return this.take(`a message of type ${msgType}`, (message) => message.msgType === msgType);
  }

  /**
   * Waits for the answer to a request. Returns the messages received so far that were not returned before: everything
   * that the server had written to this client by then. Messages of others are included if the others have had the
   * answer to them.
   */
  async rest(): Promise<Received[]> {
    await allHasArrived();
    await this.command('getRoomList');
    const { unread } = this;
    this.unread = [];
    return unread;
  }

  /** Disconnects in the usual way. */
  async close(): Promise<void> {
    this.socket.disconnect();
    await this.closed;
  }

  /** Closes the connection without a packet. */
  async cut(): Promise<void> {
    this.socket.io.engine.close();
    await this.closed;
  }

  private async take(wanted: string, matches: Waiter['matches']): Promise<Received> {
    const index = this.unread.findIndex(matches);
    if (index >= 0) return this.unread.splice(index, 1)[0];
    let waiter: Waiter | undefined;
    const message = new Promise<Received>((resolve) => {
      waiter = { matches, resolve };
      this.waiters.add(waiter);
    });
    const complaint = () => `wanted: ${wanted}; unread: ${print(this.unread)}`;
    const gone = this.closed.then((reason) => Promise.reject(new Error(`closed (${reason}); ${complaint()}`)));
    gone.catch(() => undefined);
    try {
      return await within(Promise.race([message, gone]), complaint);
    } finally {
      if (waiter) this.waiters.delete(waiter);
    }
  }

  private received(arrival: Arrival): void {
    this.arrivals.push(arrival);
    for (const waiter of this.waiters) {
      if (!waiter.matches(arrival.message)) continue;
      this.waiters.delete(waiter);
      waiter.resolve(arrival.message);
      return;
    }
    this.unread.push(arrival.message);
  }
}

/** Builds the login packet of the library. */
export function authentication(msgData: object = {}): object {
  return { msgType: 'authenticate', msgData: { apiVersion: '1.1.1-beta', applicationName: 'app', ...msgData } };
}

/** Builds the rooms of `roomJoin` and `roomLeave`, even one named `__proto__`. */
export function rooms(...names: string[]): Record<string, { roomName: string }> {
  return Object.fromEntries(names.map((roomName) => [roomName, { roomName }]));
}

/** Builds these values in the form of `setRoomApiField` and of client lists. */
export function fields(values: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(values).map(([fieldName, fieldValue]) => [fieldName, { fieldName, fieldValue }]),
  );
}

const millisecondsOfNow = expect.closeTo(Date.now(), -6) as number;

/** Matches a time within this test run, in milliseconds since 1970. */
export const aTime: unknown = millisecondsOfNow;

export const ACK = { msgType: 'ack' };

export function errorOf(errorCode: ErrorCode): object {
  return { msgType: 'error', serverTime: aTime, msgData: { errorCode, errorText: ERROR_TEXTS[errorCode] } };
}

/** The expected list of a room with changed entries, under the room's name. */
export function updated(roomName: string, ...entries: Entry[]): object {
  const updateClient = Object.fromEntries(entries.map((entry) => [entry.easyrtcid, entry]));
  return { roomName, roomStatus: 'update', clientListDelta: { updateClient } };
}

/** The expected list of a room with removed clients, under the room's name. */
export function removed(roomName: string, ...ids: string[]): object {
  const removeClient = Object.fromEntries(ids.map((easyrtcid) => [easyrtcid, { easyrtcid }]));
  return { roomName, roomStatus: 'update', clientListDelta: { removeClient } };
}

/** The expected update of a client's rooms: `updated` and `removed` of each. */
export function roomNews(recipient: EasyRtcClient, ...deltas: object[]): object {
  const roomData = Object.fromEntries(deltas.map((delta) => [(delta as { roomName: string }).roomName, delta]));
  return { msgType: 'roomData', msgData: { roomData }, easyrtcid: recipient.id, serverTime: aTime };
}

/** The expected answer to a command about rooms. */
export function roomAnswer(...deltas: object[]): object {
  const roomData = Object.fromEntries(deltas.map((delta) => [(delta as { roomName: string }).roomName, delta]));
  return { msgType: 'roomData', msgData: { roomData } };
}

/** Titles for `it.each` of values that may be long. */
export function titled<T>(values: readonly T[]): [title: string, value: T][] {
  return values.map((value) => [print(value).slice(0, 90), value]);
}

function print(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

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

import { type Closed, type ConnectionOptions, TestSocket } from './test-socket.js';

/** Packets of engine.io 4, and of socket.io 5 within its messages: type, id of an acknowledgement, JSON. */
const PING = '2';
const PONG = '3';
const CONNECT = '40';
const EVENT = '42';
const ACK = '43';
const PACKET = /^(4[0-4])(\d*)(.*)$/s;

/** Acknowledgement of every event of the server. */
const RECEIVED = { msgType: 'ack' };

/** A packet that a test reads: an event of the server, an acknowledgement, or the answer to the connection. */
interface Packet<M> {
  readonly type: string;
  /** Id of the acknowledgement. */
  readonly id: string;
  readonly message?: M;
}

/** A socket.io session over a WebSocket, for messages of JSON. Answers pings, and acknowledges events. */
export class SocketIoSession<M> {
  private questions = 0;

  private constructor(private readonly socket: TestSocket<Packet<M>>) {}

  /** @throws Error if the server refuses the connection */
  static async open<M>(url: string, options: ConnectionOptions): Promise<SocketIoSession<M>> {
    const socket = await TestSocket.open<Packet<M>>(`${url}/?EIO=4&transport=websocket`, options, receive);
    socket.send(CONNECT);
    await socket.next('the answer to the connection', ({ type }) => type === CONNECT);
    return new SocketIoSession(socket);
  }

  get closed(): Promise<Closed> {
    return this.socket.closed;
  }

  /** Emits an event, and returns its acknowledgement. */
  async ask(event: string, message: object): Promise<M> {
    const id = String(++this.questions);
    this.socket.send(`${EVENT}${id}${JSON.stringify([event, message])}`);
    const answer = await this.socket.next(`the answer to ${event} ${JSON.stringify(message)}`, (packet) => {
      return packet.type === ACK && packet.id === id;
    });
    return answer.message!;
  }

  /** Returns the oldest unread event that matches, or waits for it. */
  async next(wanted: string, matches: (message: M) => boolean): Promise<M> {
    const { message } = await this.socket.next(wanted, ({ type, message }) => {
      return type === EVENT && message !== undefined && matches(message);
    });
    return message!;
  }

  close(): Promise<Closed> {
    return this.socket.close();
  }
}

function receive<M>(text: string, socket: TestSocket<Packet<M>>): Packet<M> | undefined {
  if (text === PING) socket.send(PONG);
  const [, type, id = '', json = ''] = PACKET.exec(text) ?? [];
  if (type === undefined) return undefined;
  if (type === EVENT && id !== '') socket.send(`${ACK}${id}${JSON.stringify([RECEIVED])}`);
  const content: unknown = json === '' ? undefined : JSON.parse(json);
  if (!Array.isArray(content)) return { type, id };
  // An event begins with its name.
  return { type, id, message: (type === EVENT ? content[1] : content[0]) as M };
}

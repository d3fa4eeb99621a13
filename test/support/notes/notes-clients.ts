import { io, type Socket } from 'socket.io-client';
import { type ClientOptions, WebSocket } from 'ws';
import { PATIENCE_MS } from '../patience.js';
import { atTeardown } from '../teardown.js';

type Message = Readonly<Record<string, unknown>>;

/** A client of the protocol of notes over one of its transports, disconnected after the test. */
export abstract class NotesClient {
  /** Messages that nothing has read yet. */
  readonly unread: Message[] = [];
  /** Resolves with the reason when the connection has ended. */
  readonly closed: Promise<string>;
  protected ended!: (reason: string) => void;
  private readonly waiters: ((message: Message) => void)[] = [];

  protected constructor() {
    this.closed = new Promise((resolve) => (this.ended = resolve));
  }

  /** Sends a message without waiting for its answer. */
  abstract send(event: string, body?: object): void;

  /** Sends a message, and returns the next message of the server or the message's answer. */
  abstract ask(event: string, body?: object): Promise<Message>;

  /** Returns the next message of the server. */
  async next(): Promise<Message> {
    const message = this.unread.shift();
    if (message) return message;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no message came')), PATIENCE_MS);
      this.waiters.push((next) => {
        clearTimeout(timer);
        resolve(next);
      });
    });
  }

  protected received(message: Message): void {
    const waiter = this.waiters.shift();
    if (waiter) waiter(message);
    else this.unread.push(message);
  }
}

export class WebSocketNotesClient extends NotesClient {
  private constructor(private readonly socket: WebSocket) {
    super();
    socket.on('message', (data: Buffer) => this.received(JSON.parse(data.toString()) as Message));
    socket.on('error', () => undefined);
    socket.on('close', (code) => this.ended(String(code)));
    atTeardown(() => socket.terminate());
  }

  static open(url: string, word: string, options: ClientOptions = {}): WebSocketNotesClient {
    return new WebSocketNotesClient(new WebSocket(`${url.replace('http', 'ws')}/notes?word=${word}`, options));
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  send(event: string, body: object = {}): void {
    this.socket.send(JSON.stringify({ event, ...body }));
  }

  ask(event: string, body?: object): Promise<Message> {
    this.send(event, body);
    return this.next();
  }
}

export class SocketIoNotesClient extends NotesClient {
  private constructor(private readonly socket: Socket) {
    super();
    socket.onAny((_event, message: Message) => this.received(message));
    socket.on('disconnect', (reason) => this.ended(reason));
    atTeardown(() => socket.disconnect());
  }

  static open(url: string, word: string, transports = ['websocket'], token?: string): NotesClient {
    const auth = { word, token };
    return new SocketIoNotesClient(
      io(url, { path: '/notes.io', auth, transports, forceNew: true, reconnection: false }),
    );
  }

  send(event: string, body: object = {}): void {
    this.socket.emit(event, body);
  }

  async ask(event: string, body: object = {}): Promise<Message> {
    return (await this.socket.timeout(PATIENCE_MS).emitWithAck(event, body)) as Message;
  }
}

import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

/** Message content, numbered from 0 for each sender and target. */
export interface Content {
  readonly n: number;
  /** Whether the target must send an answer. */
  readonly echo?: boolean;
  readonly text: string;
  /** Send time in `performance.now()` of this process. */
  readonly at: number;
}

/** Reports a problem. */
export type Complain = (problem: string) => void;

/** About the length of a candidate. */
const TEXT = 'a candidate, or some of a description: é😀 '.repeat(5);

/** A client that checks on arrival that no message is lost, duplicated or out of order. It stores no messages. */
export abstract class LoadClient {
  /** Next number to send, by target: an id, or a room after a `#`. */
  readonly sent = new Map<string, number>();
  /** Next expected number, by sender, with the room for messages to a room. */
  readonly received = new Map<string, number>();
  /** Members of the rooms it is in, as reported by the server. */
  readonly occupants = new Map<string, Set<string>>();
  /** Called for each message that requests an answer. */
  onEcho: (from: string) => void = () => undefined;
  /** Called for each message with its latency in milliseconds. */
  onLatency: (ms: number) => void = () => undefined;
  /** Number of messages received. */
  count = 0;
  id = '';
  private hasEnded = false;

  constructor(protected readonly complain: Complain) {}

  abstract readonly hasRooms: boolean;

  /** Resolves as soon as the server has registered the client. */
  abstract open(): Promise<void>;

  /** Sends to a client. PeerJS clients receive only signals such as offers. */
  sendTo(id: string, isOffer: boolean, echo = false): void {
    this.write(id, isOffer, this.content(id, echo));
  }

  sendToRoom(room: string): void {
    this.writeToRoom(room, this.content(`#${room}`, false));
  }

  /** @param politely whether to close properly rather than cut the connection */
  end(politely: boolean): void {
    this.hasEnded = true;
    this.close(politely);
  }

  /** Resolves as soon as the client is in the room. */
  abstract join(room: string, isNew: boolean): Promise<void>;

  protected abstract write(id: string, isOffer: boolean, content: Content): void;
  protected abstract writeToRoom(room: string, content: Content): void;
  protected abstract close(politely: boolean): void;

  protected arrived(from: string, content: Content | undefined, room?: string): void {
    if (content?.text !== TEXT) this.complain(`${this.id} got ${JSON.stringify(content)} from ${from}`);
    const { n, echo, at } = content!;
    this.onLatency(performance.now() - at);
    const stream = room === undefined ? from : `${from}#${room}`;
    // A client that joins later receives only the later messages.
    const due = this.received.get(stream) ?? (room === undefined ? 0 : n);
    if (n !== due) this.complain(`${this.id} got number ${n} of ${stream}, not ${due}`);
    this.received.set(stream, n + 1);
    this.count++;
    if (echo) this.onEcho(from);
  }

  protected ended(reason: string): void {
    if (!this.hasEnded) this.complain(`${this.id} was ended: ${reason}`);
  }

  private content(target: string, echo: boolean): Content {
    const n = this.sent.get(target) ?? 0;
    this.sent.set(target, n + 1);
    const at = performance.now();
    return echo ? { n, at, echo, text: TEXT } : { n, at, text: TEXT };
  }
}

export class ConnectorLoad extends LoadClient {
  readonly hasRooms = true;
  private readonly joining = new Map<string, () => void>();
  private socket!: WebSocket;

  constructor(
    private readonly wsUrl: string,
    complain: Complain,
  ) {
    super(complain);
  }

  open(): Promise<void> {
    this.socket = new WebSocket(this.wsUrl, { perMessageDeflate: false });
    this.socket.on('error', (error) => this.ended(error.message));
    this.socket.on('close', (code) => this.ended(`closed with ${code}`));
    return new Promise((resolve) => {
      this.socket.on('message', (text: Buffer) => {
        const frame = JSON.parse(text.toString()) as ConnectorFrame;
        if (frame.event === 'Client_Details') {
          this.id = (frame.data as { id: string }).id;
          resolve();
        } else this.handle(frame);
      });
    });
  }

  join(room: string, isNew: boolean): Promise<void> {
    this.socket.send(JSON.stringify({ event: isNew ? 'Create_Room' : 'Join_Room', data: { room } }));
    return new Promise((resolve) => this.joining.set(room, resolve));
  }

  protected write(to: string, isOffer: boolean, data: Content): void {
    this.socket.send(JSON.stringify({ event: isOffer ? 'Offer' : 'Message', to, data }));
  }

  protected writeToRoom(room: string, data: Content): void {
    this.socket.send(JSON.stringify({ event: 'Message', room, data }));
  }

  protected close(politely: boolean): void {
    if (politely) this.socket.close();
    else this.socket.terminate();
  }

  private handle({ event, from = '', room, data }: ConnectorFrame): void {
    if (event === 'Offer' || event === 'Message') this.arrived(from, data as Content, room);
    else if (['Room_Created', 'Client_Added', 'Client_Removed'].includes(event)) {
      const { room: id, clients } = data as { room: string; clients: string[] };
      this.occupants.set(id, new Set(clients));
      this.joining.get(id)?.();
      this.joining.delete(id);
    } else this.complain(`${this.id} got ${event} ${JSON.stringify(data)}`);
  }
}

interface ConnectorFrame {
  readonly event: string;
  readonly from?: string;
  readonly room?: string;
  readonly data?: unknown;
}

export class PeerJsLoad extends LoadClient {
  readonly hasRooms = false;
  private socket!: WebSocket;

  constructor(
    private readonly wsUrl: string,
    complain: Complain,
  ) {
    super(complain);
  }

  open(): Promise<void> {
    this.id = randomUUID();
    const query = `key=peerjs&id=${this.id}&token=t`;
    this.socket = new WebSocket(`${this.wsUrl}/peerjs?${query}`, { perMessageDeflate: false });
    this.socket.on('error', (error) => this.ended(error.message));
    this.socket.on('close', (code) => this.ended(`closed with ${code}`));
    return new Promise((resolve) => {
      this.socket.on('message', (text: Buffer) => {
        const { type, src = '', payload } = JSON.parse(text.toString()) as PeerJsFrame;
        if (type === 'OPEN') resolve();
        else if (type === 'OFFER') this.arrived(src, payload);
        else this.complain(`${this.id} got ${type} from ${src}`);
      });
    });
  }

  join(): Promise<void> {
    throw new Error('PeerJS has no rooms');
  }

  protected write(dst: string, _isOffer: boolean, payload: Content): void {
    this.socket.send(JSON.stringify({ type: 'OFFER', dst, payload }));
  }

  protected writeToRoom(): void {
    throw new Error('PeerJS has no rooms');
  }

  protected close(politely: boolean): void {
    if (politely) this.socket.close();
    else this.socket.terminate();
  }
}

interface PeerJsFrame {
  readonly type: string;
  readonly src?: string;
  readonly payload?: Content;
}

export class EasyRtcLoad extends LoadClient {
  readonly hasRooms = true;
  private socket!: Socket;

  constructor(
    private readonly url: string,
    complain: Complain,
  ) {
    super(complain);
  }

  async open(): Promise<void> {
    const own = `own-${randomUUID().slice(0, 20)}`;
    this.socket = io(this.url, { forceNew: true, reconnection: false, transports: ['websocket'] });
    this.socket.on('disconnect', (reason) => this.ended(reason));
    this.socket.on('connect_error', (error) => this.ended(error.message));
    for (const event of ['easyrtcCmd', 'easyrtcMsg']) {
      this.socket.on(event, (message: EasyRtcMessage, answer: (message: object) => void) => {
        answer({ msgType: 'ack' });
        this.handle(message);
      });
    }
    const msgData = { apiVersion: '1.1.1-beta', applicationName: 'default', roomJoin: { [own]: { roomName: own } } };
    const { easyrtcid } = await this.ask<{ easyrtcid: string }>('easyrtcAuth', { msgType: 'authenticate', msgData });
    this.id = easyrtcid;
    await this.ask('easyrtcCmd', { msgType: 'roomLeave', msgData: { roomLeave: { [own]: { roomName: own } } } });
  }

  join(room: string): Promise<void> {
    const message = { msgType: 'roomJoin', msgData: { roomJoin: { [room]: { roomName: room } } } };
    return new Promise((resolve) => {
      // Updates that follow the answer are then read after it.
      this.socket.emit('easyrtcCmd', message, (answer: EasyRtcMessage) => {
        this.handle(answer);
        resolve();
      });
    });
  }

  /** Returns the existing rooms. */
  async rooms(): Promise<string[]> {
    const { roomList } = await this.ask<{ roomList: object }>('easyrtcCmd', { msgType: 'getRoomList' });
    return Object.keys(roomList);
  }

  protected write(targetEasyrtcid: string, isOffer: boolean, msgData: Content): void {
    const message = { msgType: isOffer ? 'offer' : 'message', targetEasyrtcid, msgData };
    this.socket.emit(isOffer ? 'easyrtcCmd' : 'easyrtcMsg', message, (answer: EasyRtcMessage) => this.check(answer));
  }

  protected writeToRoom(targetRoom: string, msgData: Content): void {
    const message = { msgType: 'message', targetRoom, msgData };
    this.socket.emit('easyrtcMsg', message, (answer: EasyRtcMessage) => this.check(answer));
  }

  protected close(politely: boolean): void {
    if (politely) this.socket.disconnect();
    else this.socket.io.engine.close();
  }

  private async ask<T>(event: string, message: object): Promise<T> {
    const answer = (await this.socket.emitWithAck(event, message)) as EasyRtcMessage;
    this.check(answer);
    return answer.msgData as T;
  }

  private check(answer: EasyRtcMessage): void {
    if (answer.msgType === 'error') this.complain(`${this.id} got ${JSON.stringify(answer)}`);
  }

  private handle({ msgType, senderEasyrtcid = '', targetRoom, msgData }: EasyRtcMessage): void {
    if (msgType === 'offer' || msgType === 'message') this.arrived(senderEasyrtcid, msgData as Content, targetRoom);
    else if (msgType === 'roomData') this.learn((msgData as { roomData: RoomData }).roomData);
    else this.complain(`${this.id} got ${msgType} ${JSON.stringify(msgData)}`);
  }

  private learn(roomData: RoomData): void {
    for (const [room, { clientList, clientListDelta = {} }] of Object.entries(roomData)) {
      if (clientList) this.occupants.set(room, new Set(Object.keys(clientList)));
      for (const id of Object.keys(clientListDelta.updateClient ?? {})) this.occupants.get(room)?.add(id);
      for (const id of Object.keys(clientListDelta.removeClient ?? {})) this.occupants.get(room)?.delete(id);
    }
  }
}

interface EasyRtcMessage {
  readonly msgType: string;
  readonly senderEasyrtcid?: string;
  readonly targetRoom?: string;
  readonly msgData?: unknown;
}

type RoomData = Readonly<
  Record<
    string,
    {
      readonly clientList?: object;
      readonly clientListDelta?: { readonly updateClient?: object; readonly removeClient?: object };
    }
  >
>;

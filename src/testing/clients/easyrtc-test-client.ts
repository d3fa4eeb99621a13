import { SocketIoSession } from './socket-io-session.js';
import type { Closed, ConnectionOptions } from './test-socket.js';

/** A message of EasyRTC. */
export interface EasyRtcMessage {
  readonly msgType: string;
  readonly msgData?: unknown;
  readonly targetEasyrtcid?: string;
  readonly senderEasyrtcid?: string;
  readonly [member: string]: unknown;
}

/** How an EasyRTC client logs in. */
export interface EasyRtcTestClientOptions extends ConnectionOptions {
  /** Realm of the client. Default: `default`. */
  readonly applicationName?: string;
  /** Rooms that the client joins. Default: the server's default room. */
  readonly rooms?: readonly string[];
  readonly username?: string;
  readonly credential?: unknown;
  /** Path of socket.io. Default: `/socket.io`. */
  readonly path?: string;
}

/** An EasyRTC client for tests. It speaks socket.io over a WebSocket, and acknowledges every message. */
export class EasyRtcTestClient {
  private constructor(
    private readonly session: SocketIoSession<EasyRtcMessage>,
    /** The server's answer to the login: `easyrtcid`, `roomData` and so on. */
    readonly token: { readonly easyrtcid: string; readonly [member: string]: unknown },
  ) {}

  /**
   * Connects and logs in.
   * @param wsUrl such as that of a `TestServer`
   * @throws Error if the server refuses the connection or the login
   */
  static async connect(wsUrl: string, options: EasyRtcTestClientOptions = {}): Promise<EasyRtcTestClient> {
    const { applicationName = 'default', rooms, username, credential, path = '/socket.io', ...ofSocket } = options;
    const session = await SocketIoSession.open<EasyRtcMessage>(`${wsUrl}${path}`, ofSocket);
    const roomJoin = rooms && Object.fromEntries(rooms.map((roomName) => [roomName, { roomName }]));
    const msgData = { apiVersion: '1.1.1-beta', applicationName, roomJoin, username, credential };
    const answer = await session.ask('easyrtcAuth', { msgType: 'authenticate', msgData });
    if (answer.msgType !== 'token') {
      await session.close();
      throw new Error(`no token, but ${JSON.stringify(answer)}`);
    }
    return new EasyRtcTestClient(session, answer.msgData as EasyRtcTestClient['token']);
  }

  get id(): string {
    return this.token.easyrtcid;
  }

  /** Resolves when the connection has ended, on either side. */
  get closed(): Promise<Closed> {
    return this.session.closed;
  }

  /**
   * Sends a message, such as `{ msgType: 'hello', targetEasyrtcid: ID, msgData: 1 }`.
   * @param event `easyrtcCmd` for commands of the protocol, such as an offer
   * @returns the server's answer: `{ msgType: 'ack' }`, or an error
   */
  send(message: EasyRtcMessage, event: 'easyrtcMsg' | 'easyrtcCmd' = 'easyrtcMsg'): Promise<EasyRtcMessage> {
    return this.session.ask(event, message);
  }

  /**
   * Returns the oldest unread message, of this type if one is given, or waits for it. Answers are not among them.
   * @throws Error if the connection is closed, or no such message has come within 10 s
   */
  next(msgType?: string): Promise<EasyRtcMessage> {
    return this.session.next(msgType ?? 'any message', (message) => {
      return msgType === undefined || message.msgType === msgType;
    });
  }

  /** Disconnects. */
  close(): Promise<Closed> {
    return this.session.close();
  }
}

import { type Closed, type ConnectionOptions, TestSocket } from './test-socket.js';

/** A frame of Peer2Peer Connector: the server's own, or another client's that it has relayed. */
export interface ConnectorFrame {
  readonly event?: string;
  /** Id of the client from which a relayed frame comes. */
  readonly from?: string;
  readonly data?: unknown;
  readonly [member: string]: unknown;
}

/** A Peer2Peer Connector client for tests. */
export class ConnectorTestClient {
  private constructor(
    private readonly socket: TestSocket<ConnectorFrame>,
    readonly id: string,
  ) {}

  /**
   * Connects. Resolves when the server has told the client its id.
   * @param wsUrl such as that of a `TestServer`
   * @throws Error if the server refuses the connection
   */
  static async connect(wsUrl: string, options: ConnectionOptions = {}): Promise<ConnectorTestClient> {
    const socket = await TestSocket.open(wsUrl, options, (text) => JSON.parse(text) as ConnectorFrame);
    const { data } = await socket.next('Client_Details', ({ event }) => event === 'Client_Details');
    return new ConnectorTestClient(socket, (data as { id: string }).id);
  }

  /** Resolves when the connection has ended, on either side. */
  get closed(): Promise<Closed> {
    return this.socket.closed;
  }

  /** Sends a frame, such as `{ event: 'Message', to: ID, data: 'hello' }`. */
  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /**
   * Returns the oldest unread frame, of this event if one is given, or waits for it.
   * @throws Error if the connection is closed, or no such frame has come within 10 s
   */
  next(event?: string): Promise<ConnectorFrame> {
    return this.socket.next(event ?? 'any frame', (frame) => event === undefined || frame.event === event);
  }

  /** Disconnects. */
  close(): Promise<Closed> {
    return this.socket.close();
  }
}

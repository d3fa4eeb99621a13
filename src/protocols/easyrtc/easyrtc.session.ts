import type { Goodbye } from '../../common/end-reason.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import type { EasyRtcClient } from './easyrtc.client.js';

/** How long what was sent behind a refused login is still answered. */
const REFUSED_LINGER_MS = 50;

/** A connection, from its beginning through its logins to its end. */
export class EasyRtcSession {
  /** Set while it is logged in. */
  client?: EasyRtcClient;
  /** Whether a login was refused; the connection is about to be ended. */
  isRefused = false;

  private timer?: NodeJS.Timeout;

  constructor(readonly connection: SocketIoConnection<EasyRtcSession>) {}

  /** Bytes that are kept for its client. */
  get keptBytes(): number {
    return this.client?.keptBytes ?? 0;
  }

  /** Ends the connection if nobody logs in in time. */
  expectLogin(timeoutMs: number): void {
    this.timer = setTimeout(() => this.connection.end('login timeout'), timeoutMs);
  }

  loggedIn(client: EasyRtcClient): void {
    this.expectNothing();
    this.client = client;
    this.connection.identified(client);
  }

  /** Lets what was sent behind the login be answered, and ends the connection. */
  refuse(): void {
    if (this.isRefused) return;
    this.expectNothing();
    this.isRefused = true;
    this.endSoon('refused');
  }

  /** No timer is left. */
  expectNothing(): void {
    clearTimeout(this.timer);
  }

  private endSoon(reason: Goodbye): void {
    this.timer = setTimeout(() => {
      this.connection.run(() => this.connection.end(reason));
    }, REFUSED_LINGER_MS);
  }
}

import type { Goodbye } from '../../common/end-reason.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import type { EasyRtcClient } from './easyrtc.client.js';

/** Time for which messages after a refused login are still answered. */
const REFUSED_LINGER_MS = 50;

/** The state of a connection through its logins. */
export class EasyRtcSession {
  /** Undefined before the first login. */
  client?: EasyRtcClient;
  /** Whether a login was refused. Then the connection is about to end. */
  isRefused = false;

  private timer?: NodeJS.Timeout;

  constructor(readonly connection: SocketIoConnection<EasyRtcSession>) {}

  /** Bytes of memory that the client holds. */
  get keptBytes(): number {
    return this.client?.keptBytes ?? 0;
  }

  /** Ends the connection unless the client logs in in time. */
  expectLogin(timeoutMs: number): void {
    this.timer = setTimeout(() => this.connection.end('login timeout'), timeoutMs);
  }

  loggedIn(client: EasyRtcClient): void {
    this.expectNothing();
    this.client = client;
    this.connection.identified(client);
  }

  /** Ends the connection soon: messages that follow the refused login are answered first. */
  refuse(): void {
    if (this.isRefused) return;
    this.expectNothing();
    this.isRefused = true;
    this.endSoon('refused');
  }

  /** Stops the timer. */
  expectNothing(): void {
    clearTimeout(this.timer);
  }

  private endSoon(reason: Goodbye): void {
    this.timer = setTimeout(() => {
      this.connection.run(() => this.connection.end(reason));
    }, REFUSED_LINGER_MS);
  }
}

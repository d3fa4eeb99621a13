import type { PeerApplication } from './peer.application.js';
import type { PeerHttpServer } from './peer.types.js';

/** How often a server is asked whether it still listens. Node emits `close` only when the last client has gone. */
const LOOK_MS = 200;

/**
 * Lets an application live as long as its HTTP server: it starts at once, and ends when the server no longer listens.
 * If the server listens again, another application starts.
 */
export class PeerHost {
  private running?: Promise<PeerApplication>;
  private timer?: NodeJS.Timeout;

  /** @param onFailure receives the error of an application that cannot start or end */
  constructor(
    private readonly server: PeerHttpServer,
    private readonly start: () => Promise<PeerApplication>,
    private readonly onFailure: (error: unknown) => void,
  ) {
    server.on('listening', () => this.begin());
    server.on('close', () => this.end());
    this.begin();
  }

  /**
   * Resolves with the application as soon as it has started. Rejects if it cannot start.
   * @returns undefined when the server has ended
   */
  get application(): Promise<PeerApplication> | undefined {
    return this.running;
  }

  private begin(): void {
    if (!this.running) {
      this.running = this.start();
      this.running.catch(this.onFailure);
    }
    if (!this.server.listening) return;
    this.timer ??= setInterval(() => {
      if (!this.server.listening) this.end();
    }, LOOK_MS).unref();
  }

  private end(): void {
    const { running } = this;
    clearInterval(this.timer);
    this.timer = this.running = undefined;
    // A failed start has been reported.
    running?.then((application) => application.close().catch(this.onFailure)).catch(() => undefined);
  }
}

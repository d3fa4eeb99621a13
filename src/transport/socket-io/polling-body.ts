import type { IncomingMessage } from 'node:http';

/** The body of a request, while it comes in. */
export class PollingBody {
  private readonly before: number;

  constructor(private readonly request: IncomingMessage) {
    this.before = request.socket.bytesRead;
  }

  get isComplete(): boolean {
    return this.request.complete || this.request.destroyed;
  }

  /** Bytes of it that have come. */
  get heldBytes(): number {
    return this.isComplete ? 0 : this.request.socket.bytesRead - this.before;
  }
}

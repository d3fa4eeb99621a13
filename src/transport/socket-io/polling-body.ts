import type { IncomingMessage } from 'node:http';

/** The body of a polling request while it arrives. */
export class PollingBody {
  private readonly before: number;

  constructor(private readonly request: IncomingMessage) {
    this.before = request.socket.bytesRead;
  }

  get isComplete(): boolean {
    return this.request.complete || this.request.destroyed;
  }

  /** Bytes of the body that have arrived. */
  get heldBytes(): number {
    return this.isComplete ? 0 : this.request.socket.bytesRead - this.before;
  }
}

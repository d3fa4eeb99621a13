/** Full chunks that are handled in one turn of the event loop. */
const CHUNKS_PER_TURN = 2;

/** A socket whose sender has more to say than is read at once. */
export interface HastySocket {
  /** Handles a chunk, and reads on. */
  readOn(chunk: Buffer): void;
}

/**
 * Lets the sockets of senders in a hurry take turns: a few chunks in each turn of the event loop. All other sockets are read in between,
 * so that they wait for these few chunks only, however many hasty senders there are.
 */
export class ReadTurns {
  private readonly waiting: { socket: HastySocket; chunk: Buffer }[] = [];

  /** Keeps a chunk until it is its turn. Its socket is not to be read before. */
  add(socket: HastySocket, chunk: Buffer): void {
    if (this.waiting.push({ socket, chunk }) === 1) setImmediate(takeTurns, this);
  }

  /** @internal */
  takeTurns(): void {
    for (const { socket, chunk } of this.waiting.splice(0, CHUNKS_PER_TURN)) socket.readOn(chunk);
    if (this.waiting.length > 0) setImmediate(takeTurns, this);
  }
}

function takeTurns(turns: ReadTurns): void {
  turns.takeTurns();
}

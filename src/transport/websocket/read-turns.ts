/** Maximum number of full chunks handled per event-loop turn, of all sockets. */
const CHUNKS_PER_TURN = 2;

/** A socket whose sender has more to send than is read at once. */
export interface TurnTaker {
  /** @internal Handles a chunk and reads on. */
  readOn(chunk: Buffer): void;
}

/**
 * Lets the sockets of fast senders take turns: a few chunks per event-loop turn. All other sockets are read in between,
 * so that they wait for these few chunks only, regardless of the number of fast senders.
 */
export class ReadTurns {
  private readonly waiting: { socket: TurnTaker; chunk: Buffer }[] = [];

  /** Queues a chunk for a later turn. Its socket must not be read until then. */
  add(socket: TurnTaker, chunk: Buffer): void {
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

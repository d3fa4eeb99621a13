import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Short answers of one connection that may be under way at a time. */
const SHORT_AT_ONCE = 16;

/** Requests of one connection that may wait before the connection is no longer read. */
const MAX_WAITING = 16;

/** A request with its answer, and the work that answers it. */
export interface Turn {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** Whether the answer is known to be short. */
  readonly isShort: boolean;
  readonly work: () => void;
}

/** The requests of one connection. */
interface Line {
  /** Number of answers that are under way. */
  begun: number;
  readonly waiting: Turn[];
}

/**
 * Answers the requests of each connection one after the other, and only a few in one turn of the event loop. A client may send
 * more requests before it has read an answer (pipelining, RFC 9112, 9.3.2). Node begins to handle all of them at once, and keeps the
 * answers in memory.
 */
export class RequestTurns {
  private readonly lines = new Map<Socket, Line>();
  private onIdle?: () => void;

  /** Does the work that answers a request: now, or when the earlier answers of its connection are complete. */
  add(turn: Turn): void {
    const { socket } = turn;
    let line = this.lines.get(socket);
    if (!line) this.lines.set(socket, (line = { begun: 0, waiting: [] }));
    if (line.waiting.length === 0 && mayBegin(line, turn)) this.begin(line, turn);
    else if (line.waiting.push(turn) === MAX_WAITING) socket.pause();
  }

  /** Whether a request of a connection is being answered. */
  has(socket: Socket): boolean {
    return this.lines.has(socket);
  }

  /** Resolves as soon as no request is being answered. */
  async idle(): Promise<void> {
    if (this.lines.size === 0) return;
    await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  private begin(line: Line, { socket, response, work }: Turn): void {
    line.begun++;
    // Node emits it after a complete answer, and when the connection of an incomplete one is lost.
    response.once('close', () => this.ended(socket, line));
    work();
  }

  private ended(socket: Socket, line: Line): void {
    line.begun--;
    if (socket.destroyed || (line.begun === 0 && line.waiting.length === 0)) {
      this.lines.delete(socket);
      if (this.lines.size === 0) this.onIdle?.();
    } else if (line.begun === 0) {
      setImmediate(() => this.goOn(socket, line));
    }
  }

  private goOn(socket: Socket, line: Line): void {
    const { waiting } = line;
    for (let [next] = waiting; next && mayBegin(line, next); [next] = waiting) {
      waiting.shift();
      this.begin(line, next);
    }
    if (waiting.length < MAX_WAITING && socket.isPaused()) socket.resume();
  }
}

function mayBegin({ begun }: Line, { isShort }: Turn): boolean {
  return begun < (isShort ? SHORT_AT_ONCE : 1);
}

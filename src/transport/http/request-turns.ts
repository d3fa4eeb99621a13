import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TokenBucket } from '../bounds/token-bucket.js';

/** Maximum number of short answers of one connection that are pending at a time. */
const SHORT_AT_ONCE = 16;

/** Number of waiting requests at which a connection is no longer read. */
const MAX_WAITING = 16;

/** Cost of a short answer and of an answer of the application, such as a file, in small frames. The address pays. */
const SHORT_TOKENS = 4;
const LONG_TOKENS = 32;

/** A request with its answer, and the work that answers it. */
export interface Turn {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** Whether the answer is short for certain. */
  readonly isShort: boolean;
  /** Returns the budget of the address; undefined if the address has no bounds. */
  readonly budget: () => TokenBucket | undefined;
  readonly work: () => void;
}

/** The requests of one connection. */
interface Line {
  /** Number of pending answers. */
  begun: number;
  readonly waiting: Turn[];
  /** Runs while the connection waits for its address to pay a debt. */
  debtTimer?: NodeJS.Timeout;
}

/**
 * Answers the requests of each connection one after the other, and only a few in one turn of the event loop. A client
 * may send more requests before it reads an answer (pipelining, RFC 9112, 9.3.2). Node would handle all of them at once
 * and keep the answers in memory. While an address is in debt, its requests wait.
 */
export class RequestTurns {
  private readonly lines = new Map<Socket, Line>();
  private onIdle?: () => void;
  private isDraining = false;

  /** Runs the work that answers a request, now or after the earlier answers of its connection. */
  add(turn: Turn): void {
    const { socket } = turn;
    let line = this.lines.get(socket);
    if (!line) this.lines.set(socket, (line = { begun: 0, waiting: [] }));
    if (line.waiting.length === 0 && this.tryToBegin(line, turn)) return;
    if (line.waiting.push(turn) === MAX_WAITING) socket.pause();
  }

  /** Whether a request of a connection is being answered. */
  has(socket: Socket): boolean {
    return this.lines.has(socket);
  }

  /** Resolves as soon as no request is being answered. From now on no request waits for a debt. */
  async drained(): Promise<void> {
    this.isDraining = true;
    for (const [socket, line] of this.lines) {
      if (!line.debtTimer) continue;
      clearTimeout(line.debtTimer);
      line.debtTimer = undefined;
      this.goOn(socket, line);
    }
    if (this.lines.size === 0) return;
    await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  /** Answers a request if it may be answered now. If only a debt forbids it, a timer tries again. */
  private tryToBegin(line: Line, { socket, response, isShort, budget, work }: Turn): boolean {
    if (line.debtTimer || line.begun >= (isShort ? SHORT_AT_ONCE : 1)) return false;
    const payer = budget();
    const waitMs = this.isDraining ? 0 : (payer?.sharedWaitMs(performance.now()) ?? 0);
    if (waitMs > 0) {
      line.debtTimer = setTimeout(() => {
        line.debtTimer = undefined;
        this.goOn(socket, line);
      }, waitMs);
      return false;
    }
    line.begun++;
    payer?.take(isShort ? SHORT_TOKENS : LONG_TOKENS, performance.now());
    // Node emits `close` after a complete answer, and when the connection of an incomplete one is lost.
    response.once('close', () => this.ended(socket, line));
    work();
    return true;
  }

  private ended(socket: Socket, line: Line): void {
    line.begun--;
    if (socket.destroyed || (line.begun === 0 && line.waiting.length === 0)) this.forget(socket, line);
    else if (line.begun === 0) setImmediate(() => this.goOn(socket, line));
  }

  private forget(socket: Socket, line: Line): void {
    clearTimeout(line.debtTimer);
    if (this.lines.delete(socket) && this.lines.size === 0) this.onIdle?.();
  }

  private goOn(socket: Socket, line: Line): void {
    if (socket.destroyed) {
      this.forget(socket, line);
      return;
    }
    const { waiting } = line;
    while (waiting[0] && this.tryToBegin(line, waiting[0])) waiting.shift();
    if (waiting.length < MAX_WAITING && socket.isPaused()) socket.resume();
  }
}

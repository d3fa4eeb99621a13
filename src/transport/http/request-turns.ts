import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TokenBucket } from '../bounds/token-bucket.js';

/** Short answers of one connection that may be under way at a time. */
const SHORT_AT_ONCE = 16;

/** Requests of one connection that may wait before the connection is no longer read. */
const MAX_WAITING = 16;

/** What an answer costs the budget of the address, in small frames: a short one, and one of the application, such as a file. */
const SHORT_TOKENS = 4;
const LONG_TOKENS = 32;

/** How long a connection waits at least while its address is in debt, because many others of the address wait as well. */
const DEBT_WAIT_MS = 20;

/** A request with its answer, and the work that answers it. */
export interface Turn {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** Whether the answer is known to be short. */
  readonly isShort: boolean;
  /** What the address may cost; undefined if it has no bounds. */
  readonly budget: () => TokenBucket | undefined;
  readonly work: () => void;
}

/** The requests of one connection. */
interface Line {
  /** Number of answers that are under way. */
  begun: number;
  readonly waiting: Turn[];
  /** Runs while the connection waits until its address has paid. */
  debtTimer?: NodeJS.Timeout;
}

/**
 * Answers the requests of each connection one after the other, and only a few in one turn of the event loop. A client may send
 * more requests before it has read an answer (pipelining, RFC 9112, 9.3.2). Node begins to handle all of them at once, and keeps the
 * answers in memory. While an address is in debt, its requests wait.
 */
export class RequestTurns {
  private readonly lines = new Map<Socket, Line>();
  private onIdle?: () => void;

  /** Does the work that answers a request: now, or when the earlier answers of its connection are complete. */
  add(turn: Turn): void {
    const { socket } = turn;
    let line = this.lines.get(socket);
    if (!line) this.lines.set(socket, (line = { begun: 0, waiting: [] }));
    if (line.waiting.length === 0 && this.mayBegin(line, turn)) this.begin(line, turn);
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

  private begin(line: Line, { socket, response, isShort, budget, work }: Turn): void {
    line.begun++;
    budget()?.take(isShort ? SHORT_TOKENS : LONG_TOKENS, performance.now());
    // Node emits it after a complete answer, and when the connection of an incomplete one is lost.
    response.once('close', () => this.ended(socket, line));
    work();
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
    for (let [next] = waiting; next && this.mayBegin(line, next); [next] = waiting) {
      waiting.shift();
      this.begin(line, next);
    }
    if (waiting.length < MAX_WAITING && socket.isPaused()) socket.resume();
  }

  /** Whether a request may be answered now. If only a debt forbids it, its connection is looked at again later. */
  private mayBegin(line: Line, { socket, isShort, budget }: Turn): boolean {
    if (line.debtTimer || line.begun >= (isShort ? SHORT_AT_ONCE : 1)) return false;
    const debtMs = budget()?.debtMs(performance.now()) ?? 0;
    if (debtMs === 0) return true;
    line.debtTimer = setTimeout(
      () => {
        line.debtTimer = undefined;
        this.goOn(socket, line);
      },
      Math.max(debtMs, DEBT_WAIT_MS),
    );
    return false;
  }
}

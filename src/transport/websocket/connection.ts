import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import { CLOSE_CODES } from '../endpoint/close-codes.js';
import type { KeptClient, OpenConnection } from '../lifecycle/connections.js';
import { DirectWebSocket } from './direct-websocket.js';
import type { Endpoint } from './endpoint.js';
import { LifeCheck } from '../lifecycle/life-check.js';
import { PacedQueue, type QueueOwner } from '../bounds/paced-queue.js';
import type { Place } from '../bounds/places.js';
import { StalledMessage } from '../bounds/stalled-message.js';
import type { Frame } from './text-frame.js';

/** How much may wait behind a slow frame before the socket is no longer read. */
const WAITING_FRAMES = 64;
const WAITING_BYTES = 65_536;

/**
 * A WebSocket connection of this node. It is a queue: its registration, its frames in order, and its end, one after the
 * other; a frame is handled at once when nothing is under way.
 */
export class Connection extends DirectWebSocket implements OpenConnection, QueueOwner {
  /** What the protocol's gateway made of this connection; undefined until it is registered. */
  client?: KeptClient;
  place!: Place;
  /** When it was opened, of `performance.now()`. */
  openedAt = 0;
  /** When it last gave a sign of life, and when it is to be pinged: of `Connections.clockMs`. */
  seenAt = 0;
  pingAt = 0;
  /** Why it has ended, or is ending; undefined while it is in use. */
  endReason?: EndReason;
  /** Number of frames, pings and pongs that have come. */
  signs = 0;

  private endpoint!: Endpoint;
  private queue!: PacedQueue;
  private framesIn = 0;
  private framesOut = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  /** Set when a message was under way for the first time. */
  private stalled?: StalledMessage;
  /** Bytes of the frames that wait behind a slow one. */
  private queuedBytes = 0;
  private lifeCheck?: LifeCheck;

  /** Starts to listen; frames wait until `run` has ended. */
  open(endpoint: Endpoint, place: Place): void {
    const { limits, connections } = endpoint;
    this.endpoint = endpoint;
    this.place = place;
    this.openedAt = performance.now();
    this.seenAt = connections.clockMs;
    this.pingAt = connections.clockMs + Math.random() * connections.pingIntervalMs;
    this.queue = new PacedQueue(this, limits, place.budget);
    connections.add(this);
  }

  /** The IP address that it comes from. */
  get address(): string {
    return this.place.address;
  }

  /**
   * Writes a frame. What is written during one turn of the event loop goes out together. A connection that is ending
   * takes nothing; one that has not read more than the bound is ended.
   * @param kind what it counts as
   * @returns bytes that were written
   */
  write(frame: Frame, kind = 'other'): number {
    if (this.endReason !== undefined || !this.writeFrame(frame)) return 0;
    this.framesOut++;
    this.bytesOut += frame.length;
    this.endpoint.traffic.out.add(kind, frame.length);
    return frame.length;
  }

  protected override tooSlow(): void {
    this.end('too slow');
  }

  get traffic(): Traffic {
    const { framesIn, framesOut, bytesIn, bytesOut, waitingBytes, endpoint } = this;
    const { clockMs, clockedAt } = endpoint.connections;
    const lastSeenAt = Math.round(clockedAt - (clockMs - this.seenAt));
    return { framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt };
  }

  /** Ends the connection with a close frame; what it has sent and was not handled yet is dropped. */
  end(reason: Goodbye): void {
    if (this.endReason !== undefined) return;
    this.endReason = reason;
    this.queue.clear();
    // Else the answer to the close frame would not be read.
    if (this.isPaused) this.resume();
    this.close(CLOSE_CODES[reason], reason);
  }

  /**
   * Called by `end`, and by ws: with the code and the reason of the peer when its close frame has come, with a code alone
   * when the peer broke the WebSocket protocol or a bound of it. From then on nobody is there.
   */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    this.endReason ??= code !== undefined && reason === undefined ? 'protocol violation' : 'closed by client';
    this.queue.senderGone();
    this.lifeCheck?.end(false);
    this.finish();
  }

  /** Ends the connection without a goodbye. */
  cut(reason: EndReason): void {
    this.endReason ??= reason;
    this.queue.clear();
    this.terminate();
  }

  get heldBytes(): number {
    return this.waitingBytes + this.unfinishedBytes + this.queuedBytes + (this.client?.keptBytes ?? 0);
  }

  /** Looks for a sign of life, and asks for one if it is time. */
  beat(clockMs: number, deadAfterMs: number): void {
    const { connections } = this.endpoint;
    // What is not read gives no sign of life.
    if (this.isPaused) this.seenAt = clockMs;
    const isUnderWay = this.unfinishedBytes > 0 && !this.isPaused;
    if (isUnderWay || this.stalled) {
      this.stalled ??= new StalledMessage();
      if (this.stalled.look(this.framesIn, isUnderWay, clockMs) > this.endpoint.limits.stallTimeoutMs) {
        this.end('message timeout');
      }
    }
    if (clockMs - this.seenAt > deadAfterMs) {
      this.cut('no sign of life');
    } else if (clockMs >= this.pingAt) {
      this.pingAt += connections.pingIntervalMs;
      this.ping();
    }
  }

  /**
   * Asks for a sign of life, and cuts the connection if none comes in time. To be called again only when this has resolved.
   * @returns whether one has come
   */
  async prove(timeoutMs: number): Promise<boolean> {
    if (this.endReason !== undefined) return false;
    const check = (this.lifeCheck = new LifeCheck(timeoutMs));
    this.ping();
    // What is not read gives no sign of life.
    const isAlive = (await check.outcome) || this.isPaused;
    this.lifeCheck = undefined;
    if (this.hasEnded()) return false;
    if (!isAlive) this.cut('no sign of life');
    return isAlive;
  }

  private hasEnded(): boolean {
    return this.endReason !== undefined;
  }

  /** Makes the client pay for what a frame of it has led to: tokens, of which a small frame costs one. */
  charge(tokens: number): void {
    this.queue.charge(tokens);
  }

  /** Does a piece of work; whatever comes meanwhile waits until it has ended. */
  run(work: () => void | Promise<void>): void {
    this.queue.add(work);
  }

  /** @internal */
  failed(error: unknown): void {
    this.endpoint.fail(this, error);
  }

  /** @internal */
  delayed(): void {
    if (this.endReason === undefined) this.pause();
  }

  /** @internal */
  idle(): void {
    this.queuedBytes = 0;
    if (this.endReason !== undefined) this.finish();
    else if (this.isPaused) this.resume();
  }

  /** What ws has to tell. Listeners would cost time and memory for each connection, and nobody else listens. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    switch (event) {
      case 'message':
        this.received(args[0] as Buffer, args[1] as boolean);
        break;
      case 'pong':
        this.ponged();
        break;
      case 'ping':
        this.admit(0);
        break;
      case 'close':
        this.closed(args[0] as number);
        break;
      default:
      // An error: ws has called `close` already.
    }
    return true;
  }

  /** @internal */
  override receivedText(bytes: Buffer): void {
    this.received(bytes, false);
  }

  private ponged(): void {
    // What others have asked costs the client nothing.
    if (this.lifeCheck) this.noteLife();
    else this.admit(0);
  }

  private received(bytes: Buffer, isBinary: boolean): void {
    if (!this.admit(bytes.length)) return;
    this.framesIn++;
    this.bytesIn += bytes.length;
    const { queue } = this;
    if (queue.isBusy) this.queuedBytes += bytes.length;
    queue.add(() => {
      // Frames of a connection that was refused are nobody's.
      if (this.client) return this.endpoint.dispatch(this, bytes, isBinary);
    });
    if (queue.length >= WAITING_FRAMES || this.queuedBytes >= WAITING_BYTES) this.pause();
  }

  /** Counts one more sign of life; false if there were too many of them. */
  private admit(bytes: number): boolean {
    if (this.endReason !== undefined) return false;
    this.noteLife();
    if (this.queue.admit(bytes)) return true;
    this.endpoint.rateExceeded(this);
    return false;
  }

  private noteLife(): void {
    this.seenAt = this.endpoint.connections.clockMs;
    this.signs++;
    this.lifeCheck?.end(true);
  }

  private closed(code: number): void {
    this.endpoint.connections.remove(this);
    this.endReason ??= code === 1006 ? 'connection lost' : 'closed by client';
    this.queue.senderGone();
    this.lifeCheck?.end(false);
    this.finish();
  }

  /** Hands the client back to its gateway, once, when nothing of it is under way any more. */
  private finish(): void {
    if (this.queue.isBusy) return;
    const { client } = this;
    this.client = undefined;
    if (!client) return;
    this.run(() => this.endpoint.ended(this, client));
  }
}

import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import type { Place } from '../bounds/places.js';
import { StalledMessage } from '../bounds/stalled-message.js';
import { ConnectionCore, type CoreOwner } from '../endpoint/connection-core.js';
import { CLOSE_CODES, closeReason } from '../endpoint/goodbyes.js';
import type { OpenConnection } from '../lifecycle/connections.js';
import { LifeCheck } from '../lifecycle/life-check.js';
import { DirectWebSocket } from './direct-websocket.js';
import type { Endpoint, EndpointClient } from './endpoint.js';
import type { Frame } from './text-frame.js';

/**
 * Frames, and bytes of frames, that may wait behind a slow one. From then on the socket is not read, so that TCP slows
 * the sender down. (socket.io cannot do so; see `MAX_QUEUED` of `SocketIoConnection`.)
 */
const MAX_QUEUED = 64;
const MAX_QUEUED_BYTES = 65_536;

/** The code that ws reports when the connection ends without a close frame (RFC 6455, 7.1.5). */
const ABNORMAL = 1006;

/** A WebSocket connection of a client to this node. */
export class Connection<C extends EndpointClient = EndpointClient>
  extends DirectWebSocket
  implements OpenConnection, CoreOwner
{
  core!: ConnectionCore<C>;
  place!: Place;
  /** Number of frames, pings and pongs that the client has sent. */
  signsOfLife = 0;

  private endpoint!: Endpoint<C>;
  /** Last sign of life, and time of the next ping: times of `Connections.clockMs`. */
  private seenAt = 0;
  private pingAt = 0;
  /** Watches incomplete messages, once there has been one. */
  private stalled?: StalledMessage;
  private lifeCheck?: LifeCheck;

  /** Starts to receive. Frames wait until the client is registered. */
  open(endpoint: Endpoint<C>, place: Place): void {
    const { connections } = endpoint.core;
    this.endpoint = endpoint;
    this.place = place;
    this.seenAt = connections.clockMs;
    this.pingAt = connections.clockMs + Math.random() * connections.pingIntervalMs;
    this.core = new ConnectionCore<C>(this, endpoint.core, place.budget);
    connections.add(this);
  }

  /** The client's IP address. */
  get address(): string {
    return this.place.address;
  }

  /** Why the connection has ended, or is ending; undefined while it is in use. */
  get endReason(): EndReason | undefined {
    return this.core.endReason;
  }

  /**
   * Writes a frame together with all others of this turn of the event loop. An ending connection drops it. A client
   * that has more bytes to read than the bound is disconnected.
   * @param kind the kind as which the frame is counted
   * @returns number of bytes written
   */
  write(frame: Frame, kind = 'other'): number {
    const { core } = this;
    if (core.endReason !== undefined || !this.writeFrame(frame)) return 0;
    core.framesOut++;
    core.bytesOut += frame.length;
    this.endpoint.core.traffic.out.add(kind, frame.length);
    return frame.length;
  }

  protected override tooSlow(): void {
    this.end('too slow');
  }

  get traffic(): Traffic {
    const { clockMs, clockedAt } = this.endpoint.core.connections;
    return this.core.traffic(this.waitingBytes, Math.round(clockedAt - (clockMs - this.seenAt)));
  }

  /** Ends the connection with a close frame, and drops the client's frames that were not handled yet. */
  end(reason: Goodbye, words?: string): void {
    const { core } = this;
    if (core.endReason !== undefined) return;
    core.endReason = reason;
    core.clear();
    // A paused socket would not read the client's close frame.
    if (this.isPaused) this.resume();
    this.close(CLOSE_CODES[reason], closeReason(reason, words));
  }

  /**
   * Closes the connection and ends its client. Beside `end`, ws calls it, after a close frame or a fault of the client.
   */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    this.clientGone(this.isFault(code, reason) ? 'protocol violation' : 'closed by client');
  }

  /** Ends the connection without a close frame. */
  cut(reason: EndReason): void {
    this.core.endReason ??= reason;
    this.core.clear();
    this.terminate();
  }

  get heldBytes(): number {
    return this.waitingBytes + this.unfinishedBytes + this.core.heldBytes;
  }

  /**
   * Ends a connection without a sign of life, or with a message that stays incomplete, and sends a ping when one is
   * due.
   */
  beat(clockMs: number, deadAfterMs: number): void {
    const { connections, limits } = this.endpoint.core;
    // A socket that is not read gives no sign of life.
    if (this.isPaused) this.seenAt = clockMs;
    if (this.stalledMs(clockMs) > limits.stallTimeoutMs) this.end('message timeout');
    if (clockMs - this.seenAt > deadAfterMs) {
      this.cut('no sign of life');
    } else if (clockMs >= this.pingAt) {
      this.pingAt += connections.pingIntervalMs;
      this.ping();
    }
  }

  private stalledMs(clockMs: number): number {
    const isUnderWay = this.unfinishedBytes > 0 && !this.isPaused;
    if (!isUnderWay && !this.stalled) return 0;
    this.stalled ??= new StalledMessage();
    return this.stalled.look(this.core.framesIn, isUnderWay, clockMs);
  }

  /**
   * Pings the client, and cuts the connection if no sign of life follows in time. Call it again only after it has
   * resolved.
   * @returns whether there was a sign of life
   */
  async prove(timeoutMs: number): Promise<boolean> {
    if (this.endReason !== undefined) return false;
    const check = (this.lifeCheck = new LifeCheck(timeoutMs));
    this.ping();
    // A socket that is not read gives no sign of life.
    const isAlive = (await check.outcome) || this.isPaused;
    this.lifeCheck = undefined;
    if (this.hasEnded()) return false;
    if (!isAlive) this.cut('no sign of life');
    return isAlive;
  }

  /** A method, because TypeScript would assume that `endReason` has not changed during an await. */
  private hasEnded(): boolean {
    return this.endReason !== undefined;
  }

  /** Charges the client for the effects of its frame, in tokens (`costOf`). */
  charge(tokens: number): void {
    this.core.queue.charge(tokens);
  }

  limitRate(framesPerSecond: number): void {
    this.core.queue.limitRate(framesPerSecond);
  }

  whileOpen<T>(ask: (gone: AbortSignal) => T | Promise<T>): Promise<T> {
    return this.core.whileOpen(ask);
  }

  /** Answers an error in the protocol's own words. */
  failed(error: unknown): void {
    this.endpoint.core.fail(this, error);
  }

  /**
   * Receives the events of ws. Event listeners would cost time and memory for each connection, and nothing else
   * listens. An `error` needs no answer: ws has called `close` before it.
   */
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
    }
    return true;
  }

  /** @internal */
  override receivedText(bytes: Buffer): void {
    this.received(bytes, false);
  }

  private ponged(): void {
    // The client does not pay for a pong that a `prove` asked for.
    if (this.lifeCheck) this.markAlive();
    else this.admit(0);
  }

  private received(bytes: Buffer, isBinary: boolean): void {
    if (!this.admit(bytes.length)) return;
    const { core } = this;
    core.framesIn++;
    core.bytesIn += bytes.length;
    core.enqueue(bytes.length, () => {
      const client = core.dequeue(bytes.length);
      if (client) return this.endpoint.dispatch(this, client, bytes, isBinary);
    });
    if (core.queue.length >= MAX_QUEUED || core.queuedBytes >= MAX_QUEUED_BYTES) this.pause();
  }

  /** Counts a frame as a sign of life and lets the client pay for it. Returns false for a frame that is dropped. */
  private admit(bytes: number): boolean {
    if (this.core.endReason !== undefined) return false;
    this.markAlive();
    if (this.core.queue.admit(bytes)) return true;
    this.endpoint.core.rateExceeded(this);
    return false;
  }

  private markAlive(): void {
    this.seenAt = this.endpoint.core.connections.clockMs;
    this.signsOfLife++;
    this.lifeCheck?.end(true);
  }

  private closed(code: number): void {
    this.endpoint.core.connections.remove(this);
    this.clientGone(code === ABNORMAL ? 'connection lost' : 'closed by client');
  }

  private clientGone(reason: EndReason): void {
    this.lifeCheck?.end(false);
    this.core.clientGone(reason);
  }
}

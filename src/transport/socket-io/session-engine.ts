import type { IncomingMessage } from 'node:http';
import { Server as Engine, type Socket as EngineSocket, type Transport } from 'engine.io';
import type { EndReason } from '../../common/end-reason.js';
import type { LimitOptions } from '../../config/sections/limit.options.js';
import type { Flusher } from '../websocket/flusher.js';
import { EngineServer, EngineWebSocket } from './engine-websocket.js';
import { boundPayloads } from './payload-bound.js';

/** Base of the relative URLs that requests have. */
const BASE = 'https://socket.io';

/** Our words for engine.io's reasons. */
export const END_REASONS: Readonly<Record<string, EndReason>> = {
  'transport close': 'closed by client',
  'transport error': 'connection lost',
  'ping timeout': 'no sign of life',
  'parse error': 'protocol violation',
};

/** Options of a SessionEngine. */
interface SessionEngineOptions {
  readonly limits: LimitOptions;
  readonly flusher: Flusher;
  readonly pingIntervalMs: number;
  readonly deadAfterMs: number;
  /** Whether the router has admitted a request that is about to open a session. */
  readonly isAdmitted: (request: IncomingMessage) => boolean;
}

/** The server of engine.io, with our WebSockets below it, and with bounds on the payloads of polling requests. */
export class SessionEngine extends Engine {
  private readonly limits: LimitOptions;

  constructor({ limits, flusher, pingIntervalMs, deadAfterMs, isAdmitted }: SessionEngineOptions) {
    super({
      allowEIO3: true,
      wsEngine: class extends EngineServer {
        constructor() {
          super(EngineWebSocket, flusher, limits);
        }
      },
      // Router and engine.io decide apart whether a request opens a session. engine.io must not open one that the
      // router has not seen.
      allowRequest: (request, decide) => decide(undefined, isAdmitted(request)),
      maxHttpBufferSize: limits.maxFrameBytes,
      pingInterval: pingIntervalMs,
      pingTimeout: deadAfterMs - pingIntervalMs,
    });
    this.limits = limits;
  }

  /** Finds the session that a request belongs to. It reads the id from the URL as engine.io does. */
  sessionOf({ url = '' }: IncomingMessage): EngineSocket | undefined {
    const sid = URL.canParse(url, BASE) ? new URL(url, BASE).searchParams.getAll('sid').at(-1) : undefined;
    return sid !== undefined && Object.hasOwn(this.clients, sid) ? this.clients[sid] : undefined;
  }

  protected override createTransport(...args: Parameters<Engine['createTransport']>): Transport {
    // A reload may have changed it.
    this.opts.maxHttpBufferSize = this.limits.maxFrameBytes;
    const transport = super.createTransport(...args);
    return transport.name === 'polling' ? boundPayloads(transport) : transport;
  }
}

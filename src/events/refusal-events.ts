import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Refusal, RefusalLog } from '../logging/refusal-log.js';
import type { ClientRefused } from './server-event.js';
import { type NewEvent, ServerEvents } from './server-events.js';

/** Most events in a second. */
const MAX_EVENTS = 10;
const WINDOW_MS = 1000;

/** Emits `client.refused`, at most ten times a second. The events of a second count all refusals of it. */
@Injectable()
export class RefusalEvents implements OnApplicationShutdown {
  private emitted = 0;
  /** Refusals without an event of their own. */
  private suppressed = 0;
  /** The last suppressed refusal. */
  private last?: NewEvent<ClientRefused>;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly events: ServerEvents,
    refusals: RefusalLog,
  ) {
    refusals.onRefusal = (address, refusal) => this.refused(address, refusal);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.emitLast();
  }

  private refused(address: string, refusal: Refusal): void {
    if (!refusal.isConnection) return;
    this.timer ??= setTimeout(() => this.endWindow(), WINDOW_MS).unref();
    if (this.emitted < MAX_EVENTS) {
      this.emitted++;
      this.events.emit(eventOf(address, refusal));
    } else {
      this.suppressed++;
      this.last = eventOf(address, refusal);
    }
  }

  private endWindow(): void {
    this.timer = undefined;
    this.emitted = 0;
    if (!this.emitLast()) return;
    this.emitted = 1;
    this.timer = setTimeout(() => this.endWindow(), WINDOW_MS).unref();
  }

  /**
   * Emits the last suppressed refusal, with the number of the others.
   * @returns false if no refusal was suppressed
   */
  private emitLast(): boolean {
    const { last, suppressed } = this;
    if (!last) return false;
    this.last = undefined;
    this.suppressed = 0;
    this.events.emit({ ...last, suppressed: suppressed - 1 });
    return true;
  }
}

function eventOf(address: string, { protocol, realm = '', status, code, reason }: Refusal): NewEvent<ClientRefused> {
  const why = [status ?? code, reason].filter((part) => part !== undefined).join(': ');
  const ofProtocol = protocol === undefined ? {} : { protocol };
  return { type: 'client.refused', realm, ...ofProtocol, address, reason: why, suppressed: 0 };
}

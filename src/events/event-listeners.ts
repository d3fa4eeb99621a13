import { type EventPattern, typesOf } from '../common/event-types.js';
import type { Log } from '../logging/log.js';
import type { EventOf, ServerEvent, ServerEventType } from './server-event.js';

/** A listener for events. If it returns a promise, its rejection is logged; other results are ignored. */
export type ServerEventListener<P extends EventPattern = ServerEventType> = (event: EventOf<P>) => unknown;

type AnyListener = (event: never) => unknown;

/**
 * Listeners by the types that they hear. An event calls each listener as often as it was added. Errors and rejections of
 * listeners are logged.
 */
export class EventListeners {
  private readonly byType = new Map<ServerEventType, readonly AnyListener[]>();

  constructor(private readonly log: Log) {}

  /** @returns a function that removes the listener */
  add<P extends EventPattern>(pattern: P, listener: ServerEventListener<P>): () => void {
    const own: AnyListener = (event) => listener(event);
    const types = typesOf(pattern);
    for (const type of types) this.byType.set(type, [...this.of(type), own]);
    return () => {
      for (const type of types) {
        const others = this.of(type).filter((other) => other !== own);
        if (others.length > 0) this.byType.set(type, others);
        else this.byType.delete(type);
      }
    };
  }

  has(type: ServerEventType): boolean {
    return this.byType.has(type);
  }

  get isEmpty(): boolean {
    return this.byType.size === 0;
  }

  /** Calls the listeners for an event, in the order in which they were added. Never throws. */
  tell(event: ServerEvent): void {
    for (const listener of this.of(event.type)) {
      try {
        const outcome = listener(event as never);
        // Promise.resolve also takes thenables, which some libraries return.
        if (outcome !== undefined) Promise.resolve(outcome).catch((error: unknown) => this.failed(event, error));
      } catch (error) {
        this.failed(event, error);
      }
    }
  }

  private failed({ type, id }: ServerEvent, err: unknown): void {
    this.log.logger.error({ err, event: type, id }, 'a listener of an event has failed');
  }

  private of(type: ServerEventType): readonly AnyListener[] {
    return this.byType.get(type) ?? [];
  }
}

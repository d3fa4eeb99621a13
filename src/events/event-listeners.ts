import type { EventOf, EventPattern, ServerEvent, ServerEventType } from './server-event.js';
import { typesOf } from './server-event.js';

/** A listener for events. If it returns a promise, its rejection is logged; other results are ignored. */
export type ServerEventListener<P extends EventPattern = ServerEventType> = (event: EventOf<P>) => unknown;

/** Receives errors and rejections of listeners. */
export type ListenerFailure = (event: ServerEvent, error: unknown) => void;

type AnyListener = (event: never) => unknown;

/** Listeners by the types that they hear. Each listener is called once for an event, as often as it was added. */
export class EventListeners {
  private readonly byType = new Map<ServerEventType, readonly AnyListener[]>();

  constructor(private readonly onFailure: ListenerFailure) {}

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
        if (outcome !== undefined) Promise.resolve(outcome).catch((error: unknown) => this.onFailure(event, error));
      } catch (error) {
        this.onFailure(event, error);
      }
    }
  }

  private of(type: ServerEventType): readonly AnyListener[] {
    return this.byType.get(type) ?? [];
  }
}

import 'reflect-metadata';
import type { EventPattern } from '../common/event-types.js';
import type { EventOf } from './server-event.js';

const SUBSCRIPTIONS = 'signalbox:server-events';

/** An event that a method hears. */
export interface EventSubscription {
  readonly pattern: EventPattern;
  /** Whether it hears the events of all nodes. */
  readonly cluster: boolean;
}

/**
 * Calls the method of a provider or controller for each event of this node, or of all nodes, as `ServerEvents.on` and
 * `ServerEvents.cluster.on` do. It may stand several times on a method. The provider must not be request-scoped.
 * @param pattern a type; `room.*` and the like; `*` for all but `signal.relayed`
 */
export function OnServerEvent<P extends EventPattern>(pattern: P, { cluster = false }: { cluster?: boolean } = {}) {
  return <M extends (event: EventOf<P>) => unknown>(
    _prototype: object,
    _name: string | symbol,
    { value: method }: TypedPropertyDescriptor<M>,
  ): void => {
    if (!method) return;
    Reflect.defineMetadata(SUBSCRIPTIONS, [...subscriptionsOf(method), { pattern, cluster }], method);
  };
}

/** Returns the events that a method hears. */
export function subscriptionsOf(method: object): readonly EventSubscription[] {
  return (Reflect.getMetadata(SUBSCRIPTIONS, method) ?? []) as readonly EventSubscription[];
}

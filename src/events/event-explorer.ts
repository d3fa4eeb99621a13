import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { subscriptionsOf } from './on-server-event.js';
import { ServerEvents } from './server-events.js';

type Methods = Record<string, (event: unknown) => unknown>;

/** Subscribes the methods with `@OnServerEvent` of all providers and controllers of the application. */
@Injectable()
export class EventExplorer implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly events: ServerEvents,
  ) {}

  /** @throws Error for a method of a provider that is created for each request */
  onModuleInit(): void {
    // A provider may have several tokens.
    const seen = new Set<unknown>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const { metatype } = wrapper;
      const instance = (wrapper.isDependencyTreeStatic() ? wrapper.instance : undefined) as Methods | undefined;
      const prototype = instance ? (Object.getPrototypeOf(instance) as Methods | null) : prototypeOf(metatype);
      if (!prototype || seen.has(instance ?? metatype)) continue;
      seen.add(instance ?? metatype);
      this.subscribe(prototype, instance, String(wrapper.name));
    }
  }

  private subscribe(prototype: Methods, instance: Methods | undefined, provider: string): void {
    for (const name of this.scanner.getAllMethodNames(prototype)) {
      for (const { pattern, cluster } of subscriptionsOf(prototype[name]!)) {
        if (!instance) throw new Error(`@OnServerEvent: ${provider} must not be request-scoped`);
        const source = cluster ? this.events.cluster : this.events;
        source.on(pattern, (event: unknown) => instance[name]!(event));
      }
    }
  }
}

/** Returns the methods of a class that has no instance yet. */
function prototypeOf(metatype: unknown): Methods | undefined {
  return typeof metatype === 'function' ? (metatype.prototype as Methods | undefined) : undefined;
}

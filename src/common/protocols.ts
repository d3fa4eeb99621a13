import { Injectable } from '@nestjs/common';
import type { Signal } from './signal.js';

/** A protocol, as far as the core knows it. */
export interface Protocol {
  /** Its name in the directory, in logs, in metrics and in the admin API. */
  readonly name: string;
  /** Whether the protocol has a message for this signal. */
  accepts(signal: Signal): boolean;
  /** Returns the application's name for a message of this protocol, if the protocol has such names. */
  typeOf?(signal: Signal): string | undefined;
}

/**
 * The protocols that this server speaks. Each protocol's module registers its codec once, while the application starts.
 */
@Injectable()
export class Protocols {
  private readonly byName = new Map<string, Protocol>();

  /** @throws Error if the name is in use */
  register(protocol: Protocol): void {
    if (this.byName.has(protocol.name)) throw new Error(`The protocol ${protocol.name} is registered already`);
    this.byName.set(protocol.name, protocol);
  }

  /** Names of all protocols, sorted: modules are constructed in no fixed order. */
  get names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  get(name: string): Protocol | undefined {
    return this.byName.get(name);
  }

  /** Returns the application's name for a message; undefined if its sender's protocol has no such names. */
  typeOf(signal: Signal): string | undefined {
    const { type, native } = signal;
    return type ?? (native && this.byName.get(native.protocol)?.typeOf?.(signal));
  }

  /**
   * Whether the clients of a protocol accept a signal. True for a protocol that only other nodes speak: they decide.
   */
  accepts(name: string, signal: Signal): boolean {
    return this.byName.get(name)?.accepts(signal) ?? true;
  }
}

import { Injectable } from '@nestjs/common';
import { ClientDirectory, type ClientEntry } from '../clients/client-directory.js';
import { ClientsHere } from '../clients/clients-here.js';
import { sharingGroup } from '../common/address-share.js';
import { DomainError } from '../common/domain-error.js';
import { type BusMessageOf, MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Protocols } from '../common/protocols.js';
import { RealmMap } from '../common/realm-map.js';
import type { Signal } from '../common/signal.js';
import { Locations } from './locations.js';

/**
 * Call to a client's former node; resolves once that node has forwarded all signals that it still had for the client.
 */
export const FORWARDED = 'signals sent on';
/** How long new signals to a client that has moved wait at most for the older ones. */
const FORWARDED_TIMEOUT_MS = 300;

/** The argument of `FORWARDED`. */
export interface Target {
  readonly realm: string;
  readonly id: string;
}

/** Delivery instructions that accompany a signal to another node. */
export type Delivery = Pick<BusMessageOf<'signal'>, 'node' | 'mayWait' | 'moves'>;

/**
 * Delivers signals to clients wherever they are: to clients of this node directly, to others over the bus. The nodes of
 * recent targets are cached, so that most signals need no look-up.
 */
@Injectable()
export class SignalRouter {
  /** For signals that fail if their target is absent. */
  readonly immediate: Delivery;
  /** For signals that are queued if their target is absent. */
  readonly queueable: Delivery;

  private readonly locations = new Locations();
  /** Targets that have left another node, until that node has forwarded all signals that it still had for them. */
  private readonly relocations = new RealmMap<Promise<void>>();

  constructor(
    private readonly directory: ClientDirectory,
    private readonly here: ClientsHere,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    private readonly calls: NodeCalls,
    private readonly protocols: Protocols,
  ) {
    this.immediate = { node: node.name, mayWait: false, moves: 0 };
    this.queueable = { node: node.name, mayWait: true, moves: 0 };
    bus.onMessage('gone', (message) => this.onGone(message));
  }

  /** Whether a client is connected to any node; false while this node is still registering it. */
  async isConnected(realm: string, id: string): Promise<boolean> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return false;
    return entry.node !== this.node.name || this.here.get(realm, id) !== undefined;
  }

  /** The address group to which a client's queued signals count; undefined if none, or if the client has gone. */
  async addressGroupOf(realm: string, id: string): Promise<string | undefined> {
    return sharingGroup((await this.directory.find(realm, id))?.address ?? '');
  }

  /** The node to which a signal to a client was sent last; undefined if unknown or too long ago. */
  cachedLocation(realm: string, id: string): ClientEntry | undefined {
    return this.locations.get(realm, id);
  }

  /** Makes the next signal to a client look the client up. */
  forgetLocation(realm: string, id: string): void {
    this.locations.delete(realm, id);
  }

  /**
   * Delivers a signal to a client on whichever node it is.
   * @returns false if the client is on no node, or this node is about to register it
   * @throws DomainError UNSUPPORTED_BY_TARGET, UNAVAILABLE; TARGET_BUSY if the target is on this node
   */
  async deliver(realm: string, to: string, signal: Signal, delivery = this.immediate): Promise<boolean> {
    const relocation = this.relocations.get(realm, to);
    if (relocation) await relocation;
    const entry = await this.directory.find(realm, to);
    if (!entry) return false;
    if (entry.node !== this.node.name) {
      this.locations.set(entry);
      if (!(await this.sendTo(entry, signal, delivery))) throw new DomainError('UNAVAILABLE', {});
      return true;
    }
    const target = this.here.get(realm, to);
    target?.deliver(signal);
    return target !== undefined;
  }

  /**
   * Sends a signal to the node of its target.
   * @returns false if that node has gone
   * @throws DomainError UNSUPPORTED_BY_TARGET; UNAVAILABLE if the outcome is unknown
   */
  sendTo({ realm, id, node, protocol }: ClientEntry, signal: Signal, delivery: Delivery): Promise<boolean> {
    if (!this.protocols.accepts(protocol, signal)) {
      throw new DomainError('UNSUPPORTED_BY_TARGET', { kind: signal.kind });
    }
    return this.bus.send(node, { version: 1, type: 'signal', realm, to: id, signal, ...delivery });
  }

  /**
   * Tells a client on whichever node it is that a signal that it has sent to a client or room was not delivered.
   * @throws DomainError UNAVAILABLE
   */
  async reportUndelivered(realm: string, from: string, to: string, { code, data }: DomainError): Promise<void> {
    const sender = await this.directory.find(realm, from);
    if (!sender) return;
    await this.bus.send(sender.node, { version: 1, type: 'undelivered', realm, from, to, error: { code, data } });
  }

  /**
   * A client has left its node. Signals sent to it from now on must not overtake those that the node still forwards.
   */
  private onGone({ realm, id, node }: BusMessageOf<'gone'>): void {
    if (this.cachedLocation(realm, id)?.node !== node) return;
    this.forgetLocation(realm, id);
    const relocation = this.calls
      .call<null>(node, FORWARDED, { realm, id }, FORWARDED_TIMEOUT_MS)
      .then(
        () => undefined,
        // A node that does not answer forwards nothing.
        () => undefined,
      )
      .finally(() => {
        if (this.relocations.get(realm, id) === relocation) this.relocations.delete(realm, id);
      });
    this.relocations.set(realm, id, relocation);
  }
}

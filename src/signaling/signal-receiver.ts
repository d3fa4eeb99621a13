import { Injectable } from '@nestjs/common';
import { ClientsHere } from '../clients/clients-here.js';
import { asDomainError, DomainError, isBusy } from '../common/domain-error.js';
import { type BusMessageOf, MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { RealmMap } from '../common/realm-map.js';
import { Mailbox } from './mailbox.js';
import { FORWARDED, SignalRouter, type Target } from './signal-router.js';

/** Maximum number of times that a signal is forwarded to a client that moves from node to node. */
const MAX_MOVES = 3;

type SignalMessage = BusMessageOf<'signal'>;

/**
 * Receives signals from other nodes. A signal whose target has left this node is forwarded, queued, or reported to its
 * sender as undeliverable.
 */
@Injectable()
export class SignalReceiver {
  /** Forwarding of signals to targets that have left this node, one after the other for each target. */
  private readonly forwarding = new RealmMap<Promise<void>>();

  constructor(
    private readonly here: ClientsHere,
    private readonly router: SignalRouter,
    private readonly mailbox: Mailbox,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    calls: NodeCalls,
  ) {
    bus.onMessage('signal', (message) => this.receive(message));
    bus.onMessage('undelivered', (message) => this.onUndelivered(message));
    bus.onReturned((message) => this.reject(message));
    calls.handle(FORWARDED, async ({ realm, id }: Target) => {
      await this.forwarding.get(realm, id);
    });
  }

  private receive(message: SignalMessage): void {
    const { realm, to, signal, node, mayWait } = message;
    const target = this.here.get(realm, to);
    if (!target) {
      this.followTarget(message);
      return;
    }
    (target.knownTo ??= new Set()).add(node);
    try {
      target.deliver(signal);
      if (mayWait) target.trackCaller(signal);
    } catch (error) {
      this.reportUndelivered(message, asDomainError(error));
    }
  }

  /**
   * Forwards a signal to a target that has left this node, after earlier ones, and tells the sending node that it has
   * left.
   */
  private followTarget(message: SignalMessage): void {
    const { realm, to, node } = message;
    const gone = { version: 1, type: 'gone', realm, id: to, node: this.node.name } as const;
    // A node that misses this goes on sending here, until its cached location expires.
    if (node !== this.node.name) this.bus.send(node, gone).catch(() => undefined);
    const earlier = this.forwarding.get(realm, to) ?? Promise.resolve();
    const forwarding = earlier
      .then(() => this.forwardOrQueue(message))
      .finally(() => {
        if (this.forwarding.get(realm, to) === forwarding) this.forwarding.delete(realm, to);
      });
    this.forwarding.set(realm, to, forwarding);
  }

  /** Never fails. */
  private async forwardOrQueue(message: SignalMessage): Promise<void> {
    const { realm, to, signal, node, mayWait, moves } = message;
    this.router.forgetLocation(realm, to);
    try {
      const delivery = { node, mayWait, moves: moves + 1 };
      if (moves < MAX_MOVES && (await this.router.deliver(realm, to, signal, delivery))) return;
      const address = mayWait ? await this.router.addressGroupOf(realm, signal.from) : undefined;
      if (mayWait && (await this.mailbox.put({ realm, to, signal, address }))) return;
      this.reject(message);
    } catch (error) {
      this.reportUndelivered(message, asDomainError(error));
    }
  }

  private reject(message: SignalMessage): void {
    const error = message.mayWait ? undefined : new DomainError('CLIENT_NOT_FOUND', { id: message.to });
    this.reportUndelivered(message, error);
  }

  /** @param error absent if the signal has expired */
  private reportUndelivered({ realm, to, signal, node, mayWait }: SignalMessage, error?: DomainError): void {
    // No client waits for the outcome of server messages and expiry notices.
    if (signal.from === '' || signal.kind === 'expire') return;
    // A signal that may wait expires if there is no room for it.
    const reason = error && !(mayWait && isBusy(error)) ? { code: error.code, data: error.data } : undefined;
    const message = { version: 1, type: 'undelivered', realm, from: signal.from, to, error: reason } as const;
    if (node === this.node.name) this.onUndelivered(message);
    else {
      this.bus.send(node, message).catch(() => {
        // The sender's node is out of reach.
      });
    }
  }

  private onUndelivered({ realm, from, to, error }: BusMessageOf<'undelivered'>): void {
    this.router.forgetLocation(realm, to);
    if (error) this.here.get(realm, from)?.fail(new DomainError(error.code, error.data));
    // The sender may have moved to another node while the signal was waiting.
    else this.mailbox.notifyExpired(realm, from, to).catch(() => undefined);
  }
}

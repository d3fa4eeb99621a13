import { Injectable } from '@nestjs/common';
import { DomainError } from './domain-error.js';
import { MessageBus } from './message-bus.js';
import { NodeIdentity } from './node-identity.js';

/** How long another node may take to answer. */
const TIMEOUT_MS = 1000;

type Handler = (argument: unknown) => unknown;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Asks another node, or this one, to do something, and waits for what comes of it. Arguments and results are JSON. */
@Injectable()
export class NodeCalls {
  private readonly handlers = new Map<string, Handler>();
  private readonly pending = new Map<number, Pending>();
  private calls = 0;

  constructor(
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
  ) {
    bus.onMessage('call', ({ from, call, method, argument }) => {
      this.answer(from, call, method, argument).catch(() => {
        // Whoever asks hears nothing, and that is what UNAVAILABLE says.
      });
    });
    bus.onMessage('reply', ({ call, result }) => this.settle(call, result));
  }

  /** Says what this node does when it is asked. */
  handle(method: string, handler: (argument: never) => unknown): void {
    this.handlers.set(method, handler as Handler);
  }

  /** @throws DomainError UNAVAILABLE if the node does not answer in time */
  async call<R>(node: string, method: string, argument: unknown, timeoutMs = TIMEOUT_MS): Promise<R> {
    if (node === this.node.name) return (await this.handlers.get(method)?.(argument)) as R;
    const call = ++this.calls;
    const result = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(call);
        reject(new DomainError('UNAVAILABLE', {}));
      }, timeoutMs);
      this.pending.set(call, { resolve, timer });
    });
    // The time may be up while the call is still being handed over; a rejection that nobody awaits ends the process.
    result.catch(() => undefined);
    try {
      const message = { version: 1, type: 'call', from: this.node.name, call, method, argument } as const;
      if (!(await this.bus.send(node, message))) throw new DomainError('UNAVAILABLE', {});
    } catch (error) {
      this.settle(call, null);
      throw error;
    }
    return (await result) as R;
  }

  private async answer(from: string, call: number, method: string, argument: unknown): Promise<void> {
    const result = (await this.handlers.get(method)?.(argument)) ?? null;
    await this.bus.send(from, { version: 1, type: 'reply', call, result });
  }

  private settle(call: number, result: unknown): void {
    const pending = this.pending.get(call);
    this.pending.delete(call);
    clearTimeout(pending?.timer);
    pending?.resolve(result);
  }
}

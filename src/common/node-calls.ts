import { Injectable } from '@nestjs/common';
import { DomainError } from './domain-error.js';
import { MessageBus } from './message-bus.js';
import { NodeIdentity } from './node-identity.js';

/** Default time limit of a call. */
const TIMEOUT_MS = 1000;

type Handler = (argument: unknown) => unknown;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Remote procedure calls between nodes. Arguments and results are JSON. */
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
        // The caller gets no answer in time, which it reports as UNAVAILABLE.
      });
    });
    bus.onMessage('reply', ({ call, result }) => this.resolve(call, result));
  }

  /** Sets the handler for calls of a method on this node. */
  handle(method: string, handler: (argument: never) => unknown): void {
    this.handlers.set(method, handler as Handler);
  }

  /**
   * Calls a method on a node, which may be this one.
   * @throws DomainError UNAVAILABLE if the node does not answer in time
   */
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
    // The call may time out while it is still being sent, and an unhandled rejection ends the process.
    result.catch(() => undefined);
    try {
      const message = { version: 1, type: 'call', from: this.node.name, call, method, argument } as const;
      if (!(await this.bus.send(node, message))) throw new DomainError('UNAVAILABLE', {});
    } catch (error) {
      this.resolve(call, null);
      throw error;
    }
    return (await result) as R;
  }

  private async answer(from: string, call: number, method: string, argument: unknown): Promise<void> {
    const result = (await this.handlers.get(method)?.(argument)) ?? null;
    await this.bus.send(from, { version: 1, type: 'reply', call, result });
  }

  private resolve(call: number, result: unknown): void {
    const pending = this.pending.get(call);
    this.pending.delete(call);
    clearTimeout(pending?.timer);
    pending?.resolve(result);
  }
}

import { Injectable } from '@nestjs/common';
import { type BusMessage, MessageBus } from '../../common/message-bus.js';
import { decodeMessage, encodeMessage } from '../../common/message-codec.js';
import { NodeIdentity } from '../../common/node-identity.js';

/** The nodes of one process, by name. There are several only where tests share one hub. */
export class MemoryHub {
  readonly nodes = new Map<string, (message: BusMessage) => void>();
}

/** MessageBus within a process. */
@Injectable()
export class MemoryMessageBus extends MessageBus {
  constructor(
    private readonly hub: MemoryHub,
    node: NodeIdentity,
  ) {
    super();
    hub.nodes.set(node.name, (message) => this.receive(message));
  }

  override nodes(): Promise<string[]> {
    return Promise.resolve([...this.hub.nodes.keys()]);
  }

  override async send(node: string, message: BusMessage): Promise<boolean> {
    // As strict as a bus that leaves the process: the receiver gets a copy, and in a later microtask.
    const bytes = encodeMessage(message);
    await Promise.resolve();
    const receive = this.hub.nodes.get(node);
    receive?.(decodeMessage(bytes));
    return receive !== undefined;
  }
}

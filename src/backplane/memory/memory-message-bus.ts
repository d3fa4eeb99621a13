import { Injectable } from '@nestjs/common';
import { type BusMessage, MessageBus } from '../../common/message-bus.js';
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
    // The receiver runs in a later microtask, as with any other bus, so that the sender never runs its handlers or
    // catches its errors.
    await Promise.resolve();
    const receive = this.hub.nodes.get(node);
    receive?.(message);
    return receive !== undefined;
  }
}

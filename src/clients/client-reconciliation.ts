import { Injectable } from '@nestjs/common';
import { type BusMessageOf, MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ClientDirectory, type ClientEntry } from './client-directory.js';
import { ClientRegistry } from './client-registry.js';
import { ClientsHere } from './clients-here.js';

/** Makes the directory and this node agree about the node's clients after a partition. */
@Injectable()
export class ClientReconciliation {
  constructor(
    private readonly directory: ClientDirectory,
    private readonly here: ClientsHere,
    private readonly registry: ClientRegistry,
    private readonly node: NodeIdentity,
    private readonly bus: MessageBus,
  ) {
    bus.onMessage('freed', ({ ids }) => {
      // If Redis is away again, this node reconciles all its clients when Redis is back.
      this.reclaim(ids).catch(() => undefined);
    });
  }

  async run(): Promise<void> {
    const claims = [...this.here.all()].map((client) => this.registry.claimOf(client));
    const { lost, freed } = await this.directory.restore(this.node.name, claims, (entry) => {
      return this.here.isClaiming(entry.session) || this.here.ofSession(entry) !== undefined;
    });
    this.dismiss(lost);
    if (freed.length === 0) return;
    // A claim whose answer was lost may have replaced a client of another node that was never notified, and claims
    // again.
    const ids = freed.map(({ realm, id }) => ({ realm, id }));
    const others = (await this.bus.nodes()).filter((node) => node !== this.node.name);
    await Promise.all(others.map((node) => this.bus.send(node, { version: 1, type: 'freed', ids })));
  }

  /** Claims ids that another node has freed for the clients of this node that have them. */
  private async reclaim(ids: BusMessageOf<'freed'>['ids']): Promise<void> {
    const claims = ids.flatMap(({ realm, id }) => {
      const client = this.here.get(realm, id);
      return client ? this.registry.claimOf(client) : [];
    });
    this.dismiss(await this.directory.reclaim(claims));
  }

  private dismiss(lost: readonly ClientEntry[]): void {
    for (const entry of lost) {
      const client = this.here.ofSession(entry);
      if (client) this.registry.dismiss(client);
    }
  }
}

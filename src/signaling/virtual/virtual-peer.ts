import { randomUUID } from 'node:crypto';
import { Client } from '../../clients/client.js';
import type { Protocol, Protocols } from '../../common/protocols.js';
import { copyOf, type RoomChange } from '../../common/room.js';
import { carriedBytes, detached, type Signal } from '../../common/signal.js';
import type { VirtualClientOptions } from './virtual-client.js';
import type { VirtualConnection } from './virtual-connection.js';
import { valueOf } from './virtual-payload.js';

/** A virtual client as the core sees it: it writes signals and changes to the callbacks of the application. */
export class VirtualPeer extends Client<Protocol, VirtualConnection> {
  override readonly isTrusted = true;

  constructor(
    private readonly options: VirtualClientOptions,
    protocol: Protocol,
    connection: VirtualConnection,
    private readonly protocols: Protocols,
  ) {
    // With a token that nobody knows, no client can take the id over, and it is free for all as soon as it is released.
    super(options.id, options.realm, protocol, connection, randomUUID());
  }

  protected override write(signal: Signal): void {
    const kept = detached(signal);
    this.connection.post(carriedBytes(kept), () => {
      const { kind, from, room } = kept;
      return this.options.onSignal?.({ kind, from, room, type: this.protocols.typeOf(kept), payload: valueOf(kept) });
    });
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    const { options } = this;
    for (const { room, ...change } of changes) {
      this.connection.post(0, () => options.onRoomChange?.({ ...change, room: copyOf(room) }));
    }
    return 0;
  }
}

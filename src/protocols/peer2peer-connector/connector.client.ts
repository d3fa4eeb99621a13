import { Client } from '../../clients/client.js';
import type { DomainError } from '../../common/domain-error.js';
import type { Goodbye } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { ConnectorCodec } from './connector.codec.js';
import { CONNECTOR } from './connector.messages.js';

/** A client that speaks Peer2Peer Connector. The server gives it its id; nobody can take it over. */
export class ConnectorClient extends Client {
  constructor(
    id: string,
    realm: string,
    private readonly connection: Connection,
    private readonly codec: ConnectorCodec,
  ) {
    super(id, realm, CONNECTOR, connection.address);
  }

  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal), signal.kind);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    let bytes = 0;
    for (const change of changes) {
      const frame = this.codec.encodeRoomChange(change);
      if (frame) bytes += this.connection.write(frame, 'room');
    }
    return bytes;
  }

  override accepts(signal: Signal): boolean {
    return this.codec.accepts(signal);
  }

  override charge(tokens: number): void {
    this.connection.charge(tokens);
  }

  override get signsOfLife(): number {
    return this.connection.signs;
  }

  override get hasEnded(): boolean {
    return this.connection.endReason !== undefined;
  }

  protected override admits(sender: string, bytes: number): boolean {
    return this.connection.admits(sender, bytes);
  }

  override get traffic(): Traffic {
    return this.connection.traffic;
  }

  override fail(error: DomainError): void {
    this.connection.failed(error);
  }

  override end(reason: Goodbye): void {
    this.connection.end(reason);
  }
}

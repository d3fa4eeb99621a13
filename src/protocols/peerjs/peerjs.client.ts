import { Client } from '../../clients/client.js';
import type { DomainError } from '../../common/domain-error.js';
import type { Goodbye } from '../../common/end-reason.js';
import type { Traffic } from '../../common/traffic.js';
import type { Signal } from '../../common/signal.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { PeerJsCodec } from './peerjs.codec.js';
import { PEERJS } from './peerjs.messages.js';

/** A client that speaks PeerJS. It chooses its id, and takes it over again with its token. */
export class PeerJsClient extends Client {
  constructor(
    id: string,
    realm: string,
    token: string,
    private readonly connection: Connection,
    private readonly codec: PeerJsCodec,
  ) {
    super(id, realm, PEERJS, connection.address, token);
  }

  /** PeerJS has no rooms. */
  protected override writeChanges(): number {
    return 0;
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

  override prove(timeoutMs: number): Promise<boolean> {
    return this.connection.prove(timeoutMs);
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

  override accepts(signal: Signal): boolean {
    return this.codec.accepts(signal);
  }

  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal, this.id), signal.kind);
  }
}

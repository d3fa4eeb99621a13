import { Client } from '../../clients/client.js';
import type { Signal } from '../../common/signal.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { PeerJsCodec } from './peerjs.codec.js';

/** A client that speaks PeerJS. It chooses its id, and takes it over again with its token. */
export class PeerJsClient extends Client<PeerJsCodec, Connection<PeerJsClient>> {
  override prove(timeoutMs: number): Promise<boolean> {
    return this.connection.prove(timeoutMs);
  }

  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal, this.id), signal.kind);
  }

  /** PeerJS has no rooms. */
  protected override writeChanges(): number {
    return 0;
  }
}

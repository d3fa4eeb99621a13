import { Client } from '../../../src/clients/client.js';
import type { Signal } from '../../../src/common/signal.js';
import type { Connection } from '../../../src/transport/websocket/connection.js';
import type { EchoCodec } from './echo.codec.js';

export class EchoClient extends Client<EchoCodec, Connection<EchoClient>> {
  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal), signal.kind);
  }

  protected override writeChanges(): number {
    return 0;
  }
}

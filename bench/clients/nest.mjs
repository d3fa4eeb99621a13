/** What a NestJS gateway expects: everything but the event is in `data`. */
import { ConnectorClient } from './connector.mjs';
import { payload } from './payload.mjs';

export class NestClient extends ConnectorClient {
  static relayText(kind, to) {
    return `{"event":"${kind}","data":{"to":"${to}","payload":${payload(kind)}}}`;
  }
}

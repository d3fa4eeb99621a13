/** A client of the NestJS gateway, which expects everything except the event in `data`. */
import { ConnectorClient } from './connector.mjs';
import { payload } from './payload.mjs';

export class NestClient extends ConnectorClient {
  static relayText(kind, to) {
    return `{"event":"${kind}","data":{"to":"${to}","payload":${payload(kind)}}}`;
  }
}

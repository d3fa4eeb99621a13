/** The clients of all protocols; what they have in common is in `RawClient`. */
import { ConnectorClient } from './connector.mjs';
import { EasyRtcClient } from './easyrtc.mjs';
import { NestClient } from './nest.mjs';
import { PeerJsClient } from './peerjs.mjs';

export const CLIENTS = { connector: ConnectorClient, peerjs: PeerJsClient, easyrtc: EasyRtcClient, nest: NestClient };

/** As many clients, no more than a hundred of them on their way at once, in the order in which they were opened. */
export async function openClients(Client, port, count) {
  const clients = [];
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(100, count - clients.length) }, () => Client.open(port));
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

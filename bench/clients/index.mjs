/** The clients of all protocols. `RawClient` has their common part. */
import { ConnectorClient } from './connector.mjs';
import { EasyRtcClient } from './easyrtc.mjs';
import { NestClient } from './nest.mjs';
import { PeerJsClient } from './peerjs.mjs';
import { MemberClient, RestrictedClient, VerifiedClient } from './verified.mjs';

export const CLIENTS = {
  connector: ConnectorClient,
  peerjs: PeerJsClient,
  easyrtc: EasyRtcClient,
  nest: NestClient,
  verified: VerifiedClient,
  member: MemberClient,
  restricted: RestrictedClient,
};

/** Connects clients, at most a hundred at once, and returns them in the order in which they were opened. */
export async function openClients(Client, port, count) {
  const clients = [];
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(100, count - clients.length) }, () => Client.open(port));
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

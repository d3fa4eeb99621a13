import type { AdminApi } from './admin-api.js';
import { ConnectorClient } from './connector-client.js';
import { EasyRtcClient } from './easyrtc-client.js';
import { PeerJsSocket, until } from './peerjs-socket.js';

/** Clients of all protocols in the realm `default`, on one server. */
export class Visitors {
  private readonly peers = new Set<PeerJsSocket>();

  constructor(
    private readonly server: { readonly url: string; readonly wsUrl: string },
    private readonly api: AdminApi,
  ) {}

  connector(): Promise<ConnectorClient> {
    return ConnectorClient.connect(this.server.wsUrl);
  }

  connectors(count: number): Promise<ConnectorClient[]> {
    return ConnectorClient.connectMany(count, this.server.wsUrl);
  }

  async peer(id: string, options: { key?: string } = {}): Promise<PeerJsSocket> {
    const peer = await PeerJsSocket.open(this.server.wsUrl, { id, ...options });
    this.peers.add(peer);
    return peer;
  }

  /** Logs in without rooms by default. */
  easyrtc(msgData: object = {}): Promise<EasyRtcClient> {
    return EasyRtcClient.login(this.server.url, { applicationName: 'default', roomJoin: {}, ...msgData });
  }

  /** Disconnects all clients and removes remaining rooms. Resolves as soon as the server knows none of them. */
  async leave(): Promise<void> {
    EasyRtcClient.closeAll();
    const peers = [...this.peers];
    this.peers.clear();
    await Promise.all([ConnectorClient.closeAll(), ...peers.map((peer) => peer.close())]);
    await until(async () => {
      const { body } = await this.api.get<{ clients: number }>('stats');
      return body.clients === 0;
    });
    for (const { realm, id } of (await this.api.pages<{ realm: string; id: string }>('rooms')).flat()) {
      await this.api.delete(['rooms', id], undefined, { realm });
    }
  }
}

/** Lets the first member create a room and the others join it, and drains the frames about this. */
export async function makeRoom(room: string, ...members: ConnectorClient[]): Promise<void> {
  await members[0].ask({ event: 'Create_Room', data: { room } });
  for (const member of members.slice(1)) {
    member.send({ event: 'Join_Room', data: { room } });
    await member.next('Client_Added');
  }
  for (const member of members) await member.drain();
}

import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { IdGenerator } from '../../../src/protocols/id-generator.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { ID_TAKEN, OPEN, refusal } from '../../support/peerjs-handshake.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

class PlainIds extends IdGenerator {
  private last = 0;

  override connectorClient(): string {
    return `connector${++this.last}`;
  }

  override easyRtcClient(): string {
    return `easyrtc${++this.last}`;
  }
}

interface Given {
  readonly id: string;
  leave(): Promise<unknown>;
}

const PROTOCOLS: readonly [string, (server: TestServer) => Promise<Given>][] = [
  [
    'Peer2Peer Connector',
    async ({ wsUrl }) => {
      const client = await ConnectorClient.connect(wsUrl);
      return { id: client.id, leave: () => client.close() };
    },
  ],
  [
    'Peer2Peer Connector, lost without a goodbye',
    async ({ wsUrl }) => {
      const client = await ConnectorClient.connect(wsUrl);
      const leave = (): Promise<void> => {
        client.terminate();
        return Promise.resolve();
      };
      return { id: client.id, leave };
    },
  ],
  [
    'EasyRTC',
    async ({ url }) => {
      const client = await EasyRtcClient.login(url, { applicationName: 'default' });
      return { id: client.id, leave: () => Promise.resolve(client.close()) };
    },
  ],
];

describe('an id that the server gave to a client', () => {
  let server: TestServer;

  const untilGone = (id: string): Promise<void> =>
    until(async () => !(await server.app.get(ClientDirectory, { strict: false }).find('default', id)));

  describe.each([
    ['of the server', []],
    ['of an application', [{ provide: IdGenerator, useClass: PlainIds }]],
  ])('from the generator %s', (_, extensions) => {
    it.each(PROTOCOLS)('of %s is unavailable to PeerJS clients while in use and afterwards', async (__, connect) => {
      server = await startServer({ queueTtlMs: 500, queueSweepMs: 50 }, extensions);
      const friend = await PeerJsSocket.open(server.wsUrl, 'friend');
      const given = await connect(server);
      expect(await refusal(server, { id: given.id, token: 'thief' })).toBe(ID_TAKEN);
      await given.leave();
      await untilGone(given.id);
      friend.send({ type: 'OFFER', dst: given.id, payload: 'undelivered' });
      for (const token of ['thief', 'another']) {
        expect(await refusal(server, { id: given.id, token })).toBe(ID_TAKEN);
      }
      expect(await friend.next()).toMatchObject({ type: 'EXPIRE', src: given.id });
    });
  });

  it('of PeerJS is available to any client once released, whatever its format', async () => {
    server = await startServer();
    const [uuid, likeOurs] = [
      await (await fetch(`${server.url}/peerjs/id`)).text(),
      server.app.get(IdGenerator, { strict: false }).connectorClient(),
    ];
    for (const id of [uuid, likeOurs]) {
      for (const token of ['one', 'other']) {
        const peer = await PeerJsSocket.connect(server.wsUrl, { id, token });
        expect(peer.textOf(await peer.next())).toBe(OPEN);
        await peer.close();
        await untilGone(id);
      }
    }
  });
});

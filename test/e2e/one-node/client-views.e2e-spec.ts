import { inspect } from 'node:util';
import { ConsoleLogger } from '@nestjs/common';
import { ClientsHere } from '../../../src/clients/clients-here.js';
import { ClientsService, RoomsService, ServerEvents, SignalingService } from '../../../src/index.js';
import { EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { type HookedServer, startWithHooks } from '../../support/hooked-server.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';

const TOKEN = 'a-secret-token';

/** Returns everything that logs may show of a value. */
function printed(value: unknown): string {
  const lines: string[] = [];
  const logger = new (class extends ConsoleLogger {
    protected override printMessages(...args: Parameters<ConsoleLogger['printMessages']>): void {
      lines.push(...args[0].map((message) => this.stringifyMessage(message, 'log')));
    }
  })();
  logger.log(value);
  const options = { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true } as const;
  return [...lines, JSON.stringify(value), inspect(value, options)].join('\n');
}

describe('what an application gets to see of a client', () => {
  let server: HookedServer;
  const seen: unknown[] = [];

  const see =
    (answer?: unknown) =>
    (...args: unknown[]) => {
      seen.push(args);
      return answer as never;
    };

  beforeAll(async () => {
    server = await startWithHooks({
      authenticated: see(),
      disconnected: see(),
      iceServers: see([]),
      mayCreateRoom: see(true),
      mayJoinRoom: see(true),
      mayListRoom: see(true),
      mayLeaveRoom: see(true),
      serverMessage: see(),
    });
    const events = server.app.get(ServerEvents, { strict: false });
    for (const name of ['client.connected', 'client.disconnected', 'room.joined', 'room.left'] as const) events.on(name, see()); // prettier-ignore
  });

  beforeEach(() => {
    seen.length = 0;
  });

  it('has no PeerJS token', async () => {
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'ann', token: TOKEN });
    const clients = server.app.get(ClientsService, { strict: false });
    seen.push(clients.findHere('default', 'ann'), [...clients.clientsHere()]);
    seen.push(await clients.locate('default', 'ann'), await clients.inspect('default', 'ann'));
    seen.push(await clients.list({ limit: 10 }));
    await peer.close();
    await until(() => seen.length === 7);
    for (const value of seen) {
      expect(printed(value)).toContain('ann');
      expect(printed(value)).not.toContain(TOKEN);
    }
  });

  it('is no token even in the server’s own object, without its connection', async () => {
    await PeerJsSocket.open(server.wsUrl, { id: 'ann', token: TOKEN });
    const client = server.app.get(ClientsHere, { strict: false }).get('default', 'ann')!;
    expect(client.token).toBe(TOKEN);
    expect(JSON.parse(JSON.stringify(client))).toEqual(client.view);
    expect(printed(client)).not.toContain(TOKEN);
    expect(printed({ list: [client] })).not.toContain('connection');
    expect(inspect(client, { customInspect: false, depth: 1, showHidden: true })).not.toContain(TOKEN);
  });

  it('is data alone in every EasyRTC hook', async () => {
    const eve = await EasyRtcClient.login(server.url, { applicationName: 'default', username: 'Eve', roomJoin: rooms('r') }); // prettier-ignore
    await eve.command('getRoomList');
    await eve.command('getIceConfig');
    await eve.message({ msgType: 'm' });
    await eve.command('roomLeave', { roomLeave: rooms('r') });
    await eve.close();
    await until(() => seen.length >= 12);
    const hooked = seen.map((args) => (args as unknown[])[0] as object).filter((value) => 'application' in value);
    expect(hooked.length).toBeGreaterThanOrEqual(8);
    for (const value of hooked) {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(value).toEqual({ id: eve.id, application: 'default', username: 'Eve', groups: [], address: '127.0.0.1' });
    }
  });
});

/** Names of the methods and properties that instances of a class have. */
const membersOf = ({ prototype }: { prototype: object }) =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .map(([name]) => name)
    .filter((name) => name !== 'constructor')
    .sort();

describe('the services for applications', () => {
  it.each([
    [ClientsService, ['clientsHere', 'count', 'countHere', 'countsHere', 'findHere', 'inspect', 'inspectAll', 'inspectHere', 'inspectOn', 'list', 'locate', 'realms', 'remove', 'removeHere']], // prettier-ignore
    [RoomsService, ['count', 'createPermanent', 'endByServer', 'existing', 'find', 'list', 'realms', 'removeMember', 'setAttributes']], // prettier-ignore
    [SignalingService, ['addVirtualClient', 'sendFromServer', 'sendFromServerToRoom']],
  ])('%p have no methods that take a client of the server', (service, names) => {
    expect(membersOf(service)).toEqual(names);
  });
});

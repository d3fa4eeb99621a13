import { becomes } from '../support/becomes.js';
import { configFile } from '../support/config-file.js';
import type { ConnectorClient } from '../support/connector-client.js';
import type { EasyRtcClient } from '../support/easyrtc-client.js';
import { seconds } from '../support/issuer.js';
import { Nodes } from '../support/nodes.js';
import { type PeerJsSocket, until } from '../support/peerjs-socket.js';
import { RedisServer } from '../support/redis-server.js';
import { connectorWith, easyrtcWith, peerWith, SECURED, tokenFor } from '../support/secured.js';

const EXPIRED = { code: 1008, reason: 'token expired' };
/** Time after the expiry within which a client is closed, on a busy machine. */
const IN_TIME_MS = 2000;
/** Long enough to connect all clients, on a busy machine. */
const LIFE_S = 15;
const RECOVERY_MS = 10_000;

let redis: RedisServer;
let nodes: Nodes;

beforeEach(async () => {
  redis = await RedisServer.start(RedisServer.IN_MEMORY);
  nodes = await Nodes.start(redis, 2, { flags: ['--config', await configFile({ auth: SECURED })] });
});

afterEach(() => Nodes.endAll());

interface Clients {
  readonly connector: ConnectorClient;
  readonly peer: PeerJsSocket;
  readonly easyrtc: EasyRtcClient;
}

/** Connects a client of each protocol to a node, in a room where the protocol has rooms. */
async function connect(at: number, exp: number, name: string): Promise<Clients> {
  const token = await tokenFor(name, {}, { exp });
  const { process } = nodes.at(at);
  const connector = await connectorWith(process, token);
  await connector.ask({ event: 'Create_Room', data: { room: `room-of-${name}` } });
  const peer = await peerWith(process, `peer of ${name}`, token);
  return { connector, peer, easyrtc: await easyrtcWith(process, token, `room-of-${name}`) };
}

const idsOf = ({ connector, peer, easyrtc }: Clients): string[] => [connector.id, peer.id, easyrtc.id];

/** Resolves with the ends of the clients, and the time after the expiry at which the last one was closed. */
async function ends({ connector, peer, easyrtc }: Clients, exp: number) {
  const how = await Promise.all([connector.closed, peer.closed, easyrtc.closed]);
  return { how, lateMs: Date.now() - exp * 1000 };
}

const isAfter = (time: number): boolean => Date.now() > time * 1000;

describe.each<[string, { leave: () => unknown; come: () => unknown }]>([
  ['is killed', { leave: () => redis.kill(), come: () => redis.restart() }],
  ['does not answer', { leave: () => redis.stall(), come: () => redis.resume() }],
])('while Redis %s', (_, { leave, come }) => {
  it('tokens expire in time, and no node knows their clients afterwards', async () => {
    const kept = [await connect(0, seconds(3600), 'carl'), await connect(1, seconds(3600), 'dora')];
    const exp = seconds(LIFE_S);
    const [first, second] = [await connect(0, exp, 'ann'), await connect(1, exp, 'bob')];
    await until(() => isAfter(exp - 2));
    expect(await first.connector.drain()).not.toContainEqual(expect.objectContaining({ event: 'Unauthorised' }));
    await leave();
    // Requests that wait for Redis must not delay the end.
    first.connector.send({ event: 'Join_Room', data: { room: 'room-of-bob' } });
    first.peer.send({ type: 'OFFER', dst: 'absent', payload: 1 });
    first.easyrtc.send('easyrtcCmd', { msgType: 'roomJoin', msgData: { roomJoin: { x: { roomName: 'x' } } } });

    for (const { how, lateMs } of await Promise.all([ends(first, exp), ends(second, exp)])) {
      expect(how).toEqual([EXPIRED, EXPIRED, 'io server disconnect']);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(IN_TIME_MS);
    }
    await come();
    const wanted = kept.flatMap(idsOf).sort();
    for (const node of nodes.up) {
      await becomes<string[] | undefined>(() => node.clients(), wanted, RECOVERY_MS);
      await becomes<string[] | undefined>(() => node.members('room-of-ann'), undefined, RECOVERY_MS);
      const { lines } = node.process;
      await becomes(() => lines.filter(({ msg, reason }) => msg === 'disconnected' && reason === 'expired').length, 3);
    }
    await connect(0, seconds(3600), 'ann');
  });
});

it('a token that expires while its client is being registered over Redis lets nobody in', async () => {
  const exp = seconds(3);
  const tokens = [await tokenFor('ann', { id: 'a' }, { exp }), await tokenFor('bob', {}, { exp })];
  const { process } = nodes.at(0);
  await until(() => isAfter(exp - 0.5));
  redis.stall();
  const attempts = Promise.allSettled([
    ...tokens.map((token) => connectorWith(process, token)),
    ...tokens.map((token) => easyrtcWith(process, token, 'r')),
    ...tokens.map((token) => peerWith(process, 'a', token)),
  ]);
  await until(() => isAfter(exp + 0.5));
  redis.resume();
  expect((await attempts).map(({ status }) => status)).not.toContain('fulfilled');
  for (const node of nodes.up) await becomes<string[] | undefined>(() => node.clients(), [], RECOVERY_MS);
  expect(await nodes.at(0).members('r')).toBeUndefined();
  const mine = await connectorWith(nodes.at(1).process, await tokenFor('ann', { id: 'a' }));
  expect(mine.id).toBe('a');
});

import { becomes } from '../support/becomes.js';
import { configFile } from '../support/config-file.js';
import { Nodes } from '../support/nodes.js';
import { RedisServer } from '../support/redis-server.js';
import { connectorWith, easyrtcWith, peerWith, SECURED, tokenFor } from '../support/secured.js';

/** Longest time until the clients of a node that has died are removed. */
const RECOVERY_MS = 20_000;

afterEach(() => Nodes.endAll());

it('the places of a user on a node that is killed are free again', async () => {
  const redis = await RedisServer.start(RedisServer.IN_MEMORY);
  const realms = { default: { auth: SECURED, limits: { maxClientsPerUser: 3 } } };
  const nodes = await Nodes.start(redis, 2, { flags: ['--config', await configFile({ realms })] });
  const [doomed, left] = [nodes.at(0).process, nodes.at(1).process];
  const token = await tokenFor('ann');
  await connectorWith(doomed, token);
  await peerWith(doomed, 'peer', token);
  const kept = await easyrtcWith(left, token);
  for (const node of [doomed, left]) await expect(connectorWith(node, token)).rejects.toThrow('No more than 3 clients');

  await nodes.kill(0);
  const enter = (): Promise<string> => peerWith(left, 'new', token).then(() => 'in', String);
  await becomes(enter, 'in', RECOVERY_MS);
  // The second place is free, too. The one of the client that has stayed is not.
  await connectorWith(left, token);
  await expect(connectorWith(left, token)).rejects.toThrow('No more than 3 clients');
  expect((await nodes.at(1).clients())?.includes(kept.id)).toBe(true);
});

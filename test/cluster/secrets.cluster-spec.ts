import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { configFile } from '../support/config-file.js';
import { EventStream } from '../support/event-stream.js';
import { Backend, seconds } from '../support/issuer.js';
import { type Node, Nodes } from '../support/nodes.js';
import { RedisRecord } from '../support/redis-record.js';
import { RedisServer } from '../support/redis-server.js';
import { type Doors, TOKEN_KINDS, TokenTour } from '../support/token-tour.js';

jest.setTimeout(240_000);

const JWT_SECRET = 'secret-of-the-tokens-7f3a';
const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TURN_SECRET = 'secret-of-the-turn-server-91c';
const SECRETS = [JWT_SECRET, WEBHOOK_SECRET, WEBHOOK_SECRET.slice('whsec_'.length), TURN_SECRET];

const WITH_JWT: Doors = { realm: 'default', path: '/', key: 'peerjs' };
const WITH_WEBHOOK: Doors = { realm: 'hook', path: '/hook', key: 'hook-key' };

const LISTS = ['clients', 'rooms', 'realms', 'nodes', 'stats', 'history', 'config', 'webhooks', 'blocks'];

/** Every place in which a secret could be, with its texts. */
type Places = Readonly<Record<string, readonly string[]>>;

afterEach(async () => {
  EventStream.closeAll();
  await Nodes.endAll();
});

/** Answers like a backend that repeats the tokens that it gets. */
function decide(token: string, response: ServerResponse, way = ''): void {
  if (way.includes('expired')) response.end(JSON.stringify({ sub: 'ann', exp: seconds(-60) }));
  else if (way.includes('forged')) response.writeHead(403).end(`bad: ${token}`);
  else if (!way.includes('garbled')) response.end(JSON.stringify({ sub: 'ann', exp: seconds(3600) }));
  else if (way.includes('Connector')) response.end(JSON.stringify({ [token]: 1, signalbox: { signal: token } }));
  else if (way.includes('EasyRTC')) response.end(`${token} {`);
  else if (way.includes('PeerJS')) response.destroy();
  else response.writeHead(302, { location: `/?${token}` }).end(token);
}

/** Starts two nodes whose realms check tokens, one itself and one by a webhook. */
async function start(redis: RedisServer, webhook: Backend): Promise<Nodes> {
  const realm = ({ realm, path, key }: Doors, auth: object): object => ({
    [realm]: { connectorPath: path, peerjsKeys: [key], easyrtcApplications: [realm], auth },
  });
  const path = await configFile({
    allowDiscovery: true,
    ice: { servers: [], turn: { urls: ['turn:turn.example'], secret: TURN_SECRET } },
    realms: {
      ...realm(WITH_JWT, { mode: 'jwt', jwt: { secret: JWT_SECRET } }),
      ...realm(WITH_WEBHOOK, { mode: 'webhook', webhook: { url: webhook.url, secret: WEBHOOK_SECRET } }),
    },
  });
  const flags = ['--config', path, '--log-level', 'trace', '--proxied', 'true', '--queue-ttl-ms', '60000'];
  return Nodes.start(redis, 2, { flags });
}

/** Reads all that the admin API and the metrics show. */
async function shown(node: Node): Promise<string[]> {
  const { body } = await node.api.get<{ items: { id: string; realm: string }[] }>('clients');
  const details = body.items.map(({ id, realm }) => node.api.get(['clients', id], { realm }));
  const answers = await Promise.all([...LISTS.map((path) => node.api.get(path)), ...details]);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  return [...answers.map(({ body }) => JSON.stringify(body)), await (await fetch(`${node.url}/metrics`)).text()];
}

/** Returns each text with the secret, after the name of its place. */
function holding(places: Places, secret: string): string[] {
  const all = Object.entries(places).flatMap(([place, texts]) => texts.map((text) => `${place}: ${text}`));
  return all.filter((text) => text.includes(secret)).map((text) => text.slice(0, 1000));
}

describe('with the log level trace, which includes all others', () => {
  it('no secret is logged, shown, sent to a client, or stored in Redis', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    const record = await RedisRecord.start(redis.url);
    const tour = new TokenTour(JWT_SECRET);
    const webhook = await Backend.start((request, response) => {
      void text(request).then((body) => {
        const { token = '' } = JSON.parse(body) as { token?: string };
        decide(token, response, tour.ways.get(token));
      });
    });
    const nodes = await start(redis, webhook);
    const stream = await EventStream.connect(nodes.at(0).api);

    const contents: string[] = [];
    const views: string[] = [];
    for (const doors of [WITH_JWT, WITH_WEBHOOK]) {
      for (const [at, kind] of TOKEN_KINDS.entries()) await tour.visit(nodes.at(at).process, doors, kind);
      contents.push(...(await record.contents()));
      views.push(...(await shown(nodes.at(0))), ...(await shown(nodes.at(1))));
    }
    await tour.stray(nodes.at(0).process);
    await tour.strayToAdmin(nodes.at(1).process);
    views.push(...(await shown(nodes.at(0))));
    const running = [...nodes.up];
    await nodes.stop();
    contents.push('at the end', ...(await record.contents()));
    const log = running.flatMap(({ process }) => process.lines.map((line) => JSON.stringify(line)));
    const events = stream.rest().map((event) => JSON.stringify(event));

    const { received } = tour;
    const places = { log, views, events, received, contents, commands: record.commands };
    for (const [place, texts] of Object.entries(places)) expect([place, texts.length > 20]).toEqual([place, true]);
    expect(tour.credentials.size).toBeGreaterThan(10);
    const leaks: string[] = [];
    for (const secret of [...SECRETS, ...tour.credentials]) leaks.push(...holding(places, secret));
    for (const [token, way] of tour.ways) {
      // The end of a token is its signature.
      for (const text of holding(places, token.slice(-16))) leaks.push(`${way}: ${text}`);
    }
    expect(leaks).toEqual([]);
  });
});

import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { becomes } from '../support/becomes.js';
import { configFile } from '../support/config-file.js';
import { type Node, Nodes } from '../support/nodes.js';
import { RedisRecord } from '../support/redis-record.js';
import { RedisServer } from '../support/redis-server.js';
import { RoomLoad } from '../support/room-load.js';
import { lossesOf } from '../support/webhook-losses.js';
import { type ReceivedEvent, WEBHOOK_SECRET, WebhookReceiver } from '../support/webhook-receiver.js';

/** For what follows a takeover on a busy machine. */
const PATIENCE_MS = 60_000;
/** The load of a test, for all nodes together. */
const EVENTS_PER_SECOND = 500;

/** Answers that take this long allow 200 events a second. */
const SLOW_MS = 250;

interface Detail {
  readonly node?: string;
  readonly state: string;
  readonly waiting: number;
  readonly lastError?: { readonly problem: string };
}

jest.setTimeout(240_000);

let redis: RedisServer;
let receiver: WebhookReceiver;

beforeEach(async () => {
  redis = await RedisServer.start(RedisServer.IN_MEMORY);
  receiver = await WebhookReceiver.start();
});

afterEach(() => Nodes.endAll());

async function flagsFor(endpoint: object): Promise<string[]> {
  const webhooks = [{ url: receiver.url, secret: WEBHOOK_SECRET, batch: 50, ...endpoint }];
  return ['--config', await configFile({ webhooks }), '--frames-per-second', '1000', '--frame-burst', '1000'];
}

async function start(endpoint: object = {}): Promise<Nodes> {
  return Nodes.start(redis, 2, { flags: await flagsFor(endpoint) });
}

async function detailOf({ api }: Node): Promise<Detail> {
  const { status, body } = await api.get<{ items: Detail[] }>('webhooks');
  expect(status).toBe(200);
  return body.items[0];
}

/** Returns the index of the node that delivers. */
async function deliverer(nodes: Nodes): Promise<number> {
  let index = -1;
  const find = async (): Promise<boolean> => {
    const { node } = await detailOf(nodes.up[0]);
    index = nodes.up.findIndex(({ name }) => name === node);
    return index !== -1;
  };
  await becomes(find, true);
  return index;
}

/** Reads the events in the order in which the nodes have recorded them, past the code that delivers. */
async function recorded(nodes: Nodes): Promise<ReceivedEvent[]> {
  const entries = await redis.ask((client) => client.xrange(`${nodes.prefix}:{events}:journal`, '-', '+'));
  return entries.flatMap(([, [, , , events]]) => events.split('\n').map((text) => JSON.parse(text) as ReceivedEvent));
}

/** Waits until the last recorded event has arrived. */
async function allArrive(nodes: Nodes): Promise<ReceivedEvent[]> {
  let events: ReceivedEvent[] = [];
  const isLastThere = async (): Promise<boolean> => {
    events = await recorded(nodes);
    return receiver.events.some(({ id }) => id === events.at(-1)?.id);
  };
  await becomes(isLastThere, true, PATIENCE_MS);
  return events;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('webhooks over Redis', () => {
  it('get every event, those of each client and room in order, when the delivering node is killed', async () => {
    const nodes = await start();
    const dying = await deliverer(nodes);
    const [killed, survivor] = [nodes.at(dying), nodes.at(dying + 1)];
    // So slow that events wait when the node is killed.
    receiver.answer = (response) => setTimeout(() => response.writeHead(204).end(), SLOW_MS);
    const loads = await Promise.all(nodes.up.map((node) => RoomLoad.start(node.process.wsUrl, EVENTS_PER_SECOND / 2)));
    const ofKilled = loads[nodes.up.indexOf(killed)];
    const ofSurvivor = loads[nodes.up.indexOf(survivor)];
    await sleep(5000);
    const surely = [...ofKilled.rooms];
    await sleep(1000);
    const before = receiver.events.length;
    const { waiting } = await detailOf(killed);
    await nodes.kill(dying);
    receiver.answer = (response) => response.writeHead(204).end();
    // Other nodes take over after 5 s.
    await sleep(10_000);
    await Promise.all(loads.map((load) => load.stop()));
    const events = await allArrive(nodes);

    expect(receiver.forged).toBe(0);
    expect(waiting).toBeGreaterThan(100);
    expect([before, receiver.events.length - before].every((count) => count > 500)).toBe(true);
    expect(lossesOf(events, receiver.events)).toEqual([]);
    // What the clients have seen was recorded.
    const joined = new Set(events.flatMap(({ type, room }) => (type === 'room.joined' ? [room] : [])));
    for (const rooms of [surely, ofSurvivor.rooms]) expect(rooms.filter((room) => !joined.has(room))).toEqual([]);
    const ends = receiver.events.filter(({ reason }) => reason === 'node lost');
    const lost = new Set(ends.flatMap(({ type, client }) => (type === 'client.disconnected' ? [client] : [])));
    expect([...lost].sort()).toEqual([...ofKilled.clients].sort());
    expect(await detailOf(survivor)).toMatchObject({ node: survivor.name, state: 'delivering' });
  });

  it('get every event in order over a rolling restart', async () => {
    const nodes = await start();
    const rooms: string[] = [];
    for (const index of [0, 1]) {
      const load = await RoomLoad.start(nodes.at(index + 1).process.wsUrl, EVENTS_PER_SECOND);
      await sleep(1500);
      await nodes.restart(index);
      await sleep(1500);
      await load.stop();
      rooms.push(...load.rooms);
    }
    const events = await allArrive(nodes);
    expect(receiver.forged).toBe(0);
    expect(lossesOf(events, receiver.events)).toEqual([]);
    const joined = new Set(events.flatMap(({ type, room }) => (type === 'room.joined' ? [room] : [])));
    expect(rooms.filter((room) => !joined.has(room))).toEqual([]);
    const ofNodes = receiver.events.filter(({ type }) => type.startsWith('node.'));
    const lives = ['node-0', 'node-1'].map((name) => {
      const own = ofNodes.filter(({ node, id }, at) => node === name && ofNodes.findIndex((e) => e.id === id) === at);
      return own.map(({ type, reason }) => `${type} ${reason as string}`);
    });
    const life = ['node.joined undefined', 'node.left stopped', 'node.joined undefined'];
    expect(lives).toEqual([life, life]);
  });

  it('go on where they were when all nodes were away', async () => {
    const flags = [...(await flagsFor({ events: ['client.connected'] })), '--node-timeout-ms', '2000'];
    const nodes = await Nodes.start(redis, 2, { flags });
    receiver.answer = (response) => response.writeHead(503).end();
    const clients = await Promise.all(nodes.up.map((node) => node.connector()));
    await becomes(async () => (await detailOf(nodes.up[0])).lastError?.problem, 'status 503');
    // Both nodes have written their events.
    await becomes(async () => (await recorded(nodes)).filter(({ type }) => type === 'client.connected').length, 2);
    await nodes.kill(0);
    await nodes.kill(1);
    receiver.answer = (response) => response.writeHead(204).end();
    await Nodes.start(redis, 1, { flags, prefix: nodes.prefix });
    await becomes(() => new Set(receiver.clients).size, 2, PATIENCE_MS);
    expect([...new Set(receiver.clients)].sort()).toEqual(clients.map(({ id }) => `client.connected ${id}`).sort());
  });

  it('have one deliverer, and show the same on all nodes', async () => {
    const nodes = await start();
    await becomes(() => new Set(receiver.events.map(({ id }) => id)).size, 2);
    const index = await deliverer(nodes);
    for (let round = 0; round < 20; round++) await (await nodes.at(round).connector()).close();
    const events = await allArrive(nodes);
    // No event comes twice while nothing fails.
    expect(receiver.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    for (const node of nodes.up) {
      await becomes(async () => (await detailOf(node)).waiting, 0);
      expect(await detailOf(node)).toMatchObject({ n: 0, node: nodes.at(index).name, state: 'delivering', dropped: 0 });
    }
    const waiting = await Promise.all(nodes.up.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const shown = waiting.map((text) => text.includes('signalbox_webhook_waiting_events{webhook="0"} 0'));
    expect(shown).toEqual(nodes.up.map((_, at) => at === index));
  });

  it('hear nothing of a client that is back on another node within leaveGraceMs', async () => {
    const nodes = await start({ events: ['client.connected', 'client.disconnected'], leaveGraceMs: 3000, batch: 1 });
    await (await nodes.at(0).peer('a')).close();
    const back = await nodes.at(1).peer('a');
    await nodes.at(0).peer('b');
    await becomes(() => receiver.clients, ['client.connected a', 'client.connected b']);
    await back.close();
    await becomes(() => receiver.clients.at(-1), 'client.disconnected a');
    expect(receiver.clients).toHaveLength(3);
  });

  it('stay ended after 410 when another node takes over', async () => {
    const nodes = await start({ events: ['client.connected'] });
    receiver.answer = (response) => response.writeHead(410).end();
    const index = await deliverer(nodes);
    await nodes.at(index).connector();
    await becomes(async () => (await detailOf(nodes.at(index + 1))).state, 'ended');
    const { requests } = receiver;
    receiver.answer = (response) => response.writeHead(204).end();
    await nodes.kill(index);
    await becomes(async () => (await detailOf(nodes.up[0])).node, nodes.up[0].name, PATIENCE_MS);
    await nodes.up[0].connector();
    expect(await detailOf(nodes.up[0])).toMatchObject({ state: 'ended' });
    expect(receiver.requests).toBe(requests);
  });
});

describe('the secret of a webhook', () => {
  it('is in no log, metric, event or answer of the admin API, and not in Redis', async () => {
    const record = await RedisRecord.start(redis.url);
    const flags = [...(await flagsFor({ batch: 1 })), '--log-level', 'trace'];
    const nodes = await Nodes.start(redis, 2, { flags });
    // An endpoint that repeats what it knows.
    const text = `${WEBHOOK_SECRET} ${receiver.url}`;
    for (const answer of [
      (response: ServerResponse) => response.writeHead(500, { 'x-secret': text }).end(text),
      (response: ServerResponse) => response.writeHead(302, { location: `/${encodeURI(text)}` }).end(),
      (response: ServerResponse) => response.socket?.end(text),
    ]) {
      const { requests } = receiver;
      receiver.answer = answer;
      await (await nodes.at(0).connector()).close();
      await becomes(() => receiver.requests > requests, true);
      for (const { api } of nodes.up) await api.post('webhooks/0/test');
    }
    const shown: string[] = [];
    for (const { api, url } of nodes.up) {
      for (const path of ['webhooks', 'nodes', 'stats']) shown.push(JSON.stringify((await api.get(path)).body));
      shown.push(await (await fetch(`${url}/metrics`)).text());
    }
    const events = (await recorded(nodes)).map((event) => JSON.stringify(event));
    const contents = await record.contents();
    const { up } = nodes;
    await Promise.all(up.map(({ process }) => process.stop()));
    const log = up.flatMap(({ process }) => process.lines.map((line) => JSON.stringify(line)));
    const places = { log, shown, events, contents, commands: record.commands };
    for (const [place, texts] of Object.entries(places)) {
      expect([place, texts.length > 3]).toEqual([place, true]);
      const leaks = texts.filter((each) => /MfKQ9r8GKYqrTwjUPD8|hidden-in-a-query/.test(each));
      expect([place, leaks.map((leak) => leak.slice(0, 500))]).toEqual([place, []]);
    }
    // The nodes have tried.
    expect(log.some((line) => line.includes('a webhook'))).toBe(true);
  });
});

describe('lossesOf', () => {
  const event = (id: number, client = 'a'): ReceivedEvent => ({ id: `${id}`, type: 'client.connected', client });
  const [one, two, three] = [event(1), event(2), event(3)];

  it.each<[string, ReceivedEvent[], number]>([
    ['nothing', [one, two, three], 0],
    ['a repetition', [one, two, one, two, three], 0],
    ['another order of different clients', [event(2, 'b'), one, three], 0],
    ['a missing event', [one, three], 1],
    ['another order of one client', [one, three, two], 1],
  ])('finds %s', (_, received, count) => {
    const all = received.some(({ client }) => client === 'b') ? [one, event(2, 'b'), three] : [one, two, three];
    expect(lossesOf(all, received)).toHaveLength(count);
  });
});

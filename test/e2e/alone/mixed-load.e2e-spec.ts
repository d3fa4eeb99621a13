import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { ConnectorLoad, EasyRtcLoad, type LoadClient, PeerJsLoad } from '../../support/load-clients.js';
import { until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';

/** How long the load lasts: with LOAD_SECONDS=60 the figures are worth something, and are printed. */
const SECONDS = Number(process.env.LOAD_SECONDS ?? 10);

const PER_PROTOCOL = 300;
/** Clients that come and go all the time. */
const CHURNING = 100;
/** Each with as many members of Peer2Peer Connector as of EasyRTC, and those that come and go. */
const ROOMS = 60;
const TICK_MS = 50;
/** Counted where they are sent; those to rooms reach nine clients each. */
const DIRECT_PER_SECOND = 1400;
const TO_ROOMS_PER_SECOND = 60;
const ECHOES_PER_VISIT = 5;
/** If a slow machine has so many under way, it gets no more. */
const MAX_UNDER_WAY = 5000;

const PATIENCE_MS = 30_000;

jest.setTimeout(SECONDS * 1000 + 4 * PATIENCE_MS);

const problems: string[] = [];
/** Clients that are there all the time, one protocol after the other. */
const residents: LoadClient[] = [];
const visitors = new Set<LoadClient>();
let server: ProcessServer;
let visits = 0;
/** Messages that are due to somebody, and those that were due to visitors and have come. */
let due = 0;
let hadByVisitors = 0;

function newClient(kind: number): LoadClient {
  const complain = (problem: string): void => void problems.push(problem);
  if (kind % 3 === 0) return new ConnectorLoad(server.wsUrl, complain);
  return kind % 3 === 1 ? new PeerJsLoad(server.wsUrl, complain) : new EasyRtcLoad(server.url, complain);
}

const roomOf = (index: number): string => `room-${index % ROOMS}`;
const underWay = (): number => {
  const had = [...residents, ...visitors].reduce((sum, { count }) => sum + count, hadByVisitors);
  return due - had;
};

function send(from: LoadClient, to: LoadClient, isOffer: boolean, echo = false): void {
  from.sendTo(to.id, isOffer || !to.hasRooms, echo);
  due++;
}

async function settle(count: number): Promise<void> {
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: Math.min(50, count - i) }, (_, k) => newClient(i + k));
    await Promise.all(some.map((client) => client.open()));
    residents.push(...some);
  }
  for (const client of residents) {
    client.onEcho = (from) => {
      const visitor = [...visitors].find(({ id }) => id === from);
      if (visitor) send(client, visitor, true);
      else problems.push(`${client.id} is to answer ${from}, who is not there`);
    };
  }
  // Even rooms are made by Peer2Peer Connector clients, odd ones by EasyRTC clients.
  const connector = residents.filter((client) => client instanceof ConnectorLoad);
  const easyrtc = residents.filter((client) => client instanceof EasyRtcLoad);
  for (let room = 0; room < ROOMS; room++) {
    await (room % 2 ? easyrtc : connector)[room].join(roomOf(room), true);
  }
  const others = [...connector.entries(), ...easyrtc.entries()].filter(([, client]) => client.occupants.size === 0);
  await Promise.all(others.map(([i, client]) => client.join(roomOf(i), false)));
}

/** Comes, joins a room if it can, exchanges some messages and goes. */
async function visit(kind: number): Promise<void> {
  const visitor = newClient(kind);
  await visitor.open();
  visitors.add(visitor);
  if (visitor.hasRooms) await visitor.join(roomOf(kind), false);
  const host = residents[(kind * 7) % residents.length];
  for (let i = 0; i < ECHOES_PER_VISIT; i++) send(visitor, host, i % 2 === 0, true);
  await until(() => (visitor.received.get(host.id) ?? 0) === ECHOES_PER_VISIT, PATIENCE_MS);
  visitor.end(kind % 2 === 0);
  visitors.delete(visitor);
  // What came through its room is due to nobody.
  hadByVisitors += ECHOES_PER_VISIT;
  visits++;
}

interface Sample {
  readonly cpuSeconds: number;
  readonly rssMib: number;
  readonly descriptors: number;
}

async function sample(): Promise<Sample> {
  const proc = `/proc/${server.pid}`;
  const fields = (await readFile(`${proc}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  const status = await readFile(`${proc}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    rssMib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    descriptors: (await readdir(`${proc}/fd`)).length,
  };
}

afterEach(() => ProcessServer.killAll());

it(`a thousand clients of three protocols for ${SECONDS} s lose nothing and leave nothing behind`, async () => {
  server = await ProcessServer.start();
  // The first clients load what is loaded once.
  for (let kind = 0; kind < 30; kind++) {
    const client = newClient(kind);
    await client.open();
    client.end(true);
  }
  const idle = newClient(2) as EasyRtcLoad;
  await idle.open();
  await until(async () => (await idle.rooms()).length === 0);
  const before = await settledSample();

  await settle(3 * PER_PROTOCOL);
  const connected = await sample();
  let early: Sample | undefined;

  const start = performance.now();
  const end = start + SECONDS * 1000;
  const churn = Array.from({ length: CHURNING }, async (_, i) => {
    await sleep((i / CHURNING) * 1000);
    for (let round = 0; performance.now() < end; round++) {
      await visit(i + round * CHURNING);
      await sleep(2000);
    }
  });
  const exhausted = Promise.all(churn);
  exhausted.catch(() => undefined);

  let turn = 0;
  let sentDirectly = 0;
  let sentToRooms = 0;
  while (performance.now() < end) {
    const seconds = (performance.now() - start) / 1000;
    for (; sentDirectly < seconds * DIRECT_PER_SECOND && underWay() < MAX_UNDER_WAY; sentDirectly++, turn++) {
      // Neighbours are of different protocols, and every third is of one’s own.
      const from = residents[turn % residents.length];
      const distance = 1 + (Math.floor(turn / residents.length) % 3);
      send(from, residents[(turn + distance) % residents.length], turn % 2 === 0);
    }
    for (; sentToRooms < seconds * TO_ROOMS_PER_SECOND && underWay() < MAX_UNDER_WAY; sentToRooms++) {
      const from = residents[(sentToRooms * 11) % residents.length];
      const room = [...from.occupants.keys()][0];
      if (room === undefined) continue;
      from.sendToRoom(room);
      due += membersOf(room).length - 1;
    }
    if (!early && seconds > SECONDS / 4) early = await sample();
    if (problems.length > 0) break;
    await sleep(TICK_MS);
  }
  const late = await sample();
  const lasted = (performance.now() - start) / 1000;
  await exhausted;
  await until(() => residents.reduce((sum, { count }) => sum + count, 0) >= due - hadByVisitors, PATIENCE_MS).catch(
    (error: unknown) => problems.push(String(error)),
  );
  expect(problems.slice(0, 10)).toEqual([]);

  // Everything that was sent to somebody has come, to the last number.
  const byId = new Map(residents.map((client) => [client.id, client]));
  for (const sender of residents) {
    for (const [target, count] of sender.sent) {
      const stream = target.startsWith('#') ? `${sender.id}${target}` : sender.id;
      const targets = target.startsWith('#') ? membersOf(target.slice(1)) : [byId.get(target)];
      for (const one of targets) {
        if (one && one !== sender) expect([one.id, stream, one.received.get(stream)]).toEqual([one.id, stream, count]);
      }
    }
  }
  // Everybody has seen everybody come and go.
  for (let room = 0; room < ROOMS; room++) {
    const members = membersOf(roomOf(room));
    const ids = members.map(({ id }) => id).sort();
    expect(ids).toHaveLength((2 * PER_PROTOCOL) / ROOMS);
    const seen = () => members.map((client) => [nameOf(client), ...[...client.occupants.get(roomOf(room))!].sort()]);
    const wanted = members.map((client) => [nameOf(client), ...ids]);
    await until(() => seen().join() === wanted.join()).catch(() => expect(seen()).toEqual(wanted));
  }

  residents.forEach((client, i) => client.end(i % 2 === 0));
  await until(async () => (await idle.rooms()).length === 0, PATIENCE_MS);
  await until(async () => (await sample()).descriptors <= before.descriptors, PATIENCE_MS);
  const after = await settledSample();
  expect(problems).toEqual([]);
  expect(visits).toBeGreaterThan(CHURNING);
  expect(after.descriptors).toBe(before.descriptors);
  expect(late.rssMib).toBeLessThan(early!.rssMib * 1.5 + 50);
  idle.end(true);
  const { code } = await server.stop();
  expect(code).toBe(0);
  expect(server.lines.filter(({ level }) => level >= 50)).toEqual([]);
  expect(server.errors).toBe('');

  if (process.env.LOAD_SECONDS) {
    const messages = residents.reduce((sum, { count }) => sum + count, 0) + hadByVisitors;
    const cpuSeconds = late.cpuSeconds - connected.cpuSeconds;
    const figures = {
      lasted,
      sentDirectly,
      sentToRooms,
      visits,
      messages,
      cpuSeconds,
      before,
      connected,
      early,
      late,
      after,
    };
    process.stdout.write(`${JSON.stringify(figures, undefined, 1)}\n`);
  }
});

const nameOf = ({ constructor, id }: LoadClient): string => `${constructor.name} ${id}`;

function membersOf(room: string): LoadClient[] {
  return residents.filter(({ occupants }) => occupants.has(room));
}

/** When nothing is on its way out any more. */
async function settledSample(): Promise<Sample> {
  let last = await sample();
  await until(async () => {
    await sleep(200);
    const now = await sample();
    const isSettled = now.descriptors === last.descriptors;
    last = now;
    return isSettled;
  }, PATIENCE_MS);
  return last;
}

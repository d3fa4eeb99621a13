import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { ConnectorLoad, EasyRtcLoad, type LoadClient, PeerJsLoad } from '../../support/load-clients.js';
import { until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';

/** Duration of the load. With LOAD_SECONDS=60 the figures are meaningful, and are printed. */
const SECONDS = Number(process.env.LOAD_SECONDS ?? 10);

const PER_PROTOCOL = 300;
/** Clients that connect and disconnect all the time. */
const CHURNING = 100;
/** Rooms, each with equal numbers of Peer2Peer Connector and EasyRTC members, and with visitors. */
const ROOMS = 60;
const TICK_MS = 50;
/** Messages sent per second. Each message to a room reaches nine clients. */
const DIRECT_PER_SECOND = 1400;
const TO_ROOMS_PER_SECOND = 60;
const ECHOES_PER_VISIT = 5;
/** Maximum number of messages in flight, so that a slow machine is not overloaded. */
const MAX_UNDER_WAY = 5000;

const PATIENCE_MS = 30_000;

jest.setTimeout(SECONDS * 1000 + 4 * PATIENCE_MS);

const problems: string[] = [];
/** Clients that stay for the whole test, grouped by protocol. */
const residents: LoadClient[] = [];
const visitors = new Set<LoadClient>();
let server: ProcessServer;
let visits = 0;
/** Messages that residents must receive, and messages that visitors have received. */
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
  // Peer2Peer Connector clients create even rooms, EasyRTC clients odd ones.
  const connector = residents.filter((client) => client instanceof ConnectorLoad);
  const easyrtc = residents.filter((client) => client instanceof EasyRtcLoad);
  for (let room = 0; room < ROOMS; room++) {
    await (room % 2 ? easyrtc : connector)[room].join(roomOf(room), true);
  }
  const others = [...connector.entries(), ...easyrtc.entries()].filter(([, client]) => client.occupants.size === 0);
  await Promise.all(others.map(([i, client]) => client.join(roomOf(i), false)));
}

/** Connects, joins a room if the protocol has rooms, exchanges some messages and disconnects. */
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
  // Messages through the visitor's room are not counted as due.
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

it(`loses nothing and leaves nothing behind with a thousand clients of three protocols for ${SECONDS} s`, async () => {
  server = await ProcessServer.start();
  // The first clients trigger one-time loading, which must not count as growth.
  for (let kind = 0; kind < 30; kind++) {
    const client = newClient(kind);
    await client.open();
    client.end(true);
  }
  const idle = newClient(2) as EasyRtcLoad;
  await idle.open();
  await until(async () => (await idle.rooms()).length === 0);
  const before = await idleSample();

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
      // Neighbours have different protocols, and every third one has the same.
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

  // Each resident has received every message, up to the last number.
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
  // Every member has seen all others join and leave.
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
  const after = await idleSample();
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

/** Returns a sample of the resources once no data is waiting to be written. */
async function idleSample(): Promise<Sample> {
  let last = await sample();
  await until(async () => {
    await sleep(200);
    const now = await sample();
    const isIdle = now.descriptors === last.descriptors;
    last = now;
    return isIdle;
  }, PATIENCE_MS);
  return last;
}

import { once } from 'node:events';
import { Agent, get } from 'node:http';
import {
  again,
  command,
  counted,
  flood,
  isOver,
  LOCAL_ADDRESS,
  openConnector,
  openEasyRtc,
  openPeerJs,
} from './client.mjs';

const ROOMS_EACH = 99;
const named = (names) => Object.fromEntries(names.map((roomName) => [roomName, { roomName }]));
const rooms = (prefix, count) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

/** Lists rooms while there are thousands. */
export async function roomList(target) {
  const hosts = await Promise.all(
    Array.from({ length: 50 }, (_, i) => openEasyRtc(target, { roomJoin: named(rooms(`list-${i}`, ROOMS_EACH)) })),
  );
  await again(target, 5, async () => {
    const socket = await openEasyRtc(target);
    await flood(target, socket, () => command(socket, 'getRoomList'));
  });
  hosts.forEach((socket) => socket.terminate());
}

/** Changes its presence in many rooms that it shares with the same clients. */
export async function presence(target) {
  const shared = named(rooms('shared', ROOMS_EACH));
  const others = await Promise.all(Array.from({ length: 30 }, () => openEasyRtc(target, { roomJoin: shared })));
  const status = 'x'.repeat(300);
  await again(target, 2, async () => {
    const socket = await openEasyRtc(target, { roomJoin: shared });
    await flood(target, socket, (i) =>
      command(socket, 'setPresence', { setPresence: { show: 'away', status: status + i } }),
    );
  });
  others.forEach((socket) => socket.terminate());
}

/** Requests to join tens of thousands of rooms in one message. */
export async function manyNames(target) {
  const roomJoin = named(rooms('n', 20_000));
  await again(target, 5, async () => {
    const socket = await openEasyRtc(target);
    await flood(target, socket, () => command(socket, 'roomJoin', { roomJoin }));
  });
}

/** Joins and leaves a big room, again and again. */
export async function joinAndLeave(target) {
  const join = (room) => JSON.stringify({ event: 'Join_Room', data: { room } });
  const leave = (room) => JSON.stringify({ event: 'Leave_Room', data: { room } });
  const { socket: host } = await openConnector(target);
  host.send(JSON.stringify({ event: 'Create_Room', data: { room: 'crowd' } }));
  const members = await Promise.all(Array.from({ length: 200 }, () => openConnector(target)));
  members.forEach(({ socket }) => socket.send(join('crowd')));
  await again(target, 5, async () => {
    const { socket } = await openConnector(target);
    await flood(target, socket, (i) => socket.send(i % 2 === 0 ? join('crowd') : leave('crowd')));
  });
  [host, ...members.map(({ socket }) => socket)].forEach((socket) => socket.terminate());
}

/** Fills the fields of a hundred rooms with nested lists. */
export async function nestedFields(target) {
  const fieldValue = JSON.parse('['.repeat(500) + ']'.repeat(500));
  await again(target, 10, async (index) => {
    const names = rooms(`nested-${index}`, ROOMS_EACH);
    const socket = await openEasyRtc(target, { roomJoin: named(names) });
    await flood(target, socket, (i) => {
      const field = { fieldName: `f${i}`, fieldValue };
      command(socket, 'setRoomApiField', {
        setRoomApiField: { roomName: names[i % names.length], field: { [`f${i}`]: field } },
      });
    });
  });
}

/** Sends JSON of the maximum size that is as expensive to parse as possible. */
export async function hostileJson(target) {
  const texts = [
    '['.repeat(1_000_000),
    `[${'[],'.repeat(300_000)}[]]`,
    `{"event":"Message","to":"x","data":[${'0,'.repeat(490_000)}0]}`,
  ];
  await again(target, 5, async () => {
    const { socket } = await openConnector(target);
    await flood(target, socket, (i) => socket.send(texts[i % texts.length]));
  });
}

/** Sends valid small messages as fast as possible. */
export async function frames(target) {
  await again(target, 10, async () => {
    const { socket, id } = await openConnector(target);
    const text = JSON.stringify({ event: 'Message', to: id, data: 'x' });
    await flood(target, socket, () => socket.send(text));
  });
}

/** Sends messages of no protocol, and frames that violate the WebSocket protocol. */
export async function garbage(target) {
  await again(target, 10, async (index) => {
    const { socket } =
      index % 2 ? await openConnector(target) : { socket: await openPeerJs(target, `garbage${index}`) };
    const texts = [
      '',
      '{',
      '[]',
      'null',
      '{"event":7}',
      '{"type":"OFFER","dst":{}}',
      '{"event":"__proto__"}',
      '\u0000',
    ];
    await flood(target, socket, (i) => socket.send(i % 9 === 8 ? Buffer.from([0, 1]) : texts[i % texts.length]));
  });
}

/** Sends offers to absent clients, all of which would be queued. */
export async function absentTargets(target) {
  const payload = 'o'.repeat(4000);
  await again(target, 100, async (index) => {
    const socket = await openPeerJs(target, `queue${index}`);
    await flood(target, socket, (i) =>
      socket.send(JSON.stringify({ type: 'OFFER', dst: `absent${index}-${i}`, payload })),
    );
  });
}

/** Creates as many rooms as one address may. */
export async function hoardedRooms(target) {
  await again(target, 100, async () => {
    const { socket } = await openConnector(target);
    const create = JSON.stringify({ event: 'Create_Room', data: {} });
    await flood(target, socket, () => socket.send(create));
  });
}

/** Claims the id of a connected client. */
export async function claims(target) {
  const owner = await openPeerJs(target, 'claimed', 'owner');
  await again(target, 50, async () => {
    const socket = await openPeerJs(target, 'claimed', `thief${Math.random()}`);
    counted(target, 'sent');
    socket.terminate();
  });
  owner.terminate();
}

/** Connects and disconnects as fast as possible. */
export async function churn(target) {
  await again(target, 50, async (index) => {
    if (index % 2) (await openConnector(target)).socket.terminate();
    else (await openPeerJs(target, `churn${index}`)).close();
    counted(target, 'sent');
  });
}

/** Sends big messages to a client that does not read. */
export async function slowReader(target) {
  await again(target, 3, async (index) => {
    const victim = await openPeerJs(target, `slow${index}`);
    victim.pause();
    const socket = await openPeerJs(target, `stuffer${index}`);
    const text = JSON.stringify({ type: 'OFFER', dst: `slow${index}`, payload: 'x'.repeat(900_000) });
    await flood(target, socket, () => socket.send(text));
    victim.terminate();
  });
}

/** Guesses tokens of the admin API. */
export async function guesses(target) {
  await http(target, '/admin/v1/clients', () => ({ authorization: `Bearer ${'guess'.repeat(4)}${Math.random()}` }));
}

/** Requests the metrics all the time. */
export async function metrics(target) {
  await http(target, '/metrics', () => ({}));
}

/** Requests unknown paths, each with another forwarded address. */
export async function wrongPaths(target) {
  await http(target, `/${'wrong'.repeat(100)}`, () => ({
    'x-forwarded-for': `203.0.113.${Math.floor(Math.random() * 256)}:${Math.floor(Math.random() * 65_535)}`,
  }));
}

async function http(target, path, headers) {
  const { host, port } = target;
  const agent = new Agent({ keepAlive: true, localAddress: LOCAL_ADDRESS });
  await again(target, 20, async () => {
    const [response] = await once(get({ host, port, path, agent, headers: headers() }), 'response');
    await once(response.resume(), 'end');
    counted(target, isOver(target) ? 'late' : 'sent');
  });
  agent.destroy();
}

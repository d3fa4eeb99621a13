import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'ws';
import { EasyRtcHooks } from '../../../src/index.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { ConnectorClient, errorOf as connectorError } from '../../support/connector-client.js';
import { cpuMs } from '../../support/cpu.js';
import { EasyRtcClient, errorOf, rooms } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(...args: Parameters<typeof startServer>): Promise<void> {
  server = await startServer(...args);
}

const MIB = 1_048_576;
const manyRooms = (count: number) => rooms(...Array.from({ length: count }, (_, i) => `r${i}`));

describe('a request with many names', () => {
  class Hooks extends EasyRtcHooks {
    asked = 0;

    override mayJoinRoom(): boolean {
      return ++this.asked > 0;
    }

    override mayLeaveRoom(): boolean {
      return ++this.asked > 0;
    }
  }

  /** Returns a function that counts hook calls and room lookups from now on. */
  function watch(): () => number {
    const hooks = server.app.get<Hooks>(EasyRtcHooks, { strict: false });
    const store = server.app.get(RoomStore, { strict: false });
    let lookups = 0;
    for (const method of ['find', 'existing', 'enter'] as const) {
      const operation = store[method].bind(store) as () => Promise<never>;
      store[method] = (...args: unknown[]) => {
        lookups++;
        return operation(...(args as []));
      };
    }
    hooks.asked = 0;
    return () => hooks.asked + lookups;
  }

  const COMMANDS: [command: string, code: Parameters<typeof errorOf>[0]][] = [
    ['roomJoin', 'MSG_REJECT_BAD_ROOM'],
    ['roomLeave', 'MSG_REJECT_BAD_ROOM'],
  ];

  it.each(COMMANDS)('%s is rejected before any lookup', async (command, code) => {
    await start({}, [{ provide: EasyRtcHooks, useClass: Hooks }]);
    const eve = await EasyRtcClient.login(server.url);
    const done = watch();
    for (const count of [101, 9000]) {
      expect(await eve.command(command, { [command]: manyRooms(count) })).toEqual(errorOf(code));
    }
    expect(done()).toBe(0);
    expect(await eve.command('roomJoin', { roomJoin: manyRooms(99) })).toHaveProperty('msgType', 'roomData');
  });

  it('is rejected as a login', async () => {
    await start({}, [{ provide: EasyRtcHooks, useClass: Hooks }]);
    const eve = await EasyRtcClient.connect(server.url);
    const done = watch();
    const msgData = { apiVersion: '1', applicationName: 'app', roomJoin: manyRooms(101) };
    expect(await eve.ask('easyrtcAuth', { msgType: 'authenticate', msgData })).toEqual(errorOf('LOGIN_GEN_FAIL'));
    expect(done()).toBe(0);
  });

  it('ends the connection at once if it is about a megabyte long', async () => {
    await start({}, [{ provide: EasyRtcHooks, useClass: Hooks }]);
    const eve = await EasyRtcClient.login(server.url);
    const done = watch();
    const message = { msgType: 'roomJoin', msgData: { roomJoin: manyRooms(28_000) } };
    eve.send('easyrtcCmd', message, () => undefined);
    expect(await eve.closed).toBe('transport close');
    expect(done()).toBe(0);
  });
});

describe('a megabyte of JSON with very many values', () => {
  const list = (value: string): string =>
    `[${Array(Math.floor(MIB / (value.length + 1)) - 100)
      .fill(value)
      .join()}]`;
  const names = `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":0`).join()}}`;
  const HOSTILE: [what: string, text: string][] = [
    ['deep arrays', '['.repeat(MIB / 2 - 200) + ']'.repeat(MIB / 2 - 200)],
    ['objects', list('{}')],
    ['names', names],
  ];

  it.each(HOSTILE)('%s: is rejected cheaply by Peer2Peer Connector, and ignored by PeerJS', async (_, text) => {
    await start({ framesPerSecond: 10_000, frameBurst: 10_000 });
    const eve = await ConnectorClient.connect(server.wsUrl);
    const frame = `{"event":"Message","to":"${eve.id}","data":${text}}`;
    const refusal = connectorError('Invalid_Message', 'The message holds too many values.');
    expect(await eve.ask(frame)).toEqual(refusal);
    const parsing = await cpuMs(() => Promise.resolve(JSON.parse(frame)));
    const refusing = await cpuMs(() => eve.ask(frame));
    // The CPU time includes the client, which masks a megabyte.
    expect(refusing).toBeLessThan(parsing + 40);

    const pia = await PeerJsSocket.open(server.wsUrl, 'pia');
    pia.send(`{"type":"OFFER","dst":"pia","payload":${text}}`);
    pia.send({ type: 'OFFER', dst: 'pia', payload: 1 });
    expect(await pia.next()).toMatchObject({ type: 'OFFER', payload: 1 });
  });

  it.each(HOSTILE)('%s: ends an EasyRTC connection', async (_, text) => {
    await start({ loginTimeoutMs: 3_600_000 });
    const socket = new WebSocket(`${server.wsUrl}/socket.io/?EIO=4&transport=websocket`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));
    socket.send('40');
    socket.send(`421["easyrtcCmd",${text}]`);
    await closed;
  });
});

describe('API fields', () => {
  const deep = (length: number) => '['.repeat(length / 2) + ']'.repeat(length / 2);
  const field = { f: { fieldName: 'f', fieldValue: JSON.parse(deep(3900)) as unknown } };
  const setField = (client: EasyRtcClient, roomName: string, value: object = field) =>
    client.command('setRoomApiField', { setRoomApiField: { roomName, field: value } });

  const fieldMessage = (roomName: string, value: string) =>
    `["easyrtcCmd",{"msgType":"setRoomApiField","msgData":{"setRoomApiField":{"roomName":"${roomName}",` +
    `"field":{"f":{"fieldName":"f","fieldValue":${value}}}}}}]`;

  /**
   * Connects a client that stores no messages. Resolves with a function that sends a message and waits for the reply.
   */
  async function rawClient(inRooms: number[]): Promise<(message: string) => Promise<void>> {
    const socket = new WebSocket(`${server.wsUrl}/socket.io/?EIO=4&transport=websocket`);
    let heard: { prefix: string; resolve: () => void } | undefined;
    socket.on('message', (data: Buffer) => {
      if (heard?.prefix === data.toString('latin1', 0, heard?.prefix.length)) heard?.resolve();
    });
    const hear = (prefix: string) => new Promise<void>((resolve) => (heard = { prefix, resolve }));
    await hear('0{');
    socket.send('40');
    await hear('40{');
    let messages = 100;
    const send = (message: string): Promise<void> => {
      const id = ++messages;
      socket.send(`42${id}${message}`);
      return hear(`43${id}[`);
    };
    const roomJoin = rooms(...inRooms.map((room) => `r${room}`));
    const msgData = { apiVersion: '1', applicationName: 'app', roomJoin };
    await send(JSON.stringify(['easyrtcAuth', { msgType: 'authenticate', msgData }]));
    return send;
  }

  it('use memory in proportion to their text', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await start({ framesPerSecond: 10_000, frameBurst: 10_000 });
    const ROOMS = [...Array(16).keys()];
    const clients = await Promise.all([...Array(10).keys()].map(() => rawClient(ROOMS)));
    const before = heap();
    for (const send of clients) {
      for (const room of ROOMS) {
        await send(fieldMessage(`r${room}`, deep(3900)));
      }
    }
    expect(heap() - before).toBeLessThan(5 * clients.length * ROOMS.length * 3900);
  });

  it('take about as long to process when they are deeply nested', async () => {
    await start({ framesPerSecond: 10_000, frameBurst: 10_000 });
    const send = await rawClient([0]);
    const takes = (value: string) =>
      cpuMs(async () => {
        for (let i = 0; i < 200; i++) await send(fieldMessage('r0', value));
      });
    await takes('0');
    const flat = await takes(`"${'x'.repeat(3900)}"`);
    expect(await takes(deep(3900))).toBeLessThan(2 * flat + 150);
  });

  it('have one limit for all rooms of a client, and change nothing if rejected', async () => {
    await start();
    const eve = await EasyRtcClient.login(server.url, { roomJoin: manyRooms(20) });
    for (let room = 0; room < 16; room++) {
      expect(await setField(eve, `r${room}`)).toHaveProperty('msgType', 'roomData');
    }
    const refusal = errorOf('MSG_REJECT_BAD_SIZE');
    expect(await setField(eve, 'r16')).toEqual(refusal);
    const ann = await EasyRtcClient.login(server.url, { roomJoin: rooms('r15', 'r16') });
    expect(ann.token.roomData.r15.clientList[eve.id].apiField).toEqual(field);
    expect(ann.token.roomData.r16.clientList[eve.id]).not.toHaveProperty('apiField');
    await eve.command('roomLeave', { roomLeave: rooms('r0') });
    expect(await setField(eve, 'r16')).toHaveProperty('msgType', 'roomData');
  });
});

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { EasyRtcHooks, type EasyRtcServerMessage } from '../../../src/index.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { cpuMs } from '../../support/cpu.js';
import { ACK, EasyRtcClient, errorOf, rooms } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(...args: Parameters<typeof startServer>): Promise<void> {
  server = await startServer(...args);
}

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);
const poll = (rest: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/socket.io/?EIO=4&transport=polling${rest}`, { headers });
const connections = () => server.app.get(Connections, { strict: false }).size;

/** Opens a raw WebSocket and logs in, so that tests can send any packet. */
async function rawClient(): Promise<WebSocket> {
  const socket = new WebSocket(`${server.wsUrl}/socket.io/?EIO=4&transport=websocket`);
  const heard = (prefix: string): Promise<unknown> =>
    new Promise((resolve) => {
      socket.on('message', (data: Buffer) => {
        if (data.toString().startsWith(prefix)) resolve(undefined);
      });
    });
  const [open, connected, token] = ['0{', '40{', '430['].map(heard);
  await open;
  socket.send('40');
  await connected;
  socket.send('420["easyrtcAuth",{"msgType":"authenticate","msgData":{"apiVersion":"1","applicationName":"app"}}]');
  await token;
  return socket;
}

describe('a request for a new EasyRTC connection', () => {
  it.each(['&sid=', '&sid=unknown', '&sid=__proto__', '#&sid=x'])('does not bypass limits with %s', async (rest) => {
    await start({ maxConnections: 1, cors: ['https://good.example'] });
    await login();
    expect((await poll(rest)).status).not.toBe(200);
    expect((await poll(rest, { origin: 'https://bad.example' })).status).not.toBe(200);
    const socket = new WebSocket(`${server.wsUrl}/socket.io/?EIO=4&transport=websocket${rest.replace('#', '')}`);
    expect(await new Promise((resolve) => socket.once('error', resolve).once('open', resolve))).toBeInstanceOf(Error);
    expect(connections()).toBe(1);
  });

  it('is rejected if its URL is malformed', async () => {
    await start();
    const { status } = await new Promise<{ status: string }>((resolve) => {
      void import('node:net').then(({ connect }) => {
        const socket = connect(server.port, '127.0.0.1', () =>
          socket.write('GET http://[/socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
        );
        socket.once('data', (data) => resolve({ status: data.toString().slice(9, 12) }));
      });
    });
    expect(['400', '404']).toContain(status);
    await login();
  });
});

describe('binary data with many references in one message', () => {
  const names = (count: number) => `[${Array(count).fill('{"_placeholder":true,"num":0}').join()}]`;

  it('is rejected, and leaves other clients connected', async () => {
    await start();
    const ann = await login();
    const attacker = await rawClient();
    const answers: string[] = [];
    attacker.on('message', (data: Buffer) => answers.push(data.toString()));
    attacker.send(`451-1["easyrtcMsg",{"msgType":"m","targetRoom":"default","msgData":${names(11)}}]`);
    attacker.send(Buffer.alloc(10));
    await until(() => answers.some((answer) => answer.startsWith('431[')));
    expect(answers.find((answer) => answer.startsWith('431['))).toContain('MSG_REJECT_BAD_STRUCTURE');
    attacker.send(`451-2["easyrtcMsg",{"msgType":"m","targetRoom":"default","msgData":${names(10)}}]`);
    attacker.send(Buffer.alloc(200_000));
    await until(() => answers.some((answer) => answer.startsWith('432[')));
    expect(answers.find((answer) => answer.startsWith('432['))).toContain('MSG_REJECT_GEN_FAIL');
    attacker.close();
    expect(ann.socket.connected).toBe(true);
    expect((await ann.rest()).map(({ msgType }) => msgType)).not.toContain('m');
  });

  it('does not block a room when it is in API fields', async () => {
    await start();
    const attacker = await rawClient();
    attacker.send(
      `451-1["easyrtcCmd",{"msgType":"setRoomApiField","msgData":{"setRoomApiField":{"roomName":"default","field":` +
        `{"f":{"fieldName":"f","fieldValue":${names(12)}}}}}}]`,
    );
    attacker.send(Buffer.alloc(1));
    const ann = await login();
    expect(Object.keys(ann.token.roomData.default.clientList)).toHaveLength(2);
    attacker.close();
  });

  it('closes the connection if the message never completes', async () => {
    await start();
    const attacker = await rawClient();
    const closed = new Promise((resolve) => attacker.once('close', resolve));
    attacker.send('459-1["easyrtcMsg",{}]');
    for (let i = 0; i < 4; i++) attacker.send(Buffer.alloc(400_000));
    await closed;
  });
});

it('stores only show and status of a presence', async () => {
  await start();
  const ann = await login({ setPresence: { show: 'away', big: 'x'.repeat(1000) } });
  expect(ann.entry().presence).toEqual({ show: 'away', status: null });
});

describe('a hook that never resolves', () => {
  class Hooks extends EasyRtcHooks {
    override serverMessage(): Promise<EasyRtcServerMessage> {
      return new Promise(() => undefined);
    }

    override mayJoinRoom(_: unknown, room: string): boolean | Promise<boolean> {
      return room !== 'slow' || new Promise(() => undefined);
    }
  }

  it('leaves no trace of a client that disconnects meanwhile', async () => {
    await start({}, [{ provide: EasyRtcHooks, useClass: Hooks }]);
    const ann = await login();
    const bob = await login();
    bob.send('easyrtcMsg', { msgType: 'm' }, () => undefined);
    const cleo = await EasyRtcClient.connect(server.url);
    cleo.send(
      'easyrtcAuth',
      { msgType: 'authenticate', msgData: { apiVersion: '1', applicationName: 'app', roomJoin: rooms('slow') } },
      () => undefined,
    );
    await bob.close();
    await cleo.close();
    await until(async () => (await ann.roomSizes()).default === 1);
    await until(() => connections() === 1);
  });
});

it('disconnects a client with a failed login even if it keeps retrying', async () => {
  await start();
  const ann = await EasyRtcClient.connect(server.url);
  const again = setInterval(() => ann.send('easyrtcAuth', { msgType: 'x' }, () => undefined), 20);
  try {
    expect(await ann.ask('easyrtcAuth', { msgType: 'x' })).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await ann.closed).toBe('io server disconnect');
  } finally {
    clearInterval(again);
  }
});

it('does not limit the total size of messages while few are pending', async () => {
  class Slow extends EasyRtcHooks {
    override async serverMessage(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await start({ maxBufferedBytes: 65_536 }, [{ provide: EasyRtcHooks, useClass: Slow }]);
  const ann = await login();
  for (let i = 0; i < 30; i++) expect(await ann.message({ msgType: 'm', msgData: 'x'.repeat(10_000) })).toEqual(ACK);
});

it('answers 404 for a folder of the client library', async () => {
  await start();
  expect((await fetch(`${server.url}/easyrtc/labs`)).status).toBe(404);
});

it('closes a polling session at once after a request with a million packets', async () => {
  await start();
  const base = `${server.url}/socket.io/?EIO=3&transport=polling`;
  const poll = async (url: string) => (await fetch(url)).text();
  /** Opens a session with a pending poll. Without one, engine.io keeps the closed session and the process for 30 s. */
  const session = async () => {
    const url = `${base}&sid=${/"sid":"([^"]+)"/.exec(await poll(base))![1]}`;
    await poll(url);
    const pending = once(server.app.getHttpServer(), 'request');
    void poll(url).catch(() => undefined);
    await pending;
    return url;
  };
  const send = async (url: string, body: Buffer) => {
    const headers = { 'Content-Type': 'application/octet-stream' };
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    await answer.text();
  };
  await send(await session(), Buffer.from('\x00\x01\xff1', 'latin1'));
  const attacked = await session();
  expect(await cpuMs(() => send(attacked, Buffer.alloc(1_000_000, 0xff)))).toBeLessThan(200);
  await until(() => connections() === 0);
});

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../src/config/config.js';
import { HttpSockets } from '../../../src/transport/http/http-sockets.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { dial, hangUpAll, requestOf } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

const LARGE = requestOf('/socket.io/socket.io.js');

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
}

const open = () => server.app.get(HttpSockets, { strict: false }).size;

/** Opens `count` connections, writes the same text to each, and reads nothing. */
async function hold(count: number, text: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = await Promise.all(Array.from({ length: 50 }, () => dial(server.port)));
    for (const socket of some) if (text !== '') socket.write(text);
    sockets.push(...some);
  }
  return sockets;
}

async function health(localAddress = '127.0.0.1'): Promise<string> {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
  socket.on('error', () => socket.destroy());
  socket.write(requestOf('/health/live', { Connection: 'close' }));
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await new Promise((resolve) => socket.once('close', resolve));
  return text.slice(0, 12);
}

describe('1,300 connections of one address', () => {
  it.each([
    ['that send nothing', ''],
    ['that do not read answers', LARGE],
    ['with a body that never arrives', `${requestOf('/x', { 'Content-Length': '10' }, 'POST')}x`],
    ['that are kept alive', requestOf('/health/live')],
  ])(
    '%s do not keep other clients out',
    async (_, text) => {
      await start({ maxConnections: 50 });
      const ann = await ConnectorClient.connect(server.wsUrl);
      const poller = await EasyRtcClient.login(server.url, {}, { transports: ['polling'] });
      await hold(1300, text);
      await becomes(() => open() <= 1050, true);
      for (let i = 0; i < 3; i++) expect(await health()).toBe('HTTP/1.1 200');
      const bob = await ConnectorClient.connect(server.wsUrl);
      bob.send({ event: 'Message', to: ann.id, data: 'hello' });
      expect(await ann.next()).toMatchObject({ data: 'hello' });
      expect(await poller.message({ msgType: 'm', targetRoom: 'default' })).toMatchObject({ msgType: 'ack' });
    },
    30_000,
  );
});

describe('the connections of one address', () => {
  it('have one limit for all kinds, while other addresses are served', async () => {
    await start({ maxConnectionsPerIp: 3 });
    await hold(100, '');
    await becomes(open, 2 * 3 + 64);
    expect(await health()).not.toBe('HTTP/1.1 200');
    expect(await health('127.0.0.2')).toBe('HTTP/1.1 200');
    hangUpAll();
    await becomes(open, 0);
    expect(await health()).toBe('HTTP/1.1 200');
  });

  it.each([
    ['of a trusted proxy', { maxConnectionsPerIp: 3, proxied: 'loopback' }],
    ['without a limit', { maxConnectionsPerIp: 0 }],
    ['of a local peer by default', {}],
  ])('are not limited: %s', async (_, options) => {
    await start(options);
    await hold(700, '');
    await becomes(open, 700);
    expect(await health()).toBe('HTTP/1.1 200');
  });
});

describe('an unread answer', () => {
  it('ends its connection after stallTimeoutMs, unlike an answer that is pending', async () => {
    await start({ stallTimeoutMs: 300 });
    const poller = await EasyRtcClient.login(server.url, {}, { transports: ['polling'] });
    const unread = await Promise.all(Array.from({ length: 10 }, () => dial(server.port)));
    for (const socket of unread) socket.write(LARGE.repeat(60));
    await becomes(() => open() > 10, true);
    await becomes(() => open() < 10, true, 20_000);
    // More than three times stallTimeoutMs.
    await sleep(1000);
    expect(poller.socket.connected).toBe(true);
    expect(await poller.command('getRoomList')).toMatchObject({ msgType: 'roomList' });
  });
});

import { setTimeout as nextTurn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { MemoryClientDirectory } from '../../../src/backplane/memory/memory-client-directory.js';
import type { Config } from '../../../src/config/config.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PeerJsSocket, until, upgradeStatus } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { Metrics, promtoolComplaints } from '../../support/prometheus-text.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const CONNECTOR = 'peer2peer-connector';
const EASYRTC = 'easyrtc';
const PEERJS = 'peerjs';

const BLOCKED_MS = 200;

let server: AdminServer;
let visitors: Visitors;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startAdminServer(options);
  visitors = new Visitors(server, server.api);
}

afterEach(async () => {
  jest.restoreAllMocks();
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
  await server.close();
});

const read = (): Promise<Metrics> => Metrics.of(server.url);

/** Waits until a sum has the expected value. Fails the test with the actual one on a timeout. */
async function becomes(name: string, labels: Record<string, string>, value: number): Promise<void> {
  let is = NaN;
  await until(async () => (is = (await read()).sum(name, labels)) === value).catch(() => undefined);
  expect([name, labels, is]).toEqual([name, labels, value]);
}

describe('metrics of clients', () => {
  it('count connected clients by protocol and realm', async () => {
    await start({
      keys: new Map(Object.entries({ peerjs: 'default', acme: 'acme' })),
      easyrtcApplications: new Map([['chess', 'chess']]),
    });
    const before = await read();
    expect(before.all('signalbox_clients')).toEqual([]);
    expect(before.value('signalbox_connections')).toBe(0);
    await visitors.connectors(2);
    await visitors.peer('pia');
    await visitors.peer('paul', { key: 'acme' });
    await EasyRtcClient.login(server.url, { applicationName: 'chess' });
    await EasyRtcClient.connect(server.url);

    const during = await read();
    const clients = during.all('signalbox_clients').map(({ labels, value }) => ({ ...labels, value }));
    expect(clients).toHaveLength(4);
    expect(clients).toEqual(
      expect.arrayContaining([
        { protocol: CONNECTOR, realm: 'default', value: 2 },
        { protocol: PEERJS, realm: 'default', value: 1 },
        { protocol: PEERJS, realm: 'acme', value: 1 },
        { protocol: EASYRTC, realm: 'chess', value: 1 },
      ]),
    );
    expect(during.value('signalbox_connections')).toBe(6);
    expect(during.value('signalbox_connects_total', { protocol: CONNECTOR })).toBe(2);
    expect(during.value('signalbox_connects_total', { protocol: PEERJS })).toBe(2);
    expect(during.value('signalbox_connects_total', { protocol: EASYRTC })).toBe(1);

    await visitors.leave();
    await becomes('signalbox_clients', {}, 0);
    await becomes('signalbox_connections', {}, 0);
    expect((await read()).sum('signalbox_connects_total')).toBe(5);
  });

  it('count closed connections by reason', async () => {
    await start({ frameBurst: 10, framesPerSecond: 1, loginTimeoutMs: 500 });
    const [removed, closed, lost, broken] = await visitors.connectors(4);
    const peers = [await visitors.peer('pia'), await visitors.peer('lena')];
    await server.api.delete(['clients', removed.id]);
    await closed.close();
    lost.terminate();
    broken.send(Buffer.alloc(2 * 1024 * 1024));
    await Promise.all([removed.closed, broken.closed]);
    await PeerJsSocket.open(server.wsUrl, 'pia');
    await peers[0].closed;
    peers[1].send({ type: 'LEAVE' });
    await peers[1].closed;
    const chatty = await visitors.connector();
    for (let sent = 0; sent < 20; sent++) chatty.send({ event: 'Message', to: chatty.id });
    await chatty.closed;
    await (
      await EasyRtcClient.connect(server.url)
    ).closed;
    for (const reason of [
      'removed',
      'closed by client',
      'connection lost',
      'protocol violation',
      'replaced',
      'left',
      'rate exceeded',
      'login timeout',
    ]) {
      await becomes('signalbox_disconnects_total', { reason }, 1);
    }
    expect((await read()).sum('signalbox_disconnects_total')).toBe(8);
  });

  it('count clients that were disconnected because they did not read', async () => {
    await start({ maxBufferedBytes: 64 * 1024, maxSharePerSender: 100, framesPerSecond: 100_000, frameBurst: 100_000 });
    const [ann, bob] = await visitors.connectors(2);
    expect((await read()).value('signalbox_slow_clients_total')).toBe(0);
    bob.socket.pause();
    const data = 'x'.repeat(256 * 1024);
    // Metrics are rendered once a second, so a single message for each look would take long.
    await until(async () => {
      for (let i = 0; i < 10; i++) ann.send({ event: 'Message', to: bob.id, data });
      await ann.drain();
      return (await read()).value('signalbox_slow_clients_total') === 1;
    });
    await becomes('signalbox_disconnects_total', { reason: 'too slow' }, 1);
    bob.terminate();
  });

  it('count rejected connection requests', async () => {
    await start({ cors: ['https://ours.example'] });
    expect(await upgradeStatus(server.url, '/nobody')).toBe(404);
    expect(await upgradeStatus(server.url, undefined, { origin: 'https://theirs.example' })).toBe(403);
    const metrics = await read();
    expect(metrics.value('signalbox_refused_requests_total', { status: '404' })).toBe(1);
    expect(metrics.value('signalbox_refused_requests_total', { status: '403' })).toBe(1);
  });
});

describe('metrics of signals and rooms', () => {
  it('count rooms', async () => {
    await start();
    await makeRoom('den', ...(await visitors.connectors(2)));
    await server.api.post('rooms', { id: 'hall' });
    await becomes('signalbox_rooms', {}, 2);
    await server.api.delete(['rooms', 'den']);
    await becomes('signalbox_rooms', {}, 1);
  });

  it('count queued signals until their delivery', async () => {
    await start({ queueTtlMs: 60_000 });
    const pia = await visitors.peer('pia');
    for (const dst of ['later', 'later', 'never']) pia.send({ type: 'OFFER', dst, payload: {} });
    await pia.rest();
    expect((await read()).value('signalbox_waiting_signals')).toBe(3);
    await visitors.peer('later');
    await becomes('signalbox_waiting_signals', {}, 1);
    expect((await read()).value('signalbox_expired_signals_total')).toBe(0);
  });

  it('count expired signals', async () => {
    await start({ queueTtlMs: 100, queueSweepMs: 20 });
    const pia = await visitors.peer('pia');
    for (const dst of ['never', 'never', 'nowhere']) pia.send({ type: 'OFFER', dst, payload: {} });
    await pia.next('EXPIRE');
    await pia.next('EXPIRE');
    const metrics = await read();
    expect(metrics.value('signalbox_waiting_signals')).toBe(0);
    // Expired signals between the same two clients count once.
    expect(metrics.value('signalbox_expired_signals_total')).toBe(2);
  });
});

describe('metrics of the backplane', () => {
  it('count its operations with their duration and failures', async () => {
    const claim = jest.spyOn(MemoryClientDirectory.prototype, 'claim');
    await start();
    const [ann] = await visitors.connectors(3);
    await makeRoom('den', ann);
    const operation = 'clients.claim';
    const metrics = await read();
    expect(metrics.value('signalbox_backplane_operation_seconds_count', { operation })).toBe(3);
    expect(metrics.value('signalbox_backplane_operation_seconds_count', { operation: 'rooms.create' })).toBe(1);
    expect(metrics.value('signalbox_backplane_errors_total', { operation })).toBe(0);
    const seconds = metrics.value('signalbox_backplane_operation_seconds_sum', { operation })!;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(1);

    claim.mockRejectedValueOnce(new Error('the backplane is gone'));
    await expect(ConnectorClient.connect(server.wsUrl)).rejects.toThrow();
    const after = await read();
    expect(after.value('signalbox_backplane_errors_total', { operation })).toBe(1);
    expect(after.value('signalbox_backplane_operation_seconds_count', { operation })).toBe(4);
  });

  it('name operations, but no other members of the ports', async () => {
    await start();
    await makeRoom('den', ...(await visitors.connectors(2)));
    const operations = (await read()).labelsOf('signalbox_backplane_operation_seconds_count', 'operation');
    const odd = [...operations].filter((name) => !/^(clients|rooms|queue)\.[a-z]\w+$/.test(name));
    expect(odd).toEqual([]);
    expect([...operations].filter((name) => /\.(constructor|then|on[A-Z]\w+|toJSON|before\w+)$/.test(name))).toEqual(
      [],
    );
  });
});

describe('/metrics', () => {
  it('contains the event-loop delay', async () => {
    await start();
    await read();
    // The first turn after a scrape is not measured.
    for (let turn = 0; turn < 3; turn++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS);
      await nextTurn();
    }
    const seconds = (await read()).value('signalbox_event_loop_delay_p99_seconds')!;
    expect(seconds).toBeGreaterThan((BLOCKED_MS * 0.9) / 1000);
    expect(seconds).toBeLessThan((BLOCKED_MS * 10) / 1000);
  });

  it('is valid for Prometheus with any names that clients choose', async () => {
    const realm = 'a"b\\c{d="e"},\n#f';
    await start({ queueTtlMs: 60_000, keys: new Map(Object.entries({ peerjs: 'default', odd: realm })) });
    await makeRoom('den "of" thieves\n', ...(await visitors.connectors(2)));
    const pia = await visitors.peer('pia "\n', { key: 'odd' });
    pia.send({ type: 'OFFER', dst: 'never', payload: {} });
    pia.send('not JSON');
    await pia.rest();
    await visitors.easyrtc();
    const metrics = await read();
    expect(metrics.all('signalbox_clients', { protocol: PEERJS })).toEqual([
      { name: 'signalbox_clients', labels: { protocol: PEERJS, realm }, value: 1 },
    ]);
    for (const protocol of [CONNECTOR, PEERJS, EASYRTC]) {
      expect([protocol, metrics.sum('signalbox_frames_in_total', { protocol })]).not.toEqual([protocol, 0]);
    }
    expect(promtoolComplaints(metrics.text)).toBe('');
  });

  it('uses the text format and forbids caching', async () => {
    await start();
    const response = await fetch(`${server.url}/metrics`);
    await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('is served only on its own port if one is set', async () => {
    const metricsPort = await freePort();
    await start({ metricsPort });
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    await visitors.connector();
    const own = await Metrics.of(`http://127.0.0.1:${metricsPort}`);
    expect(own.sum('signalbox_clients')).toBe(1);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/admin/v1/clients`)).status).toBe(404);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientsService } from '../../../src/clients/clients.service.js';
import {
  ConnectorTestClient,
  createTestServer,
  EasyRtcTestClient,
  PeerJsTestClient,
  type TestServer,
} from '../../../src/entries/testing.js';
import type { SignalboxOptions } from '../../../src/signalbox-options.js';
import { atTeardown } from '../../support/teardown.js';

async function start(options?: SignalboxOptions): Promise<TestServer> {
  const server = await createTestServer(options);
  atTeardown(() => server.close());
  return server;
}

describe('createTestServer', () => {
  it('starts servers on ports of their own, with the application and all routes', async () => {
    const [one, other] = [await start(), await start()];
    expect(one.port).not.toBe(other.port);
    expect([one.url, one.wsUrl]).toEqual([`http://127.0.0.1:${one.port}`, `ws://127.0.0.1:${one.port}`]);
    expect((await fetch(`${one.url}/health/live`)).status).toBe(200);
    await ConnectorTestClient.connect(one.wsUrl);
    const counts = [one, other].map(({ app }) => app.get(ClientsService, { strict: false }).count());
    expect(await Promise.all(counts)).toEqual([1, 0]);
  });

  it('serves TLS with sslkey and sslcert', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-tls-'));
    atTeardown(() => rmSync(folder, { recursive: true }));
    const [sslkey, sslcert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=me'];
    execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', sslkey, '-out', sslcert], { stdio: 'pipe' });
    const { url, wsUrl } = await start({ sslkey, sslcert });
    expect([url, wsUrl]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^wss:/)]);
    await expect(ConnectorTestClient.connect(wsUrl)).rejects.toThrow('self-signed');
    const client = await ConnectorTestClient.connect(wsUrl, { rejectUnauthorized: false });
    await client.close();
  });

  it('rejects invalid options', async () => {
    await expect(createTestServer({ queueTtlMs: -1 })).rejects.toThrow('queueTtlMs');
  });

  it('disconnects its clients and frees its port when it is closed, once or twice', async () => {
    const server = await start();
    const client = await ConnectorTestClient.connect(server.wsUrl);
    await Promise.all([server.close(), server.close()]);
    expect(await client.closed).toMatchObject({ code: 1012 });
    await expect(fetch(server.url)).rejects.toThrow();
    await expect(ConnectorTestClient.connect(server.wsUrl)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the clients of signalbox/testing', () => {
  it('send and receive frames of Peer2Peer Connector', async () => {
    const { wsUrl } = await start();
    const [ann, ben] = [await ConnectorTestClient.connect(wsUrl), await ConnectorTestClient.connect(wsUrl)];
    ann.send({ event: 'Create_Room', data: { room: 'lobby' } });
    await ann.next('Room_Created');
    ben.send({ event: 'Join_Room', data: { room: 'lobby' } });
    ben.send({ event: 'Message', to: ann.id, data: 'hello' });
    expect(await ann.next('Message')).toEqual({ event: 'Message', from: ben.id, data: 'hello' });
    expect(await ann.next()).toMatchObject({ event: 'Client_Added', data: { clients: [ann.id, ben.id] } });
    expect(await ben.close()).toMatchObject({ code: 1005 });
    expect(await ann.next('Client_Removed')).toMatchObject({ data: { clients: [ann.id] } });
    await expect(ben.next()).resolves.toMatchObject({ event: 'Client_Added' });
    await expect(ben.next()).rejects.toThrow('closed with 1005');
  });

  it('send and receive messages of PeerJS', async () => {
    const { wsUrl } = await start({ path: '/myapp' });
    const ann = await PeerJsTestClient.connect(wsUrl, { id: 'ann', path: '/myapp' });
    const ben = await PeerJsTestClient.connect(wsUrl, { path: '/myapp/' });
    ben.send({ type: 'OFFER', dst: 'ann', payload: { n: 1 } });
    expect(await ann.next('OFFER')).toEqual({ type: 'OFFER', src: ben.id, dst: 'ann', payload: { n: 1 } });
    await expect(PeerJsTestClient.connect(wsUrl, { id: 'ann', path: '/myapp' })).rejects.toThrow('ID-TAKEN');
    await expect(PeerJsTestClient.connect(wsUrl, { path: '/other' })).rejects.toThrow('404');
    await ben.close();
  });

  it('send and receive messages of EasyRTC, and answer pings', async () => {
    const { wsUrl } = await start({ deadAfterMs: 300, pingIntervalMs: 100 });
    const ann = await EasyRtcTestClient.connect(wsUrl, { rooms: ['lobby'], username: 'Ann' });
    expect(Object.keys(ann.token.roomData as object)).toEqual(['lobby']);
    const ben = await EasyRtcTestClient.connect(wsUrl, { rooms: ['lobby'] });
    expect(await ann.next('roomData')).toMatchObject({ msgData: { roomData: { lobby: {} } } });
    const offer = { msgType: 'offer', targetEasyrtcid: ann.id, msgData: { sdp: 's', type: 'offer' } };
    expect(await ben.send(offer, 'easyrtcCmd')).toMatchObject({ msgType: 'ack' });
    expect(await ann.next('offer')).toMatchObject({ senderEasyrtcid: ben.id, msgData: { sdp: 's' } });
    expect(await ben.send({ msgType: 'hello', targetEasyrtcid: ann.id, msgData: [1] })).toMatchObject({
      msgType: 'ack',
    });
    expect(await ann.next()).toMatchObject({ msgType: 'hello', senderEasyrtcid: ben.id, msgData: [1] });
    const longerThanDeadAfterMs = new Promise((resolve) => setTimeout(resolve, 900, 'open'));
    expect(await Promise.race([ann.closed, longerThanDeadAfterMs])).toBe('open');
    await ben.close();
    await ann.next('roomData');
  });

  it('send headers and an origin', async () => {
    const { app, wsUrl } = await start({ cors: ['https://mine.example'], proxied: '127.0.0.1' });
    const options = { origin: 'https://mine.example', headers: { 'x-forwarded-for': '192.0.2.7' } };
    const { id } = await ConnectorTestClient.connect(wsUrl, options);
    const { items } = await app.get(ClientsService, { strict: false }).list({ limit: 9 });
    expect(items).toMatchObject([{ id, address: '192.0.2.7' }]);
    await expect(ConnectorTestClient.connect(wsUrl, { origin: 'https://other.example' })).rejects.toThrow('403');
  });

  it('reject a login that the server refuses', async () => {
    const { wsUrl } = await start({ easyrtcApplications: new Map([['mine', 'mine']]) });
    await expect(EasyRtcTestClient.connect(wsUrl)).rejects.toThrow('LOGIN_');
    await expect(EasyRtcTestClient.connect(wsUrl, { applicationName: 'mine', path: '/no' })).rejects.toThrow('404');
  });
});

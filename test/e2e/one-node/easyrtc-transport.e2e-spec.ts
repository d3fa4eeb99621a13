import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ACK, EasyRtcClient, type Received, roomNews, updated } from '../../support/easyrtc-client.js';
import { startServer, type TestServer } from '../../support/server.js';

/** The part of socket.io-client 2.5 in use here; the package has no types. */
interface OldSocket {
  on(event: string, listener: (...args: unknown[]) => void): void;
  emit(event: string, message: object, answer: (message: Received) => void): void;
  close(): void;
}

const require = createRequire(import.meta.url);
const connectOld = require('socket.io-client-2') as (url: string, options: object) => OldSocket;

const ORIGIN = 'https://pages.example';

let server: TestServer;
const oldSockets: OldSocket[] = [];

beforeEach(async () => {
  server = await startServer();
});

afterEach(async () => {
  for (const socket of oldSockets.splice(0)) socket.close();
  EasyRtcClient.closeAll();
  await server.close();
});

const transportOf = ({ socket }: EasyRtcClient): string => socket.io.engine.transport.name;

/** Exchanges messages between two clients in both directions. */
async function converse(ann: EasyRtcClient, bob: EasyRtcClient): Promise<void> {
  for (const [from, to] of [
    [ann, bob],
    [bob, ann],
  ]) {
    expect(await from.command('offer', { sdp: 'x' }, to.id)).toEqual(ACK);
    expect(await to.nextOf('offer')).toMatchObject({ senderEasyrtcid: from.id, msgData: { sdp: 'x' } });
    const msgData = { bytes: Buffer.from([0, 255]), text: '' };
    expect(await from.message({ msgType: 'm', msgData, targetRoom: 'default' })).toEqual(ACK);
    expect(await to.nextOf('m')).toMatchObject({ senderEasyrtcid: from.id, msgData });
  }
}

describe('an EasyRTC client', () => {
  it('can poll', async () => {
    const ann = await EasyRtcClient.login(server.url, {}, { transports: ['polling'] });
    const bob = await EasyRtcClient.login(server.url);
    expect([ann, bob].map(transportOf)).toEqual(['polling', 'websocket']);
    expect(await ann.next()).toEqual(roomNews(ann, updated('default', bob.entry())));
    await converse(ann, bob);
    expect([ann, bob].map(transportOf)).toEqual(['polling', 'websocket']);
    const gone = ann.id;
    await ann.close();
    expect(await bob.next()).toHaveProperty(`msgData.roomData.default.clientListDelta.removeClient.${gone}`);
  });

  it('can upgrade from polling to a WebSocket, before and after its login', async () => {
    const bob = await EasyRtcClient.login(server.url);
    for (const loginFirst of [true, false]) {
      const ann = await EasyRtcClient.connect(server.url, { transports: ['polling', 'websocket'] });
      const upgraded = new Promise((resolve) => ann.socket.io.engine.once('upgrade', resolve));
      if (loginFirst) await ann.login();
      if (transportOf(ann) === 'polling') await upgraded;
      if (!loginFirst) await ann.login();
      expect(transportOf(ann)).toBe('websocket');
      await converse(ann, bob);
      await ann.close();
    }
  });

  it.each(titledTransports())('with socket.io 2 can log in and send messages over %s', async (_, transports) => {
    const bob = await EasyRtcClient.login(server.url);
    const socket = connectOld(server.url, { forceNew: true, reconnection: false, transports });
    oldSockets.push(socket);
    const ask = (event: string, message: object) =>
      new Promise<Received>((resolve) => socket.emit(event, message, resolve));
    const came = new Promise<Received>((resolve) => {
      socket.on('easyrtcCmd', (message, answer) => {
        (answer as (message: object) => void)(ACK);
        resolve(message as Received);
      });
    });
    const msgData = { apiVersion: '1.1.1-beta', applicationName: 'app', username: 'Old' };
    const token = await ask('easyrtcAuth', { msgType: 'authenticate', msgData });
    expect(token).toMatchObject({ msgType: 'token', msgData: { application: { applicationName: 'app' } } });
    const { easyrtcid } = token.msgData as { easyrtcid: string };
    expect(await bob.next()).toHaveProperty(
      `msgData.roomData.default.clientListDelta.updateClient.${easyrtcid}.username`,
      'Old',
    );
    expect(await bob.command('offer', { sdp: 'x' }, easyrtcid)).toEqual(ACK);
    expect(await came).toMatchObject({ senderEasyrtcid: bob.id, msgType: 'offer', msgData: { sdp: 'x' }, easyrtcid });
    expect(await ask('easyrtcCmd', { msgType: 'answer', msgData: { sdp: 'y' }, targetEasyrtcid: bob.id })).toEqual(ACK);
    expect(await bob.nextOf('answer')).toMatchObject({
      senderEasyrtcid: easyrtcid,
      msgType: 'answer',
      msgData: { sdp: 'y' },
    });
  });
});

describe('a page of another origin', () => {
  const poll = (eio: number, init: RequestInit = {}) =>
    fetch(`${server.url}/socket.io/?EIO=${eio}&transport=polling`, { headers: { origin: ORIGIN }, ...init });

  it.each([3, 4])('can poll with credentials over engine.io %i', async (eio) => {
    const response = await poll(eio);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(await response.text()).toContain('"sid"');
  });

  it('passes the preflight request', async () => {
    const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
    const { status, headers: allowed } = await poll(4, { method: 'OPTIONS', headers });
    expect([200, 204]).toContain(status);
    expect(allowed.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(allowed.get('access-control-allow-credentials')).toBe('true');
    expect(allowed.get('access-control-allow-methods')).toContain('POST');
  });

  it('cannot poll if only other origins are configured', async () => {
    await server.close();
    server = await startServer({ cors: ['https://good.example'] });
    const bad = await poll(4).catch(() => undefined);
    expect([null, undefined, 'https://good.example']).toContain(bad?.headers.get('access-control-allow-origin'));
    const good = await poll(4, { headers: { origin: 'https://good.example' } });
    expect(good.headers.get('access-control-allow-origin')).toBe('https://good.example');
    const strange = { transports: ['websocket'], extraHeaders: { origin: ORIGIN } };
    await expect(EasyRtcClient.connect(server.url, strange)).rejects.toThrow();
    await EasyRtcClient.login(server.url, {}, { extraHeaders: { origin: 'https://good.example' } });
  });
});

describe('the server', () => {
  it('does not wait at shutdown for sessions without a pending poll', async () => {
    const stopping = await startServer({ shutdownTimeoutMs: 20_000 });
    await (await fetch(`${stopping.url}/socket.io/?EIO=4&transport=polling`)).text();
    const from = performance.now();
    await stopping.close();
    expect(performance.now() - from).toBeLessThan(2000);
  });

  const library = (file: string) => readFileSync(new URL(`../../../node_modules/open-easyrtc/api/${file}`, import.meta.url), 'utf8'); // prettier-ignore

  it.each([
    ['easyrtc.js', /^(text|application)\/javascript/],
    ['easyrtc_ft.js', /^(text|application)\/javascript/],
    ['easyrtc.css', /^text\/css/],
  ])('serves /easyrtc/%s of the npm package', async (file, type) => {
    const response = await fetch(`${server.url}/easyrtc/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(type);
    expect((await response.text()) === library(file)).toBe(true);
  });

  it('serves the client library of socket.io 4', async () => {
    const response = await fetch(`${server.url}/socket.io/socket.io.js`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
    expect(await response.text()).toMatch(/Socket\.IO v4/);
  });
});

function titledTransports(): [string, string[]][] {
  return [['websocket'], ['polling'], ['polling', 'websocket']].map((names) => [names.join(' and '), names]);
}

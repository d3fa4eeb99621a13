import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { Coturn } from '../../support/coturn.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PagePool } from '../../support/page-pool.js';
import { type PageConnection, type PeerJsLibrary, PeerPage } from '../../support/peerjs-page.js';
import { gatherRelays } from '../../support/relay-page.js';
import { startServer, type TestServer } from '../../support/server.js';
import { atTeardown } from '../../support/teardown.js';
import { checkCredential, type ReceivedServer } from '../../support/turn-credentials.js';

jest.setTimeout(180_000);

const OLD = 'the old secret';
const NEW = 'the new secret';
/** The shortest time that the option accepts. */
const TTL_S = 60;

const LIBRARY: PeerJsLibrary = { name: 'peerjs', raw: 'raw' };

interface IceConfig {
  readonly iceServers: readonly ReceivedServer[];
}

let pool: PagePool;

beforeAll(async () => {
  pool = await PagePool.launch();
});

afterEach(async () => {
  await pool.releaseAll();
  expect(pool.problems).toEqual([]);
});

afterAll(() => pool.close());

interface Setting {
  readonly server: TestServer;
  readonly coturn: Coturn;
  readonly secretFile: string;
}

/** Starts coturn, and a server that has its secret. */
async function start(): Promise<Setting> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-turn-'));
  atTeardown(() => rm(dir, { recursive: true }));
  const secretFile = join(dir, 'secret');
  await writeFile(secretFile, `${OLD}\n`);
  const coturn = await Coturn.start(OLD);
  const server = await startServer({
    ice: { servers: [], turn: { urls: coturn.url, secretFile, ttlS: TTL_S } },
  });
  return { server, coturn, secretFile };
}

async function iceConfigOf({ server }: Setting): Promise<IceConfig> {
  return (await (await fetch(`${server.url}/peerjs/ice-servers`)).json()) as IceConfig;
}

/** Opens a peer as the README shows, but with relays alone. */
async function openPeer({ server }: Setting, id: string, answer: IceConfig) {
  const page = await PeerPage.open(pool, server.url, LIBRARY);
  return page.openPeer(id, { port: server.port, config: { ...answer, iceTransportPolicy: 'relay' } });
}

/** Connects two pages over relays. Returns both ends. */
async function connect(setting: Setting, from: string, to: string): Promise<[PageConnection, PageConnection]> {
  const config = await iceConfigOf(setting);
  const callee = await openPeer(setting, to, config);
  const caller = await openPeer(setting, from, config);
  const [end, otherEnd] = await Promise.all([caller.connect(to), callee.incoming()]);
  await Promise.all([end.opened(), otherEnd.opened()]);
  return [end, otherEnd];
}

async function talk([end, otherEnd]: [PageConnection, PageConnection], text: string): Promise<void> {
  await end.send(`${text}?`);
  expect(await otherEnd.received()).toBe(`${text}?`);
  await otherEnd.send(`${text}!`);
  expect(await end.received()).toBe(`${text}!`);
  expect([await end.route(), await otherEnd.route()]).toEqual(['relay', 'relay']);
}

describe('coturn', () => {
  it('accepts the credentials of every protocol and endpoint', async () => {
    const setting = await start();
    const { server, coturn } = setting;
    const page = await pool.open(server.url);
    const connector = await ConnectorClient.connect(server.wsUrl);
    const easyrtc = await EasyRtcClient.login(server.url);
    const { data } = await connector.ask({ event: 'Ice_Config' });
    const url = `${server.url}/turn/credentials?service=turn&username=alice`;
    const credentials = (await (await fetch(url)).json()) as { username: string; password: string };
    for (const { iceServers } of [
      data as IceConfig,
      easyrtc.token.iceConfig as IceConfig,
      await iceConfigOf(setting),
      (await (await fetch(`${server.url}/ice-servers`)).json()) as IceConfig,
      { iceServers: [{ urls: coturn.url, username: credentials.username, credential: credentials.password }] },
    ]) {
      expect(await gatherRelays(page, iceServers)).toContain('relay');
    }
    // The tests fail for a relay that lets everybody in.
    expect(await gatherRelays(page, [{ urls: coturn.url, username: '9999999999:eve', credential: 'wrong' }])).toEqual(
      [],
    );
  });

  it('relays a call that outlives its credential, while the secret is replaced', async () => {
    const setting = await start();
    const { server, coturn, secretFile } = setting;
    const page = await pool.open(server.url);
    const before = await iceConfigOf(setting);
    const first = await connect(setting, 'alice', 'bob');
    const { validS } = checkCredential(OLD, (await iceConfigOf(setting)).iceServers[0]);
    const expired = sleep((validS + 1) * 1000);
    await talk(first, 'before');

    await coturn.addSecret(NEW);
    await writeFile(secretFile, `${NEW}\n${OLD}\n`);
    const madeWith = async (): Promise<string> => {
      const [turn] = (await iceConfigOf(setting)).iceServers;
      return [OLD, NEW].find((secret) => isMadeWith(secret, turn)) ?? 'neither';
    };
    await becomes(madeWith, NEW);
    const second = await connect(setting, 'carol', 'dave');
    await talk(second, 'with the new secret');
    expect(await gatherRelays(page, before.iceServers)).toContain('relay');

    await coturn.removeSecret(OLD);
    expect(await gatherRelays(page, before.iceServers)).toEqual([]);
    await talk(first, 'without the old secret');

    await expired;
    // By now each relay has been refreshed, which coturn demands of a client every 20 seconds.
    await talk(first, 'after the first credential');
    await talk(await connect(setting, 'erin', 'frank'), 'later');
  });
});

function isMadeWith(secret: string, server: ReceivedServer): boolean {
  try {
    checkCredential(secret, server);
    return true;
  } catch {
    return false;
  }
}

import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Config } from '../../../src/config/config.js';
import {
  AccessHooks,
  ConfiguredIce,
  type ConnectAttempt,
  EasyRtcHooks,
  type IceConfig,
  IceProvider,
  type IceRequest,
  type Identity,
} from '../../../src/index.js';
import { ConnectorClient, envelope, errorOf } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { startServer, type TestServer } from '../../support/server.js';
import { checkCredential, type ReceivedServer } from '../../support/turn-credentials.js';

const SECRET = 'a secret of the TURN server';
const STUN = { urls: 'stun:stun.example' };
const TURN_URLS = ['turn:turn.example:3478', 'turns:turn.example?transport=tcp'];
const TURN = { ice: { servers: [STUN], turn: { urls: TURN_URLS, secret: SECRET, ttlS: 600 } } };

interface Answer {
  readonly iceServers: readonly ReceivedServer[];
  readonly ttl: number;
}

async function json<T = Answer>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init);
  expect([url, response.status]).toEqual([url, 200]);
  return (await response.json()) as T;
}

/** Expects the static servers and TURN servers with a new credential. Returns its user. */
function userIn({ iceServers, ttl }: Answer): string {
  const credentials = { username: expect.any(String) as string, credential: expect.any(String) as string };
  expect(iceServers).toEqual([STUN, { urls: TURN_URLS, ...credentials }]);
  expect(ttl).toBe(600);
  const { user, validS } = checkCredential(SECRET, iceServers[1]);
  expect(validS).toBeGreaterThan(570);
  expect(validS).toBeLessThanOrEqual(600);
  return user;
}

async function iceConfigOf(client: ConnectorClient, event = 'Ice_Config'): Promise<Answer> {
  const frame = await client.ask({ event });
  expect(frame).toEqual(envelope('info', 'Ice_Config', expect.any(Object) as object));
  return frame.data as Answer;
}

async function freshIceOf(client: EasyRtcClient): Promise<readonly ReceivedServer[]> {
  const { msgType, msgData } = await client.command('getIceConfig');
  expect(msgType).toBe('iceConfig');
  return (msgData as { iceConfig: Answer }).iceConfig.iceServers;
}

describe('ICE servers without TURN', () => {
  const DEFAULT = { iceServers: [{ urls: ['stun:stun.l.google.com:19302'] }], ttl: 3600 };

  it('are the public STUN server in every protocol', async () => {
    const server = await startServer();
    expect(await json(`${server.url}/peerjs/ice-servers`)).toEqual(DEFAULT);
    expect(await json(`${server.url}/ice-servers`)).toEqual(DEFAULT);
    expect(await iceConfigOf(await ConnectorClient.connect(server.wsUrl))).toEqual(DEFAULT);
    const easyrtc = await EasyRtcClient.login(server.url);
    expect(easyrtc.token.iceConfig).toEqual({ iceServers: DEFAULT.iceServers });
    expect(await freshIceOf(easyrtc)).toEqual(DEFAULT.iceServers);
  });

  it('are those of iceServers, or of ice.servers in its place', async () => {
    const flat = await startServer({ iceServers: [STUN] });
    expect((await json(`${flat.url}/ice-servers`)).iceServers).toEqual([STUN]);
    const own = { urls: 'turn:t.example', username: 'u', credential: 'c' };
    const nested = await startServer({ iceServers: [STUN], ice: { servers: [own] } });
    expect((await json(`${nested.url}/ice-servers`)).iceServers).toEqual([own]);
    expect(await json(`${nested.url}/turn/credentials?service=turn`)).toEqual({
      username: 'u',
      password: 'c',
      ttl: 3600,
      uris: ['turn:t.example'],
    });
  });

  it('give no TURN credential', async () => {
    const server = await startServer();
    expect((await fetch(`${server.url}/turn/credentials?service=turn`)).status).toBe(404);
  });
});

describe('TURN credentials', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer(TURN);
  });

  it('are for the id of an EasyRTC client, in its token and each time that it asks', async () => {
    const client = await EasyRtcClient.login(server.url);
    const { iceServers } = client.token.iceConfig as Answer;
    expect(userIn({ iceServers, ttl: 600 })).toBe(client.id);
    expect(userIn({ iceServers: await freshIceOf(client), ttl: 600 })).toBe(client.id);
  });

  it.each(['Ice_Config', 'ice_config'])('are for the id of a Connector client that sends %s', async (event) => {
    const client = await ConnectorClient.connect(server.wsUrl);
    expect(userIn(await iceConfigOf(client, event))).toBe(client.id);
  });

  it('are for another user in each answer over HTTP', async () => {
    const urls = ['/peerjs/ice-servers', '/ice-servers', '/ice-servers?realm=default', '/ICE-SERVERS/'];
    const users = await Promise.all(urls.map(async (path) => userIn(await json(server.url + path))));
    expect(new Set(users).size).toBe(urls.length);
  });

  it('are for the user of a request in the form of the REST draft', async () => {
    const url = `${server.url}/turn/credentials?service=turn&username=alice`;
    const { username, password, ...rest } = await json<Record<string, string>>(url);
    expect(rest).toEqual({ ttl: 600, uris: TURN_URLS });
    expect(checkCredential(SECRET, { username, credential: password }).user).toBe('alice');
  });

  it.each([
    '',
    '?service=stun',
    '?service=turn&username=a&username=b',
    '?service=turn&service=turn',
    '?service=turn&realm=a&realm=b',
  ])('are refused for the request %s', async (query) => {
    expect((await fetch(`${server.url}/turn/credentials${query}`)).status).toBe(400);
  });

  it('may not be kept by caches, nor may refusals', async () => {
    const paths = ['/peerjs/ice-servers', '/ice-servers', '/turn/credentials?service=turn', '/turn/credentials'];
    for (const path of paths) {
      const { headers } = await fetch(server.url + path);
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });

  it('need a known key', async () => {
    const response = await fetch(`${server.url}/wrong/ice-servers`);
    expect([response.status, await response.text()]).toEqual([401, 'Invalid key provided']);
  });

  it.each([
    ['POST', '/ice-servers'],
    ['POST', '/peerjs/ice-servers'],
    ['GET', '/ice-servers/more'],
    ['GET', '/turn'],
  ])('are not the answer to %s %s', async (method, path) => {
    expect((await fetch(server.url + path, { method })).status).toBe(404);
  });
});

describe('the ICE endpoints', () => {
  it('follow the path of PeerJS and the base path', async () => {
    const server = await startServer({ ...TURN, path: '/myapp', basePath: '/signal' });
    for (const path of ['/myapp/peerjs/ice-servers', '/signal/myapp/peerjs/ice-servers', '/signal/ice-servers']) {
      userIn(await json(server.url + path));
    }
    expect((await fetch(`${server.url}/peerjs/ice-servers`)).status).toBe(404);
  });

  it.each(['/peerjs/ice-servers', '/ice-servers', '/turn/credentials?service=turn'])(
    'let pages of allowed origins read %s',
    async (path) => {
      const server = await startServer({ ...TURN, cors: ['https://a.example'] });
      const ask = async (origin: string, init: RequestInit = {}): Promise<unknown[]> => {
        const { status, headers } = await fetch(server.url + path, { ...init, headers: { origin, ...init.headers } });
        return [status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-headers')];
      };
      expect(await ask('https://a.example')).toEqual([200, 'https://a.example', null]);
      expect(await ask('https://b.example')).toEqual([200, null, null]);
      const headers = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
      const preflight = { method: 'OPTIONS', headers };
      expect(await ask('https://a.example', preflight)).toEqual([204, 'https://a.example', 'authorization']);
      expect((await ask('https://b.example', preflight))[1]).toBeNull();
    },
  );

  it('answer no more requests of an address than it may have connections, in a minute', async () => {
    const server = await startServer({ ...TURN, proxied: true, maxConnectionsPerIp: 6 });
    const ask = async (address: string, path: string): Promise<number> =>
      (await fetch(server.url + path, { headers: { 'x-forwarded-for': address, connection: 'close' } })).status;
    const nodes = server.everywhere(IceProvider).length;
    const statuses: number[] = [];
    for (let i = 0; i < 4 * nodes; i++) {
      for (const path of ['/peerjs/ice-servers', '/ice-servers', '/turn/credentials?service=turn']) {
        statuses.push(await ask('203.0.113.9', path));
      }
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(6 * nodes);
    expect(statuses.filter((status) => status === 429)).toHaveLength(6 * nodes);
    expect(await ask('203.0.113.10', '/ice-servers')).toBe(200);
  });
});

describe('the ICE servers of a realm', () => {
  const acme = { servers: [{ urls: 'stun:acme.example' }], turn: { urls: 'turn:acme.example', secret: 'acme secret' } };
  const options: Partial<Config> = {
    ...TURN,
    realms: {
      default: {},
      acme: { connectorPath: '/acme', peerjsKeys: ['acme-key'], easyrtcApplications: ['acme-app'], ice: acme },
    },
  };

  it('are its own through all its doors, and the flat ones for another realm', async () => {
    const server = await startServer(options);
    const connector = await ConnectorClient.connect(`${server.wsUrl}/acme`);
    const easyrtc = await EasyRtcClient.login(server.url, { applicationName: 'acme-app' });
    const answers = [
      (await iceConfigOf(connector)).iceServers,
      await freshIceOf(easyrtc),
      (await json(`${server.url}/acme-key/ice-servers`)).iceServers,
      (await json(`${server.url}/ice-servers?realm=acme`)).iceServers,
    ];
    for (const [stun, turn] of answers) {
      expect(stun).toEqual({ urls: 'stun:acme.example' });
      expect(checkCredential('acme secret', turn).validS).toBeGreaterThan(3500);
    }
    userIn(await json(`${server.url}/ice-servers`));
    userIn(await json(`${server.url}/peerjs/ice-servers`));
  });

  it('are refused to pages that may not use the realm', async () => {
    const realms = { ...options.realms, acme: { ...options.realms?.acme, origins: ['https://acme.example'] } };
    const server = await startServer({ ...options, realms, cors: ['https://a.example'] });
    for (const path of ['/acme-key/ice-servers', '/ice-servers?realm=acme']) {
      const ask = async (origin: string): Promise<unknown[]> => {
        const { status, headers } = await fetch(server.url + path, { headers: { origin } });
        return [status, headers.get('access-control-allow-origin')];
      };
      expect(await ask('https://acme.example')).toEqual([200, 'https://acme.example']);
      expect((await ask('https://a.example'))[0]).toBe(403);
    }
  });

  it('do not exist for a realm that is not configured', async () => {
    const server = await startServer(options);
    for (const path of ['/ice-servers?realm=other', '/turn/credentials?service=turn&realm=other']) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
  });
});

describe('where only a hook authenticates', () => {
  @Injectable()
  class Access extends AccessHooks {
    override connect({ token }: ConnectAttempt): Identity {
      if (token === 'alice') return { sub: 'alice' };
      return token === 'robot' ? { id: 'x' } : {};
    }
  }

  it.each([
    ['alice', 'alice'],
    ['robot', 'x'],
    [undefined, expect.not.stringContaining('bob')],
  ])('the credential of %j is for that client, not for a name in the query', async (token, user) => {
    const server = await startServer(TURN, [{ provide: AccessHooks, useClass: Access }]);
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}/turn/credentials?service=turn&username=bob`, { headers });
    const { username, password } = (await response.json()) as Record<string, string>;
    expect(checkCredential(SECRET, { username, credential: password }).user).toEqual(user);
  });
});

describe('an IceProvider of the application', () => {
  @Injectable()
  class Mine extends IceProvider {
    readonly requests: IceRequest[] = [];

    constructor(private readonly configured: ConfiguredIce) {
      super();
    }

    override async iceServers(request: IceRequest): Promise<IceConfig> {
      this.requests.push(request);
      if (request.realm === 'away') throw new DomainError('UNAVAILABLE', {});
      if (request.realm === 'broken') throw new Error('a secret');
      const { iceServers } = await this.configured.iceServers(request);
      return { iceServers: [...iceServers, { urls: 'stun:mine.example' }], ttl: 7 };
    }
  }

  const MINE = [{ provide: IceProvider, useClass: Mine }];
  const SERVERS = [STUN, { urls: 'stun:mine.example' }];

  it('answers in every protocol, and sees who asks', async () => {
    const server = await startServer({ iceServers: [STUN] }, MINE);
    const connector = await ConnectorClient.connect(server.wsUrl);
    const easyrtc = await EasyRtcClient.login(server.url);
    expect(await iceConfigOf(connector)).toEqual({ iceServers: SERVERS, ttl: 7 });
    expect(easyrtc.token.iceConfig).toEqual({ iceServers: SERVERS });
    expect(await json(`${server.url}/peerjs/ice-servers`)).toEqual({ iceServers: SERVERS, ttl: 7 });
    await json(`${server.url}/ice-servers?realm=x`);
    await fetch(`${server.url}/turn/credentials?service=turn&username=alice`);
    const requests = server.everywhere(IceProvider).flatMap((provider) => (provider as Mine).requests);
    const common = { user: undefined, address: '127.0.0.1' };
    expect(requests).toHaveLength(5);
    expect(requests).toEqual(
      expect.arrayContaining([
        { ...common, realm: 'default', protocol: 'peer2peer-connector', id: connector.id },
        { ...common, realm: 'app', protocol: 'easyrtc', id: easyrtc.id },
        { ...common, realm: 'default', protocol: 'http' },
        { ...common, realm: 'x', protocol: 'http' },
        { ...common, realm: 'default', protocol: 'http', user: 'alice' },
      ]),
    );
  });

  it('may fail: the client hears of it, and an EasyRTC client logs in with the static servers', async () => {
    const server = await startServer({ iceServers: [STUN], connectorRealm: 'away' }, MINE);
    expect(await (await ConnectorClient.connect(server.wsUrl)).ask({ event: 'Ice_Config' })).toEqual(
      errorOf('Unavailable', 'The service is not available at the moment.'),
    );
    expect((await fetch(`${server.url}/ice-servers?realm=away`)).status).toBe(503);
    const broken = await fetch(`${server.url}/ice-servers?realm=broken`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('secret');
  });

  it('does not keep an EasyRTC client from its login while it is away', async () => {
    const server = await startServer({ iceServers: [STUN], easyrtcApplications: new Map([['app', 'away']]) }, MINE);
    const client = await EasyRtcClient.login(server.url);
    expect(client.token.iceConfig).toEqual({ iceServers: [STUN] });
    expect((await client.command('getIceConfig')).msgType).toBe('error');
  });

  it('is not asked where EasyRtcHooks.iceServers answers', async () => {
    const own = [{ urls: 'stun:hooks.example' }];
    @Injectable()
    class Hooks extends EasyRtcHooks {
      override iceServers(): typeof own {
        return own;
      }
    }
    const server = await startServer({}, [...MINE, { provide: EasyRtcHooks, useClass: Hooks }]);
    const client = await EasyRtcClient.login(server.url);
    expect(client.token.iceConfig).toEqual({ iceServers: own });
    expect(await freshIceOf(client)).toEqual(own);
    expect(server.everywhere(IceProvider).flatMap((provider) => (provider as Mine).requests)).toEqual([]);
  });
});

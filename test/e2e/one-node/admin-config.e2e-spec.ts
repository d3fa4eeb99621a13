import type { ConfigDetail, ConfigOption } from '../../../src/admin/config.dto.js';
import { Config } from '../../../src/config/config.js';
import { optionsOf } from '../../../src/config/option.js';
import { AdminApi, OPERATE_TOKEN, problem, READ_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { ReloadingServer } from '../../support/reloads.js';
import { atTeardown } from '../../support/teardown.js';

const BOUND_TOKEN = 'bo-may-see-one-realm-alone';
const MASK = '********';

/** A value for each member and each option that is secret. */
const SECRETS = {
  jwt: 'the-secret-of-jwt-5f1c',
  webhook: 'whsec_dGhlLXNlY3JldC1vZi1hdXRoLWhvb2tz',
  webhookUrl: 'https://id.example/the-path-is-secret-9a2b',
  turn: 'the-secret-of-turn-77d0',
  credential: 'the-credential-of-turn-1b2c',
  iceUrl: 'https://turn.example/the-key-of-the-account-3e',
  iceHeader: 'Bearer the-token-of-the-account-8d',
  iceBody: 'the-body-of-the-request-4f',
  peerjsKey: 'the-key-of-a-realm-61',
  keys: 'the-key-of-peerjs-2c',
  endpoint: 'whsec_dGhlLXNlY3JldC1vZi1hbi1lbmRwb2ludA',
  endpointUrl: 'https://app.example/hooks?the-query-is-secret',
  easyrtc: 'the-credential-of-easyrtc-0a',
} as const;

const TOKENS = [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`, `bo:operate:${BOUND_TOKEN}:acme`] as const;

const FILE = {
  adminTokens: TOKENS,
  keys: { [SECRETS.keys]: 'default' },
  auth: {
    mode: 'jwt',
    jwt: { secret: [SECRETS.jwt] },
    webhook: { url: SECRETS.webhookUrl, secret: [SECRETS.webhook] },
  },
  ice: {
    servers: [{ urls: 'turn:turn.example', username: 'ann', credential: SECRETS.credential }],
    turn: { urls: ['turn:turn.example'], secret: [SECRETS.turn] },
  },
  realms: {
    acme: {
      peerjsKeys: [SECRETS.peerjsKey],
      ice: { http: { url: SECRETS.iceUrl, headers: { authorization: SECRETS.iceHeader }, body: SECRETS.iceBody } },
    },
  },
  webhooks: [{ url: SECRETS.endpointUrl, secret: [SECRETS.endpoint] }],
  iceServers: [{ urls: 'turn:turn.example', username: 'ann', credential: SECRETS.easyrtc }],
};

async function optionsAt(url: string): Promise<Map<string, ConfigOption>> {
  const { status, body } = await new AdminApi(url, READ_TOKEN).get<ConfigDetail>('config');
  expect(status).toBe(200);
  return new Map(body.items.map((option) => [option.name, option]));
}

describe('GET config', () => {
  it('shows each option with its value, its default and its origin', async () => {
    const { server } = await ReloadingServer.start(FILE, ['--max-rooms', '7'], { SIGNALBOX_NODE_NAME: 'web-1' });
    const options = await optionsAt(server.url);
    expect([...options.keys()]).toEqual(optionsOf(Config).map(({ name }) => name));
    expect(options.get('maxRooms')).toMatchObject({ value: 7, origin: 'flag', source: '--max-rooms' });
    expect(options.get('nodeName')).toMatchObject({
      value: 'web-1',
      default: '',
      origin: 'environment',
      source: 'SIGNALBOX_NODE_NAME',
    });
    expect(options.get('keys')).toMatchObject({ value: MASK, origin: 'file' });
    expect(options.get('keys')?.source).toMatch(/signalbox\.yaml$/);
    expect(options.get('maxConnections')).toMatchObject({ origin: 'default', reloadable: true });
    expect(options.get('maxConnections')).not.toHaveProperty('source');
    expect(options.get('port')).toMatchObject({ reloadable: false });
    expect(options.get('realms')).toMatchObject({
      reloadable: true,
      reloadableMembers: expect.arrayContaining(['auth', 'limits']) as string[],
    });
  });

  it('masks every secret, and nothing else of the same option', async () => {
    const { server } = await ReloadingServer.start(FILE);
    const answer = await new AdminApi(server.url, OPERATE_TOKEN).get<ConfigDetail>('config');
    const text = JSON.stringify(answer.body);
    for (const secret of [...Object.values(SECRETS), ...TOKENS, OPERATE_TOKEN, READ_TOKEN, BOUND_TOKEN]) {
      expect(text).not.toContain(secret);
    }
    const valueOf = (name: string): unknown => answer.body.items.find((option) => option.name === name)?.value;
    expect(valueOf('adminTokens')).toBe(MASK);
    expect(valueOf('auth')).toMatchObject({ mode: 'jwt', jwt: { secret: MASK }, webhook: { url: MASK } });
    expect(valueOf('webhooks')).toMatchObject([{ url: MASK, secret: MASK }]);
    expect(valueOf('ice')).toMatchObject({ turn: { urls: ['turn:turn.example'], secret: MASK } });
  });

  it('shows the values and origins of a reload', async () => {
    const running = await ReloadingServer.start({ adminTokens: TOKENS, maxRooms: 5 });
    const { url } = running.server;
    expect((await optionsAt(url)).get('maxRooms')).toMatchObject({ value: 5, origin: 'file' });
    running.configure({ adminTokens: TOKENS, maxConnections: 9 });
    await running.signal();
    const options = await optionsAt(url);
    expect(options.get('maxRooms')).toMatchObject({ origin: 'default' });
    expect(options.get('maxRooms')?.value).toBe(options.get('maxRooms')?.default);
    expect(options.get('maxConnections')).toMatchObject({ value: 9, origin: 'file' });
    running.configure({ adminTokens: TOKENS, port: 1 });
    await running.signal();
    expect((await optionsAt(url)).get('port')).toMatchObject({ origin: 'environment', value: 0 });
  });

  it('calls values that an application has set "options"', async () => {
    const server = await startAdminServer({ maxRooms: 3 });
    atTeardown(() => server.close());
    const options = await optionsAt(server.url);
    expect(options.get('maxRooms')).toMatchObject({ value: 3, origin: 'options' });
    expect(options.get('maxRoomMembers')).toMatchObject({ origin: 'default' });
  });

  it('is only for tokens that see all realms', async () => {
    const server = await startAdminServer({ adminTokens: [...TOKENS] });
    atTeardown(() => server.close());
    const bound = await new AdminApi(server.url, BOUND_TOKEN).get('config');
    expect(bound).toEqual(problem('forbidden'));
    expect(await new AdminApi(server.url).get('config')).toEqual(problem('unauthorized'));
    expect((await server.reader.get('config')).status).toBe(200);
  });
});

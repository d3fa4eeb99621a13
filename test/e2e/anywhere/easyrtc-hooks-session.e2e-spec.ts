import { type Config, DomainError, type EasyRtcHooks, type EasyRtcServerMessage } from '../../../src/index.js';
import { ACK, EasyRtcClient, errorOf, fields, titled } from '../../support/easyrtc-client.js';
import { Gate, type HookedServer, newcomers, startWithHooks } from '../../support/hooked-server.js';
import { until } from '../../support/peerjs-socket.js';

/** Long enough for clients to log in on a busy machine. */
const LOGIN_TIMEOUT_MS = 1500;

let server: HookedServer;

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);
const FAILURE = new Error('a secret of the application');

async function start(hooks: Partial<EasyRtcHooks>, options: Partial<Config> = {}): Promise<void> {
  server = await startWithHooks(hooks, options);
}

describe('the hooks authenticated and disconnected of EasyRTC', () => {
  let told: string[];
  const record: Partial<EasyRtcHooks> = {
    authenticate: ({ username }) => {
      if (username === 'nobody') throw new DomainError('NOT_AUTHORIZED', {});
      return { username, groups: ['staff'] };
    },
    authenticated: ({ id, application, username, groups, address }) => {
      told.push(`${username} of ${application} in ${groups.join()} from ${address} came: ${id}`);
    },
    disconnected: ({ id, application, username, groups, address }) => {
      told.push(`${username} of ${application} in ${groups.join()} from ${address} went: ${id}`);
    },
  };
  const line = (client: string, what: string) => `${client} in staff from 127.0.0.1 ${what}`;

  beforeEach(() => (told = []));

  it.each(['close', 'cut'] as const)('are called once for each client that ends with %s', async (end) => {
    await start(record);
    const ann = await login({ username: 'Ann' });
    const bob = await login({ username: 'Bob', roomJoin: { a: { roomName: 'a' }, b: { roomName: 'b' } } });
    await bob.command('setPresence', { setPresence: { show: 'xa' } });
    await bob[end]();
    await until(() => told.length === 3);
    await ann[end]();
    await until(() => told.length === 4);
    await until(() => server.ended() === 2);
    expect(told).toEqual([
      line('Ann of app', `came: ${ann.id}`),
      line('Bob of app', `came: ${bob.id}`),
      line('Bob of app', `went: ${bob.id}`),
      line('Ann of app', `went: ${ann.id}`),
    ]);
  });

  it('are not called for a second login, but disconnected receives the new name', async () => {
    await start(record);
    const ann = await login({ username: 'Ann' });
    await ann.login({ username: 'Anna' });
    await ann.close();
    await until(() => told.length > 1);
    expect(told).toEqual([line('Ann of app', `came: ${ann.id}`), line('Anna of app', `went: ${ann.id}`)]);
  });

  it('are called once each for a login to another application', async () => {
    await start(record);
    const ann = await login({ username: 'Ann' });
    const { id } = ann;
    await ann.login({ username: 'Ann', applicationName: 'other' });
    await ann.close();
    await until(() => told.length === 4);
    expect([...told].sort()).toEqual(
      [
        line('Ann of app', `came: ${id}`),
        line('Ann of app', `went: ${id}`),
        line('Ann of other', `came: ${ann.id}`),
        line('Ann of other', `went: ${ann.id}`),
      ].sort(),
    );
  });

  it('are not called for clients that never log in, are rejected or time out', async () => {
    const gate = new Gate();
    await start(
      { ...record, iceServers: ({ username }) => (username === 'slow' ? gate.pass().then(() => []) : []) },
      { loginTimeoutMs: LOGIN_TIMEOUT_MS },
    );
    await (await EasyRtcClient.connect(server.url)).close();
    const refused = await EasyRtcClient.connect(server.url);
    await refused.authenticate({ username: 'nobody' });
    await refused.closed;
    const slow = await EasyRtcClient.connect(server.url);
    slow.authenticate({ username: 'slow' }).catch(() => undefined);
    await slow.closed;
    gate.open();
    await until(() => server.ended() === 3);
    await until(async () => (await server.known()).length === 0);
    // A client that times out may be reported as connected if it is also reported as disconnected.
    expect(told.filter((text) => text.includes('came')).length).toBe(told.length / 2);
    expect(told.every((text) => text.startsWith('slow'))).toBe(true);
  });

  it('report the client as disconnected once when its second login is rejected', async () => {
    await start(record);
    const ann = await login({ username: 'Ann' });
    await ann.authenticate({ username: 'nobody' });
    await ann.closed;
    await until(() => server.ended() === 1);
    await until(() => told.length > 1);
    expect(told).toEqual([line('Ann of app', `came: ${ann.id}`), line('Ann of app', `went: ${ann.id}`)]);
  });

  it.each(['authenticated', 'disconnected'] as const)('leave nothing behind when %s throws', async (name) => {
    const fail = ({ username }: { username?: string }): void => {
      if (username === 'Bob') throw FAILURE;
    };
    await start({ [name]: fail });
    const ann = await login({ username: 'Ann' });
    const bob = await EasyRtcClient.connect(server.url);
    await bob.authenticate({ username: 'Bob' });
    bob.socket.disconnect();
    await until(() => server.ended() === 1);
    await until(async () => (await server.known()).length === 2);
    expect(await newcomers(ann)).toEqual([]);
    expect(server.complaints).toEqual([[{ err: FAILURE }, expect.any(String)]]);
  });

  // An unhandled rejection would end the process.
  it.each(['authenticated', 'disconnected'] as const)('may return a promise that rejects: %s', async (name) => {
    await start({ [name]: () => Promise.reject(FAILURE) });
    const bob = await EasyRtcClient.connect(server.url);
    await bob.authenticate({ username: 'Bob' });
    bob.socket.disconnect();
    await until(() => server.ended() === 1);
    await until(async () => (await server.known()).length === 0);
    await until(() => server.complaints.length > 0);
    expect(server.complaints).toEqual([[{ err: FAILURE }, expect.any(String)]]);
  });
});

describe('the hook iceServers of EasyRTC', () => {
  it('returns servers per client, in the token and on each request', async () => {
    let calls = 0;
    await start({
      iceServers: ({ id, username = '' }) =>
        Promise.resolve([{ urls: `turn:${username}`, username: id, credential: String(++calls) }]),
    });
    const [ann, bob] = [await login({ username: 'Ann' }), await login({ username: 'Bob' })];
    const serversOf = ({ id }: EasyRtcClient, name: string, call: number) => ({
      iceServers: [{ urls: `turn:${name}`, username: id, credential: String(call) }],
    });
    expect(ann.token.iceConfig).toEqual(serversOf(ann, 'Ann', 1));
    expect(bob.token.iceConfig).toEqual(serversOf(bob, 'Bob', 2));
    for (const [client, name, call] of [
      [bob, 'Bob', 3],
      [ann, 'Ann', 4],
    ] as const) {
      expect(await client.command('getIceConfig')).toEqual({
        msgType: 'iceConfig',
        msgData: { iceConfig: serversOf(client, name, call) },
      });
    }
  });

  it('may return no servers', async () => {
    await start({ iceServers: () => [] });
    const ann = await login();
    expect(ann.token.iceConfig).toEqual({ iceServers: [] });
    expect(await ann.command('getIceConfig', {})).toHaveProperty('msgData.iceConfig.iceServers', []);
  });

  it('causes a general error if it fails on a request', async () => {
    let works = true;
    await start({ iceServers: () => (works ? [] : Promise.reject(FAILURE)) });
    const ann = await login();
    works = false;
    expect(await ann.command('getIceConfig')).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    expect(server.complaints).toEqual([[{ err: FAILURE }, expect.any(String)]]);
    works = true;
    expect(await ann.command('getIceConfig')).toHaveProperty('msgType', 'iceConfig');
  });
});

describe('the hook applicationFields of EasyRTC', () => {
  it('sets the fields of each application, and clients receive the shared fields', async () => {
    const shared = (fieldValue: unknown) => ({ fieldValue, fieldOption: { isShared: true } });
    await start({
      applicationFields: (application) => {
        if (application === 'bare') return {};
        return Promise.resolve({
          name: shared(application),
          limits: shared({ n: [1, null] }),
          secret: { fieldValue: 1 },
        });
      },
    });
    for (const applicationName of ['one', 'two']) {
      const field = fields({ name: applicationName, limits: { n: [1, null] } });
      expect((await login({ applicationName })).token.application).toEqual({ applicationName, field });
    }
    expect((await login({ applicationName: 'bare' })).token.application).toEqual({ applicationName: 'bare' });
  });
});

describe('the hook serverMessage of EasyRTC', () => {
  it.each(titled([undefined, null, '', 0, false, [], { a: [{ b: '😀' }] }, Buffer.from('bytes')]))(
    'receives a message without a target, and the client gets its answer: %s',
    async (_, msgData) => {
      const heard: object[] = [];
      await start({
        serverMessage: ({ id, username }, message) => {
          heard.push({ id, username, message });
          return { msgType: `re: ${message.msgType}`, msgData: message.msgData };
        },
      });
      const [ann, bob] = [await login({ username: 'Ann' }), await login()];
      await ann.rest();
      const answer = await ann.message({ msgType: 'question', msgData, senderEasyrtcid: bob.id, extra: 1 });
      expect(answer).toEqual({ msgType: 're: question', msgData });
      expect('msgData' in answer).toBe(msgData !== undefined);
      expect(heard).toEqual([{ id: ann.id, username: 'Ann', message: { msgType: 'question', msgData } }]);
      expect(await ann.rest()).toEqual([]);
      expect(await bob.rest()).toEqual([]);
    },
  );

  it.each([
    ['nothing', () => undefined],
    ['a promise of nothing', () => Promise.resolve()],
  ])('is answered with a plain ack if it returns %s', async (_, serverMessage: EasyRtcHooks['serverMessage']) => {
    await start({ serverMessage });
    expect(await (await login()).message({ msgType: 'm' })).toEqual(ACK);
  });

  it('delays later messages of the same client, but not those of others', async () => {
    const gate = new Gate();
    const answer: EasyRtcServerMessage = { msgType: 'answer', msgData: 1 };
    await start({ serverMessage: () => gate.pass().then(() => answer) });
    const [ann, bob] = [await login(), await login()];
    const order: string[] = [];
    const record = (name: string) => (message: object) => {
      order.push(name);
      return message;
    };
    const answers = [
      ann.message({ msgType: 'question' }).then(record('question')),
      ann.message({ msgType: 'm', targetEasyrtcid: bob.id }).then(record('message')),
    ];
    await gate.reached;
    expect(await bob.rest()).toEqual([]);
    gate.open();
    expect(await Promise.all(answers)).toEqual([answer, ACK]);
    expect(order).toEqual(['question', 'message']);
    expect(await bob.nextOf('m')).toHaveProperty('senderEasyrtcid', ann.id);
  });

  it.each([
    ['fails', 'MSG_REJECT_GEN_FAIL', FAILURE, 1],
    ['refuses', 'MSG_REJECT_NO_AUTH', new DomainError('NOT_AUTHORIZED', {}), 0],
  ] as const)('returns an error if it %s, and the client stays connected', async (_, code, error, lines) => {
    await start({ serverMessage: () => Promise.reject(error) });
    const ann = await login();
    expect(await ann.message({ msgType: 'm' })).toEqual(errorOf(code));
    expect(server.complaints).toEqual(
      Array.from({ length: lines }, () => [{ err: error }, expect.any(String) as string]),
    );
    expect(await ann.command('stillAlive')).toEqual(ACK);
  });

  it('receives no messages to a client, a room or a group', async () => {
    const heard: unknown[] = [];
    await start({
      authenticate: () => ({ groups: ['staff'] }),
      serverMessage: (_, message) => void heard.push(message),
    });
    const [ann, bob] = [await login(), await login()];
    for (const target of [{ targetEasyrtcid: bob.id }, { targetRoom: 'default' }, { targetGroup: 'staff' }]) {
      expect(await ann.message({ msgType: 'm', ...target })).toEqual(ACK);
    }
    expect(heard).toEqual([]);
  });
});

import { Injectable } from '@nestjs/common';
import {
  Config,
  DomainError,
  EasyRtcHooks,
  type EasyRtcIdentity,
  type EasyRtcLoginAttempt,
} from '../../../src/index.js';
import { EasyRtcClient, errorOf, fields, roomNews, updated } from '../../support/easyrtc-client.js';
import { Gate, type HookedServer, newcomers, startWithHooks } from '../../support/hooked-server.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer } from '../../support/server.js';

/** Long enough for clients to log in on a busy machine. */
const LOGIN_TIMEOUT_MS = 1500;

let server: HookedServer;
/** The first client in `default`. */
let ann: EasyRtcClient;

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);

/** Starts a server whose hooks act only on clients named Bob, so that they do not affect Ann. */
async function start(hooks: Partial<EasyRtcHooks>, options: Partial<Config> = {}): Promise<void> {
  server = await startWithHooks(hooks, options);
  ann = await login({ username: 'Ann' });
}

const isBob = ({ username }: { username?: string }): boolean => username === 'Bob';
const SHARED = { fieldOption: { isShared: true } };
const PLAIN = new Error('a secret of the application');

describe('the hook authenticate of EasyRTC', () => {
  it("receives the client's login data", async () => {
    const attempts: EasyRtcLoginAttempt[] = [];
    await start({ authenticate: (attempt) => (attempts.push(attempt), {}) });
    const shown = { username: 'Bob', easyrtcsid: 'sid', credential: { password: ['x', null] } };
    await login({ ...shown, applicationName: 'other', setPresence: { show: 'xa' }, apiVersion: '9' });
    expect(attempts).toEqual([
      { application: 'app', username: 'Ann', address: '127.0.0.1' },
      { application: 'other', ...shown, address: '127.0.0.1' },
    ]);
  });

  it.each([
    [
      'at once',
      () => {
        throw new DomainError('NOT_AUTHORIZED', {});
      },
    ],
    ['later', () => Promise.reject(new DomainError('NOT_AUTHORIZED', {}))],
  ])('rejects a login %s', async (_, refuse: () => EasyRtcIdentity | Promise<EasyRtcIdentity>) => {
    await start({ authenticate: (attempt) => (isBob(attempt) ? refuse() : {}) });
    const bob = await EasyRtcClient.connect(server.url);
    expect(await bob.authenticate({ username: 'Bob' })).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await bob.closed).toBe('io server disconnect');
    expect(await ann.rest()).toEqual([]);
    expect(await server.known()).toEqual(['#default', ann.id].sort());
    expect(server.complaints).toEqual([]);
  });

  it('rejects a second login, which disconnects the client', async () => {
    let isOpen = true;
    await start({
      authenticate: ({ username }) => {
        if (!isOpen) throw new DomainError('NOT_AUTHORIZED', {});
        return { username };
      },
    });
    const bob = await login();
    isOpen = false;
    expect(await bob.authenticate()).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await bob.closed).toBe('io server disconnect');
    await until(async () => (await server.known()).length === 2);
    expect(await newcomers(ann)).toEqual([]);
  });

  it("replaces or removes the client's username", async () => {
    const names = new Map([
      ['Bob', 'Robert'],
      ['Cleo', undefined],
    ]);
    await start({ authenticate: ({ username = '' }) => Promise.resolve({ username: names.get(username) }) });
    for (const [username, name] of names) {
      const client = await login({ username });
      expect(client.entry().username).toBe(name);
      expect(await ann.next()).toEqual(roomNews(ann, updated('default', client.entry())));
      await client.close();
      await ann.next();
    }
  });

  it.each([
    [
      'some that are shared',
      { a: { fieldValue: [1], ...SHARED }, __proto: { fieldValue: null, ...SHARED } },
      { a: [1], __proto: null },
    ],
    [
      'some shared and some not',
      { a: { fieldValue: 1, ...SHARED }, b: { fieldValue: 2 }, c: { fieldValue: 3, fieldOption: {} } },
      { a: 1 },
    ],
    ['none that is shared', { b: { fieldValue: 2, fieldOption: { isShared: false } } }, undefined],
    ['none', {}, undefined],
  ])('sets connection and session fields: %s', async (_, given, shown) => {
    await start({ authenticate: () => ({ fields: given, sessionFields: given }) });
    const field = shown && fields(shown);
    const bob = await login({ easyrtcsid: 'sid' });
    expect(bob.token.field).toEqual(field);
    expect(bob.token.sessionData).toEqual({ easyrtcsid: 'sid', ...(field && { field }) });
    expect('field' in bob.token).toBe(field !== undefined);
    expect(await login()).not.toHaveProperty('token.sessionData');
  });
});

describe('EasyRTC hooks called by a login', () => {
  const ASKED = ['authenticate', 'mayJoinRoom', 'mayCreateRoom', 'applicationFields', 'iceServers'] as const;

  /** Hooks that answer a new login as usual, one of them after running `act`. */
  function hooksWith(name: (typeof ASKED)[number], act: () => void | Promise<void>): Partial<EasyRtcHooks> {
    let isBobs = false;
    const usual = {
      authenticate: (attempt: EasyRtcLoginAttempt) => {
        isBobs = isBob(attempt);
        return { username: attempt.username };
      },
      mayJoinRoom: () => true,
      mayCreateRoom: () => true,
      applicationFields: () => ({}),
      iceServers: () => [],
    };
    const slow = async (first: EasyRtcLoginAttempt): Promise<never> => {
      const answer = usual[name](first);
      if (isBobs) await act();
      return answer as never;
    };
    return { ...usual, [name]: slow };
  }

  /** Bob joins a room that exists and a room that does not. */
  const BOB = { username: 'Bob', roomJoin: { default: { roomName: 'default' }, bobs: { roomName: 'bobs' } } };

  it.each(ASKED)('leave nothing behind when %s throws an error other than DomainError', async (name) => {
    await start(hooksWith(name, () => Promise.reject(PLAIN)));
    const bob = await EasyRtcClient.connect(server.url);
    expect(await bob.authenticate(BOB)).toEqual(errorOf('LOGIN_GEN_FAIL'));
    expect(await bob.closed).toBe('io server disconnect');
    expect(server.complaints).toEqual([[{ err: PLAIN }, expect.any(String)]]);
    expect(await server.known()).toEqual(['#default', ann.id].sort());
    expect(await newcomers(ann)).toEqual([]);
  });

  it.each(ASKED)('leave no ghost when the client disconnects while %s is running', async (name) => {
    for (const go of ['close', 'cut'] as const) {
      const gate = new Gate();
      await start(hooksWith(name, () => gate.pass()));
      const bob = await EasyRtcClient.connect(server.url);
      const answer = bob.authenticate(BOB).catch((error: unknown) => error);
      await gate.reached;
      await bob[go]();
      expect(await answer).toBeInstanceOf(Error);
      // By the time the server has served another client, it has seen the end of Bob's connection.
      await (await login({ username: 'Cleo' })).close();
      gate.open();
      await until(() => server.ended() === 2);
      await until(async () => (await server.known()).length === 2);
      expect(await newcomers(ann)).toEqual([]);
      expect(server.complaints).toEqual([]);
      if (go === 'close') await server.close();
    }
  });

  it.each(ASKED)('time out after loginTimeoutMs: %s', async (name) => {
    const gate = new Gate();
    await start(
      hooksWith(name, () => gate.pass()),
      { loginTimeoutMs: LOGIN_TIMEOUT_MS },
    );
    const bob = await EasyRtcClient.connect(server.url);
    const answer = bob.authenticate(BOB).catch((error: unknown) => error);
    expect(await bob.next()).toEqual({
      ...errorOf('LOGIN_TIMEOUT'),
      ...(bob.arrivals[0].message.easyrtcid && { easyrtcid: expect.any(String) as string }),
    });
    expect(await bob.closed).toBe('io server disconnect');
    expect(await answer).toBeInstanceOf(Error);
    gate.open();
    await until(() => server.ended() === 1);
    await until(async () => (await server.known()).length === 2);
    expect(await newcomers(ann)).toEqual([]);
    expect(server.complaints).toEqual([]);
  });

  it('may exceed the timeout during a second login', async () => {
    const gate = new Gate();
    await start(
      hooksWith('authenticate', () => gate.pass()),
      { loginTimeoutMs: LOGIN_TIMEOUT_MS },
    );
    const again = ann.login({ username: 'Bob' });
    await gate.reached;
    // This client connected after Ann, so her timeout has passed as well.
    expect(await (await EasyRtcClient.connect(server.url)).closed).toBe('io server disconnect');
    const sentMeanwhile = ann.message({ msgType: 'm', targetRoom: 'default' });
    gate.open();
    await again;
    expect(ann.entry().username).toBe('Bob');
    expect(await sentMeanwhile).toEqual({ msgType: 'ack' });
  });

  it('do not delay other clients', async () => {
    const gate = new Gate();
    await start(hooksWith('iceServers', () => gate.pass()));
    const bob = await EasyRtcClient.connect(server.url);
    const bobs = bob.login({ username: 'Bob' });
    await gate.reached;
    const cleo = await login({ username: 'Cleo' });
    expect(await cleo.message({ msgType: 'm', msgData: 1, targetRoom: 'default' })).toEqual({ msgType: 'ack' });
    expect(await ann.nextOf('m')).toMatchObject({ senderEasyrtcid: cleo.id });
    gate.open();
    const token = await bobs;
    // The client joins after the hooks: it missed the message, but its token lists the clients that joined meanwhile.
    expect(Object.keys(token.roomData.default.clientList).sort()).toEqual([ann.id, bob.id, cleo.id].sort());
    expect(await bob.rest()).toEqual([]);
  });
});

describe('EasyRTC hooks provided as a class', () => {
  @Injectable()
  class OwnHooks extends EasyRtcHooks {
    override authenticate({ application }: EasyRtcLoginAttempt): EasyRtcIdentity {
      return { username: `${application} on port ${this.config.port}`, groups: [] };
    }
  }

  it('can read the configuration and keep the defaults of methods they do not override', async () => {
    const plain = await startServer({ iceServers: [{ urls: 'stun:s' }] }, [
      { provide: EasyRtcHooks, useClass: OwnHooks },
    ]);
    try {
      const client = await EasyRtcClient.login(plain.url, { username: 'Bob' });
      expect(client.entry().username).toBe('app on port 0');
      expect(client.token.iceConfig).toEqual({ iceServers: [{ urls: 'stun:s' }] });
      expect(client.token.application).toEqual({ applicationName: 'app' });
      expect(await client.message({ msgType: 'm' })).toEqual({ msgType: 'ack' });
      await client.command('roomJoin', { roomJoin: { r: { roomName: 'r' } } });
      expect(await client.roomSizes()).toEqual({ default: 1, r: 1 });
    } finally {
      server = await startWithHooks();
      EasyRtcClient.closeAll();
      await plain.close();
    }
  });

  it('can be provided as a value', async () => {
    await start({});
    const hooks = Object.assign(new EasyRtcHooks(new Config()), { authenticate: () => ({ username: 'value' }) });
    const other = await startServer({}, [{ provide: EasyRtcHooks, useValue: hooks }]);
    try {
      expect((await EasyRtcClient.login(other.url)).entry().username).toBe('value');
    } finally {
      EasyRtcClient.closeAll();
      await other.close();
    }
  });
});

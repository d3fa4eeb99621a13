import { jest } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { of } from 'rxjs';
import {
  AccessHooks,
  canActivate,
  type ConnectAttempt,
  DomainError,
  type GuardedRequest,
  type Identity,
} from '../../../src/index.js';
import { Log } from '../../../src/logging/log.js';
import { attempt } from '../../support/attempts.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { seconds, secretToken } from '../../support/issuer.js';
import { startServer, type TestServer } from '../../support/server.js';

const SECRET = 'a secret of enough characters';
const JWT = { mode: 'jwt', jwt: { secret: SECRET } } as const;

/** Starts a server with this hook. */
function start(connect: AccessHooks['connect'], auth: object = {}): Promise<TestServer> {
  return startServer({ auth }, [{ provide: AccessHooks, useValue: Object.assign(new AccessHooks(), { connect }) }]);
}

describe('AccessHooks.connect', () => {
  it('decides in place of a mode, with all that is known about the client', async () => {
    const attempts: ConnectAttempt[] = [];
    const server = await start((about) => (attempts.push(about), { sub: 'alice', name: 'Alice' }));
    const more = { protocol: 'easyrtc', username: 'a', credential: { password: 'x' }, origin: 'https://a.example' };
    expect(await attempt(server, 'session', more)).toEqual({ sub: 'alice', name: 'Alice' });
    expect(attempts).toEqual([{ realm: 'default', address: '127.0.0.1', token: 'session', ...more }]);
  });

  it('may answer later, and may return nothing', async () => {
    const server = await start(() => Promise.resolve(undefined as unknown as Identity));
    expect(await attempt(server, undefined)).toEqual({});
  });

  it.each<[string, DomainError, string]>([
    ['UNAUTHENTICATED', new DomainError('UNAUTHENTICATED', { reason: 'the session abc has ended' }), 'hook'],
    ['NOT_AUTHORIZED', new DomainError('NOT_AUTHORIZED', {}), 'NOT_AUTHORIZED'],
    ['UNAVAILABLE', new DomainError('UNAVAILABLE', {}), 'UNAVAILABLE'],
  ])('refuses with %s', async (_, error, outcome) => {
    const server = await start(() => {
      throw error;
    });
    expect(await attempt(server, 't')).toBe(outcome);
    const later = await start(() => Promise.reject(error));
    expect(await attempt(later, 't')).toBe(outcome);
  });

  it('is asked on top of a mode, only for good tokens, and wins over the token', async () => {
    const asked: [string | undefined, Identity][] = [];
    const server = await start(({ token }, verified) => {
      asked.push([token, verified]);
      return { name: 'Alice', rooms: { join: ['a'] }, groups: undefined };
    }, JWT);
    const exp = seconds(60);
    const token = await secretToken(SECRET, { exp, signalbox: { name: 'A', signal: 'none', groups: ['g'] } });
    const identity = { sub: 'alice', expiresAt: exp * 1000, name: 'A', signal: 'none', groups: ['g'] };
    expect(await attempt(server, token)).toEqual({ ...identity, name: 'Alice', rooms: { join: ['a'] } });
    expect(asked).toEqual([[token, identity]]);
    expect(await attempt(server, 'bad')).toBe('malformed');
    expect(asked).toHaveLength(1);
  });

  it('cannot prolong a token, but shorten it', async () => {
    const exp = seconds(60);
    const earlier = seconds(30) * 1000;
    const times = [seconds(3600) * 1000, earlier];
    const server = await start(() => ({ expiresAt: times.shift() }), JWT);
    const token = await secretToken(SECRET, { exp });
    expect(await attempt(server, token)).toMatchObject({ expiresAt: exp * 1000 });
    expect(await attempt(server, token)).toMatchObject({ expiresAt: earlier });
  });

  it.each<[string, unknown]>([
    ['it', 'alice'],
    ['sub', { sub: 5 }],
    ['sub', { sub: '' }],
    ['id', { id: 'x'.repeat(256) }],
    ['name', { name: null }],
    ['expiresAt', { expiresAt: new Date() }],
    ['expiresAt', { expiresAt: NaN }],
    ['groups', { groups: [1] }],
    ['groups', { groups: Array(101).fill('g') }],
    ['rooms', { rooms: ['r'] }],
    ['rooms.join', { rooms: { join: 'r' } }],
    ['rooms.create', { rooms: { create: Array(1001).fill('r') } }],
    ['signal', { signal: 'some' }],
    ['attributes', { attributes: { a: 'x'.repeat(4096) } }],
  ])('must return valid members: %s', async (member, result) => {
    for (const auth of [{}, JWT]) {
      const server = await start(() => result as Identity, auth);
      const token = await secretToken(SECRET);
      const fault = `AccessHooks.connect has returned an invalid identity: ${member} is invalid`;
      await expect(attempt(server, token)).rejects.toThrow(fault);
    }
  });

  it('is logged as an error if its result is invalid, and the client gets a general failure', async () => {
    const server = await start(() => ({ sub: 5 }) as unknown as Identity);
    const error = jest.spyOn(server.app.get(Log, { strict: false }).logger, 'error').mockReturnValue();
    await expect(ConnectorClient.connect(server.wsUrl)).rejects.toThrow('Server_Error');
    expect(JSON.stringify(error.mock.calls.map(([fields]) => String(fields.err)))).toContain('sub is invalid');
    jest.restoreAllMocks();
  });

  it('gives an id that the client must ask for', async () => {
    const server = await start(() => ({ id: 'alice' }));
    expect(await attempt(server, undefined, { id: 'bob' })).toBe('NOT_AUTHORIZED');
    expect(await attempt(server, undefined, { id: 'alice' })).toEqual({ id: 'alice' });
  });
});

const EXP = seconds(600);

@Injectable()
class Sessions {
  readonly users = new Map([['good', { sub: 'alice', exp: EXP, signalbox: { signal: 'rooms' } }]]);
}

describe('canActivate', () => {
  const requests: GuardedRequest[] = [];

  @Injectable()
  class SessionGuard implements CanActivate {
    readonly sessions = new Sessions();

    canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
      const request = context.switchToHttp().getRequest<GuardedRequest>();
      requests.push(request);
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      if (token === 'unauthorized') throw new UnauthorizedException();
      if (token === 'forbidden') throw new ForbiddenException();
      if (token === 'observable') return of(true);
      if (token === 'late') return Promise.resolve(false);
      request.user = this.sessions.users.get(token);
      return request.user !== undefined;
    }
  }

  it.each<[string, () => readonly [Parameters<typeof startServer>[1]]]>([
    ['an extension', () => [[canActivate(SessionGuard)]]],
    ['a class', () => [[{ provide: AccessHooks, useClass: canActivate(SessionGuard) }]]],
  ])('makes a hook of a guard, as %s', async (_, extensions) => {
    const server = await startServer({}, ...extensions());
    expect(await attempt(server, 'good')).toEqual({ sub: 'alice', expiresAt: EXP * 1000, signal: 'rooms' });
    for (const token of ['bad', 'unauthorized', 'late', undefined]) expect(await attempt(server, token)).toBe('hook');
    expect(await attempt(server, 'forbidden')).toBe('NOT_AUTHORIZED');
    expect(await attempt(server, 'observable')).toEqual({});
  });

  it('gives the guard a request', async () => {
    const server = await startServer({}, [canActivate(SessionGuard)]);
    requests.length = 0;
    await attempt(server, 'good', { origin: 'https://a.example', userAgent: 'test' });
    expect(requests).toMatchObject([
      {
        headers: { authorization: 'Bearer good', origin: 'https://a.example', 'user-agent': 'test' },
        ip: '127.0.0.1',
        attempt: { protocol: 'peer2peer-connector', realm: 'default' },
      },
    ]);
  });
});

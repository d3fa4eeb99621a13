import { SignJWT } from 'jose';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Config } from '../../../src/config/config.js';
import { AccessHooks } from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { startServer } from '../../support/server.js';
import { checkCredential, type ReceivedServer } from '../../support/turn-credentials.js';

const KEY = 'a key that signs the tokens of clients';
const SECRET = 'a secret of the TURN server';
const ICE = { servers: [], turn: { urls: 'turn:turn.example', secret: SECRET } };
const JWT: Partial<Config> = { auth: { mode: 'jwt', jwt: { secret: KEY } }, ice: ICE };

const PATHS = ['/peerjs/ice-servers', '/ice-servers', '/turn/credentials?service=turn'];

function tokenOf(sub: string, key = KEY): Promise<string> {
  const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(sub).setExpirationTime('1h');
  return token.sign(new TextEncoder().encode(key));
}

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** The user of the credential in an answer of any endpoint. */
function userIn(answer: unknown): string {
  const {
    iceServers: [turn] = [],
    username,
    password,
  } = answer as {
    iceServers?: ReceivedServer[];
    username?: string;
    password?: string;
  };
  return checkCredential(SECRET, turn ?? { username, credential: password }).user;
}

describe('the ICE endpoints of a realm that needs tokens', () => {
  it.each(PATHS)('refuse %s without a valid token', async (path) => {
    const { url } = await startServer(JWT);
    for (const init of [{}, bearer('nonsense'), bearer(await tokenOf('alice', KEY.toUpperCase()))]) {
      const { status, headers } = await fetch(url + path, init);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it.each(PATHS)('answer %s for the user of a token, wherever it is', async (path) => {
    const { url } = await startServer(JWT);
    const token = await tokenOf('alice');
    const joint = path.includes('?') ? '&' : '?';
    for (const response of [
      await fetch(url + path, bearer(token)),
      await fetch(`${url}${path}${joint}access_token=${token}`),
      await fetch(`${url}${path}${joint}username=bob`, bearer(token)),
    ]) {
      expect(response.status).toBe(200);
      expect(userIn(await response.json())).toBe('alice');
    }
  });

  it('give nobody the name of a user where a token is not required', async () => {
    const { url } = await startServer({ ...JWT, auth: { ...JWT.auth, required: false } });
    const response = await fetch(`${url}/turn/credentials?service=turn&username=alice`);
    expect(userIn(await response.json())).not.toBe('alice');
    expect((await fetch(`${url}/ice-servers`, bearer('nonsense'))).status).toBe(401);
  });

  it.each(PATHS)('answer 403 at %s if a hook of the application refuses', async (path) => {
    class Access extends AccessHooks {
      override connect(): never {
        throw new DomainError('NOT_AUTHORIZED', {});
      }
    }
    const { url } = await startServer({ ice: ICE }, [{ provide: AccessHooks, useClass: Access }]);
    expect((await fetch(url + path)).status).toBe(403);
  });

  it('answer a bad token with 429 after twenty from the address, and a valid one with servers', async () => {
    const server = await startServer({ ...JWT, proxied: true });
    const nodes = server.everywhere(AccessHooks).length;
    const ask = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.9', connection: 'close' };
      return (await fetch(`${server.url}/ice-servers`, { headers })).status;
    };
    const statuses: number[] = [];
    for (let i = 0; i < 22 * nodes; i++) statuses.push(await ask('nonsense'));
    expect(statuses.filter((status) => status === 401)).toHaveLength(20 * nodes);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * nodes);
    expect(await ask(await tokenOf('alice'))).toBe(200);
  });
});

it('credentials of connected clients are for the users of their tokens', async () => {
  const { url, wsUrl } = await startServer(JWT);
  const token = await tokenOf('alice');
  const connector = await ConnectorClient.connect(`${wsUrl}/?access_token=${token}`);
  expect(userIn((await connector.ask({ event: 'Ice_Config' })).data)).toBe('alice');
  const easyrtc = await EasyRtcClient.login(url, { credential: { token } });
  expect(userIn(easyrtc.token.iceConfig)).toBe('alice');
});

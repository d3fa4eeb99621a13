import { becomes } from '../../support/becomes.js';
import { EasyRtcClient, errorOf } from '../../support/easyrtc-client.js';
import { forged, seconds } from '../../support/issuer.js';
import { codeOf, loginWith, startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

const POLLING = { transports: ['polling'] };

let server: TestServer;

beforeAll(async () => {
  server = await startSecured({ proxied: true });
});

afterEach(() => EasyRtcClient.closeAll());

const connect = (): Promise<EasyRtcClient> => EasyRtcClient.connect(server.url, POLLING);
const login = async (sub: string, claims = {}, more = {}): Promise<EasyRtcClient> =>
  EasyRtcClient.login(server.url, loginWith(await tokenFor(sub, claims, more), 'r'), POLLING);

describe('an EasyRTC client that polls', () => {
  it.each<[string, () => object | Promise<object>]>([
    ['without a credential', () => ({ applicationName: 'default' })],
    ['without a token', () => ({ applicationName: 'default', credential: { password: 'x' } })],
    ['with a bad token', () => loginWith(forged({ alg: 'none' }, { sub: 'ann', exp: seconds(60) }))],
    ['with an expired token', async () => loginWith(await tokenFor('ann', {}, { exp: seconds(-1) }))],
    ['with a token of another realm', async () => loginWith(await tokenFor('ann', { realm: 'other' }))],
  ])('%s gets LOGIN_BAD_AUTH, and is disconnected', async (_, msgData) => {
    const client = await connect();
    expect(await client.authenticate(await msgData())).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await client.closed).toBe('io server disconnect');
  });

  it('logs in with a token, and has its name, id and restrictions', async () => {
    const ann = await login('ann', { id: 'ann', name: 'Ann', signal: 'none' });
    expect([ann.id, ann.entry('r').username]).toEqual(['ann', 'Ann']);
    const bob = await login('bob');
    expect(codeOf(await ann.command('offer', { a: 1 }, bob.id))).toBe('MSG_REJECT_NO_AUTH');
    expect(await bob.command('offer', { a: 1 }, ann.id)).toEqual({ msgType: 'ack' });
    expect(await ann.nextOf('offer')).toMatchObject({ senderEasyrtcid: bob.id });
  });

  it('renews its token by another login, and stays connected', async () => {
    const exp = seconds(3);
    const [ann, bob] = [await login('ann', {}, { exp }), await login('bob', {}, { exp })];
    const { id } = ann;
    expect((await ann.login(loginWith(await tokenFor('ann'), 'r'))).easyrtcid).toBe(id);
    expect(codeOf(await bob.nextOf('error'))).toBe('LOGIN_BAD_AUTH');
    expect(await bob.closed).toBe('io server disconnect');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    await becomes(async () => Object.keys((await ann.command('getRoomList')).msgData as object), ['roomList']);
    expect(codeOf(await ann.authenticate(loginWith(await tokenFor('eve'), 'r')))).toBe('LOGIN_BAD_AUTH');
    expect(await ann.closed).toBe('io server disconnect');
  });
});

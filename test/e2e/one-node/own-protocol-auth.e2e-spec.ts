import { ProtocolModule } from 'signalbox/protocol';
import { AdminModule } from '../../../src/entries/admin.js';
import { MonitoringModule } from '../../../src/entries/monitoring.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { type HostApp, startHost } from '../../support/host-app.js';
import { forged, seconds } from '../../support/issuer.js';
import { SocketIoNotes } from '../../support/notes/notes.socket-io.js';
import { WebSocketNotes } from '../../support/notes/notes.websocket.js';
import { type NotesClient, SocketIoNotesClient, WebSocketNotesClient } from '../../support/notes/notes-clients.js';
import { Metrics } from '../../support/prometheus-text.js';
import { bearer, SECURED, tokenFor } from '../../support/secured.js';

let host: HostApp;

beforeEach(async () => {
  host = await startHost({ auth: SECURED, adminTokens: [`olga:operate:${OPERATE_TOKEN}`] }, [
    AdminModule,
    MonitoringModule,
    ProtocolModule.forFeature(WebSocketNotes),
    ProtocolModule.forFeature(SocketIoNotes),
  ]);
});

const refusals = (): unknown[] =>
  host.lines.filter(({ msg }) => msg === 'refused').map(({ protocol, code, reason }) => [protocol, code, reason]);

describe.each<[over: string, protocol: string, closes: string, open: (word: string, token?: string) => NotesClient]>([
  [
    'WebSocket, with the token in the header',
    'notes',
    '1008',
    (word, token) => WebSocketNotesClient.open(host.url, word, token === undefined ? {} : bearer(token)),
  ],
  [
    'WebSocket, with the token in the query',
    'notes',
    '1008',
    (word, token = '') => WebSocketNotesClient.open(host.url, `${word}&access_token=${token}`),
  ],
  [
    'socket.io, with the token in `auth`',
    'notes-io',
    'io server disconnect',
    (word, token) => SocketIoNotesClient.open(host.url, word, ['websocket'], token),
  ],
  [
    'socket.io by polling, with the token in `auth`',
    'notes-io',
    'io server disconnect',
    (word, token) => SocketIoNotesClient.open(host.url, word, ['polling'], token),
  ],
])('a client of an own protocol over %s', (_, protocol, closes, open) => {
  it.each<[string, string, () => undefined | string | Promise<string>]>([
    ['no token', 'missing', () => undefined],
    ['an unsigned token', 'algorithm', () => forged({ alg: 'none' }, { sub: 'ann', exp: seconds(60) })],
    ['an expired token', 'expired', () => tokenFor('ann', {}, { exp: seconds(-1) })],
    ['a token of another realm', 'realm', () => tokenFor('ann', { realm: 'other' })],
  ])('with %s gets UNAUTHENTICATED from its filter, and is closed', async (_, reason, token) => {
    const client = open('ann', await token());
    expect(await client.next()).toEqual({ error: 'UNAUTHENTICATED' });
    expect(await client.closed).toBe(closes);
    await becomes(refusals, [[protocol, 'UNAUTHENTICATED', reason]]);
    expect((await Metrics.of(host.url)).sum('signalbox_auth_total', { outcome: 'refused', reason })).toBe(1);
    expect((await new AdminApi(host.url, OPERATE_TOKEN).get<{ items: [] }>('clients')).body.items).toEqual([]);
  });

  it('has the user of its token, may signal as the token says, and goes when it expires', async () => {
    const exp = seconds(3);
    const ann = open('ann', await tokenFor('alice', { signal: 'none' }, { exp }));
    const bob = open('bob', await tokenFor('bob'));
    expect([await ann.next(), await bob.next()]).toEqual([{ welcome: 'ann' }, { welcome: 'bob' }]);
    const { body } = await new AdminApi(host.url, OPERATE_TOKEN).get<{ items: object[] }>('clients', { user: 'alice' });
    expect(body.items).toEqual([expect.objectContaining({ id: 'ann', user: 'alice', protocol })]);
    expect(await ann.ask('say', { to: 'bob', note: 1 })).toEqual({ error: 'NOT_AUTHORIZED' });
    expect(await bob.ask('say', { to: 'ann', note: 2 })).toEqual({ done: 'say' });
    expect(await ann.next()).toEqual({ from: 'bob', note: 2 });
    expect(await ann.next()).toEqual({ error: 'UNAUTHENTICATED' });
    expect(await ann.closed).toBe(closes);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
  });

  it('keeps its id from other users, and takes it over with a new token', async () => {
    const ann = open('ann', await tokenFor('alice'));
    expect(await ann.next()).toEqual({ welcome: 'ann' });
    const eve = open('ann', await tokenFor('eve'));
    expect(await eve.next()).toEqual({ error: 'ID_TAKEN' });
    const again = open('ann', await tokenFor('alice', {}, { exp: seconds(60) }));
    expect(await again.next()).toEqual({ welcome: 'ann' });
    await ann.closed;
  });

  it('may have only the id that its token allows', async () => {
    const token = await tokenFor('alice', { idPrefix: 'alice-' });
    const other = open('eve', token);
    expect(await other.next()).toEqual({ error: 'NOT_AUTHORIZED' });
    expect(await open('alice-1', token).next()).toEqual({ welcome: 'alice-1' });
  });
});

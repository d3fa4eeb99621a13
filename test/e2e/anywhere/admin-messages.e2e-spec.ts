import { type AdminPath, type AdminServer, empty, problem, startAdminServer } from '../../support/admin-api.js';
import type { ConnectorClient } from '../../support/connector-client.js';
import { aTime, type EasyRtcClient, rooms, titled } from '../../support/easyrtc-client.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

/** JSON values of every type, and keys of JavaScript's own. */
const DATA: readonly unknown[] = [
  ...[null, true, 0, -1.5, '', 'text', [], {}, [1, [2, [3]]], { a: { b: [null] } }, 'ä € 😀 \u2028 "\\'],
  ...[
    { constructor: 1, toString: 2, a: { constructor: { prototype: 3 } } },
    { event: 'Message', from: 'x', data: 1 },
  ],
];

describe('admin API: messages', () => {
  let server: AdminServer;
  let visitors: Visitors;
  let ann: ConnectorClient;
  let caller: EasyRtcClient;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  beforeEach(async () => {
    ann = await visitors.connector();
    caller = await visitors.easyrtc();
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const tell = (path: AdminPath, body?: unknown) => server.api.post(path, body);
  const toAnn = (body?: unknown) => tell(['clients', ann.id, 'messages'], body);
  const toCaller = (body?: unknown) => tell(['clients', caller.id, 'messages'], body);

  /** The message as an EasyRTC client receives it, without a sender. */
  const spoken = (msgType: string, msgData?: unknown) => ({
    msgType,
    ...(msgData === undefined ? {} : { msgData }),
    easyrtcid: caller.id,
    serverTime: aTime,
  });

  describe('to a client', () => {
    it.each(titled(DATA))('delivers %s to a Peer2Peer Connector client without a sender', async (_, data) => {
      expect(await toAnn({ data })).toEqual(empty(204));
      expect(await ann.next()).toEqual({ event: 'Message', from: '', data });
    });

    it.each(titled(DATA))('delivers %s to an EasyRTC client without a sender', async (_, data) => {
      expect(await toCaller({ data, msgType: 'news' })).toEqual(empty(204));
      expect(await caller.next()).toEqual(spoken('news', data));
    });

    it('preserves keys such as __proto__', async () => {
      await toAnn('{"data":{"__proto__":{"a":1},"b":{"__proto__":2}}}');
      const { data } = await ann.next();
      expect(JSON.stringify(data)).toBe('{"__proto__":{"a":1},"b":{"__proto__":2}}');
    });

    it('has the EasyRTC type "message" by default', async () => {
      await toCaller({ data: 1 });
      expect(await caller.next()).toEqual(spoken('message', 1));
    });

    it.each(titled(['__proto__', 'a b', '', '"', 'x'.repeat(256)]))('accepts the type %s', async (_, msgType) => {
      expect(await toCaller({ data: 1, msgType })).toEqual(empty(204));
      expect(await caller.next()).toEqual(spoken(msgType, 1));
    });

    it('is rejected for a PeerJS client', async () => {
      const peer = await visitors.peer('pia');
      expect(await tell(['clients', 'pia', 'messages'], { data: 1 })).toEqual(problem('not-supported-by-client'));
      expect(await peer.rest()).toEqual([]);
    });

    it('reaches no other client', async () => {
      const bob = await visitors.connector();
      await toAnn({ data: 1 });
      await ann.next();
      expect(await bob.drain()).toEqual([]);
      expect(await caller.rest()).toEqual([]);
    });

    it('does not reach a client of another realm', async () => {
      const answer = await server.api.post(['clients', ann.id, 'messages'], { data: 1 }, { realm: 'acme' });
      expect(answer).toEqual(problem('not-found', `There is no client ${JSON.stringify(ann.id)}.`));
      expect(await ann.drain()).toEqual([]);
    });
  });

  describe('to a room', () => {
    it('reaches all members in every protocol and no other client', async () => {
      const [bob, cleo] = await visitors.connectors(2);
      await makeRoom('den', ann, bob);
      await caller.command('roomJoin', { roomJoin: rooms('den') });
      for (const member of [ann, bob]) await member.next('Client_Added');
      expect(await tell(['rooms', 'den', 'messages'], { data: { text: 'hi' }, msgType: 'news' })).toEqual(empty(204));
      for (const member of [ann, bob]) {
        expect(await member.next()).toEqual({ event: 'Message', from: '', room: 'den', data: { text: 'hi' } });
      }
      expect(await caller.next()).toMatchObject({ msgType: 'news', msgData: { text: 'hi' } });
      expect(caller.arrivals.at(-1)?.message).not.toHaveProperty('senderEasyrtcid');
      expect(await cleo.drain()).toEqual([]);
    });

    it('is accepted for an empty room', async () => {
      await server.api.post('rooms', { id: 'empty' });
      expect(await tell(['rooms', 'empty', 'messages'], { data: 1 })).toEqual(empty(204));
      expect(await ann.drain()).toEqual([]);
    });

    it('is rejected for an unknown room', async () => {
      const missing = problem('not-found', 'There is no room "den".');
      expect(await tell(['rooms', 'den', 'messages'], { data: 1 })).toEqual(missing);
      await makeRoom('den', ann);
      expect(await server.api.post(['rooms', 'den', 'messages'], { data: 1 }, { realm: 'acme' })).toEqual(missing);
      expect(await ann.drain()).toEqual([]);
    });
  });

  describe.each(['clients', 'rooms'])('to %s', (kind) => {
    let path: AdminPath;

    beforeEach(async () => {
      await makeRoom('den', ann);
      path = [kind, kind === 'clients' ? ann.id : 'den', 'messages'];
    });

    it.each([
      ['nothing', undefined],
      ['no data', {}],
      ['no JSON', '{"data":'],
      ['a list', []],
      ['a text', '"text"'],
      ['an unknown member', { data: 1, from: 'the president' }],
      ['a type that is no text', { data: 1, msgType: 7 }],
      ['a type that is too long', { data: 1, msgType: 'x'.repeat(257) }],
      ['data nested too deeply', `{"data":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
    ])('rejects %s', async (_, body) => {
      expect(await tell(path, body)).toEqual(problem('bad-request'));
      expect(await ann.drain()).toEqual([]);
    });

    it('rejects a body that is too large', async () => {
      const { status, type } = await tell(path, { data: 'x'.repeat(2_000_000) });
      expect({ status, type }).toEqual({ status: 413, type: 'application/problem+json' });
      expect(await ann.drain()).toEqual([]);
    });
  });
});

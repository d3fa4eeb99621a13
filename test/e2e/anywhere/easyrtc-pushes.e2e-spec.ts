import { type DomainErrorCode, type EasyRtcFields, EasyRtcService } from '../../../src/index.js';
import { ConnectorClient, envelope } from '../../support/connector-client.js';
import { aTime, EasyRtcClient, fields, type Received, roomNews, rooms, titled } from '../../support/easyrtc-client.js';
import { type HookedServer, startWithHooks } from '../../support/hooked-server.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';

let server: HookedServer;
let service: EasyRtcService;
/**
 * Ann is in `one` and `two`, Bob in `one`, Connie of Peer2Peer Connector in `one`; Eve in `one` of another application.
 */
let ann: EasyRtcClient;
let bob: EasyRtcClient;
let connie: ConnectorClient;
let eve: EasyRtcClient;

const login = (...names: string[]) =>
  EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: rooms(...names) });

beforeEach(async () => {
  const easyrtcApplications = new Map([['default', 'default'], ['other', 'another realm']]); // prettier-ignore
  server = await startWithHooks({}, { easyrtcApplications });
  service = server.app.get(EasyRtcService, { strict: false });
  ann = await login('one', 'two');
  bob = await login('one');
  connie = await ConnectorClient.connect(server.wsUrl);
  connie.send({ event: 'Join_Room', data: { room: 'one' } });
  await connie.next('Client_Added');
  eve = await EasyRtcClient.login(server.url, { applicationName: 'other', roomJoin: rooms('one') });
  await Promise.all([ann.rest(), bob.rest(), eve.rest()]);
});

afterEach(async () => {
  try {
    for (const client of [ann, bob, eve]) if (client.socket.connected) expect(await client.rest()).toEqual([]);
    expect(await connie.drain()).toEqual([]);
    expect(server.complaints).toEqual([]);
  } finally {
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    await server.close();
  }
});

const SHARED = { fieldOption: { isShared: true } };
const FIELDS: EasyRtcFields = {
  a: { fieldValue: { n: [1, null] }, ...SHARED },
  b: { fieldValue: 'secret' },
  c: { fieldValue: 'secret', fieldOption: { isShared: false } },
};
const SHOWN = fields({ a: { n: [1, null] } });

const CONTENTS = [undefined, null, '', 0, false, [], {}, { a: [{ b: '😀\u2028' }] }];

describe('EasyRtcService.sendToClient', () => {
  it.each(titled(CONTENTS))('sends %s to a client without a sender', async (_, msgData) => {
    await service.sendToClient('default', bob.id, { msgType: 'news', msgData });
    const message = await bob.next();
    expect(message).toEqual({
      targetEasyrtcid: bob.id,
      msgType: 'news',
      msgData,
      easyrtcid: bob.id,
      serverTime: aTime,
    });
    expect('senderEasyrtcid' in message).toBe(false);
    expect('msgData' in message).toBe(msgData !== undefined);
    expect(bob.arrivals.at(-1)).toMatchObject({ event: 'easyrtcMsg', withAck: true });
  });

  it('sends bytes', async () => {
    const msgData = { a: Buffer.from('one'), b: [Buffer.from('two')] };
    await service.sendToClient('default', bob.id, { msgType: 'news', msgData });
    expect(await bob.next()).toMatchObject({ msgType: 'news', msgData });
  });

  it('finds applications by name, whatever their realm', async () => {
    await service.sendToClient('other', eve.id, { msgType: 'news', msgData: 1 });
    expect(await eve.next()).toMatchObject({ msgType: 'news', msgData: 1, targetEasyrtcid: eve.id });
    await fails(service.sendToClient('another realm', eve.id, { msgType: 'news' }), 'REALM_UNKNOWN');
  });

  it('reaches Peer2Peer Connector clients and fails for PeerJS clients', async () => {
    await service.sendToClient('default', connie.id, { msgType: 'news', msgData: { a: 1 } });
    expect(await connie.next()).toEqual({ event: 'Message', from: '', data: { a: 1 } });
    const peer = await PeerJsSocket.open(server.wsUrl, 'peer');
    await fails(service.sendToClient('default', 'peer', { msgType: 'news' }), 'UNSUPPORTED_BY_TARGET');
    expect(await peer.rest()).toEqual([]);
    await peer.close();
  });
});

describe('EasyRtcService.sendToRoom', () => {
  it.each(titled(CONTENTS))('sends %s to all members, in the protocol of each', async (_, msgData) => {
    await service.sendToRoom('default', 'one', { msgType: 'news', msgData });
    for (const client of [ann, bob]) {
      const message = await client.next();
      expect(message).toEqual({ targetRoom: 'one', msgType: 'news', msgData, easyrtcid: client.id, serverTime: aTime });
      expect('senderEasyrtcid' in message).toBe(false);
    }
    const message = await connie.next('Message');
    expect(message).toEqual({ event: 'Message', from: '', room: 'one', data: msgData });
    expect('data' in message).toBe(msgData !== undefined);
  });

  it('sends bytes to members whose protocol supports them', async () => {
    await service.sendToRoom('default', 'one', { msgType: 'news', msgData: Buffer.from('bytes') });
    for (const client of [ann, bob]) expect(await client.next()).toMatchObject({ msgData: Buffer.from('bytes') });
  });

  it('keeps messages in order', async () => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(all.map((i) => service.sendToRoom('default', 'one', { msgType: 'news', msgData: i })));
    for (const client of [ann, bob]) expect((await client.rest()).map(({ msgData }) => msgData)).toEqual(all);
    expect((await connie.drain()).map(({ data }) => data)).toEqual(all);
  });

  it('keeps messages to a room and to its members in order', async () => {
    const all = Array.from({ length: 20 }, (_, i) => i);
    for (const i of all) {
      if (i % 2) await service.sendToRoom('default', 'one', { msgType: 'news', msgData: i });
      else await service.sendToClient('default', bob.id, { msgType: 'news', msgData: i });
    }
    expect((await bob.rest()).map(({ msgData }) => msgData)).toEqual(all);
    for (const others of [await ann.rest(), await connie.drain()]) expect(others).toHaveLength(10);
  });
});

describe('EasyRtcService.forwardToUrl', () => {
  const forwarding = (msgData: object): Received => ({
    msgType: 'forwardToUrl',
    msgData,
    easyrtcid: bob.id,
    serverTime: aTime,
  });

  it.each([
    ['in the same window', undefined, {}],
    ['in a new window', { newWindow: true as const }, { newWindow: true }],
    ['without an answer to that', {}, {}],
  ])('sends a client to another page %s', async (_, options, more) => {
    const url = 'https://example.org/"x"?a=1&b=ä#c';
    await service.forwardToUrl('default', bob.id, url, options);
    const message = await bob.next();
    expect(message).toEqual(forwarding({ forwardToUrl: { url }, ...more }));
    expect(Object.keys(message.msgData as object)).toEqual(['forwardToUrl', ...Object.keys(more)]);
    expect(bob.arrivals.at(-1)?.event).toBe('easyrtcCmd');
  });
});

describe('EasyRtcService.setSessionFields', () => {
  it('sends the shared fields to the client', async () => {
    await service.setSessionFields('default', bob.id, 'sid', FIELDS);
    const session = (field: object) => ({
      msgType: 'sessionData',
      msgData: { sessionData: { easyrtcsid: 'sid', sessionStatus: 'update', field } },
      easyrtcid: bob.id,
      serverTime: aTime,
    });
    expect(await bob.next()).toEqual(session(SHOWN));
    expect(bob.arrivals.at(-1)?.event).toBe('easyrtcCmd');
    await service.setSessionFields('default', bob.id, 'sid', { b: { fieldValue: 1 } });
    expect(await bob.next()).toEqual(session({}));
  });
});

describe('EasyRtcService.setRoomFields', () => {
  const news = (client: EasyRtcClient, field: object) =>
    roomNews(client, { roomName: 'one', roomStatus: 'update', field });

  it('sends the shared fields to current and later members', async () => {
    await service.setRoomFields('default', 'one', FIELDS);
    for (const client of [ann, bob]) expect(await client.next()).toEqual(news(client, SHOWN));
    const cleo = await login('one', 'two');
    expect(cleo.token.roomData.one).toHaveProperty('field', SHOWN);
    expect(cleo.token.roomData.two).not.toHaveProperty('field');
    const dan = await login('two');
    const { msgData } = await dan.command('roomJoin', { roomJoin: rooms('one') });
    expect(msgData).toHaveProperty('roomData.one.field', SHOWN);
    await cleo.close();
    await dan.close();
    await Promise.all([ann, bob].map((client) => client.rest()));
    await Promise.all(['Client_Added', 'Client_Added', 'Client_Removed', 'Client_Removed'].map((e) => connie.next(e)));
  });

  it('replaces the former fields of the room', async () => {
    await service.setRoomFields('default', 'one', FIELDS);
    const own = JSON.parse('{"__proto__":{"fieldValue":2,"fieldOption":{"isShared":true}}}') as EasyRtcFields;
    for (const [given, text] of [
      [own, '{"__proto__":{"fieldName":"__proto__","fieldValue":2}}'],
      [{}, '{}'],
    ] as const) {
      await Promise.all([ann, bob].map((client) => client.rest()));
      await service.setRoomFields('default', 'one', given);
      const { msgData } = await ann.next();
      const { roomData } = msgData as { roomData: { one: { field: object } } };
      expect(JSON.stringify(roomData.one.field)).toBe(text);
      expect(Object.keys(roomData.one)).not.toContain('clientListDelta');
    }
    await bob.rest();
  });

  it('leaves the members and their API fields unchanged', async () => {
    await ann.command('setRoomApiField', { setRoomApiField: { roomName: 'one', field: fields({ f: 1 }) } });
    await service.setRoomFields('default', 'one', FIELDS);
    await Promise.all([ann, bob].map((client) => client.rest()));
    const cleo = await login('one');
    expect(Object.keys(cleo.token.roomData.one.clientList)).toEqual([ann.id, bob.id, connie.id, cleo.id]);
    expect(cleo.token.roomData.one.clientList[ann.id]).toHaveProperty('apiField', fields({ f: 1 }));
    await cleo.close();
    expect(await connie.next()).toMatchObject(envelope('update', 'Client_Added', expect.anything() as object));
    await connie.next('Client_Removed');
    await Promise.all([ann, bob].map((client) => client.rest()));
  });
});

describe('EasyRtcService', () => {
  const MESSAGE = { msgType: 'news', msgData: 1 };
  const TO_CLIENT: [string, (application: string, id: string) => Promise<void>][] = [
    ['sendToClient', (application, id) => service.sendToClient(application, id, MESSAGE)],
    ['forwardToUrl', (application, id) => service.forwardToUrl(application, id, 'http://x')],
    ['setSessionFields', (application, id) => service.setSessionFields(application, id, 'sid', FIELDS)],
  ];
  const TO_ROOM: [string, (application: string, room: string) => Promise<void>][] = [
    ['sendToRoom', (application, room) => service.sendToRoom(application, room, MESSAGE)],
    ['setRoomFields', (application, room) => service.setRoomFields(application, room, FIELDS)],
  ];

  it.each(TO_CLIENT)('rejects %s to an unknown application or client', async (_, send) => {
    await fails(send('unknown', bob.id), 'REALM_UNKNOWN');
    for (const id of ['nobody', '', '__proto__', eve.id]) await fails(send('default', id), 'CLIENT_NOT_FOUND', { id });
    await bob.close();
    await ann.nextOf('roomData');
    await connie.next('Client_Removed');
    await fails(send('default', bob.id), 'CLIENT_NOT_FOUND', { id: bob.id });
  });

  it.each(TO_ROOM)('rejects %s to an unknown application or room', async (_, send) => {
    await fails(send('unknown', 'one'), 'REALM_UNKNOWN');
    for (const room of ['none', '', '__proto__']) await fails(send('default', room), 'ROOM_NOT_FOUND', { room });
    await fails(send('other', 'two'), 'ROOM_NOT_FOUND', { room: 'two' });
  });

  it('rejects a notice that the protocol of the client does not support', async () => {
    await fails(service.forwardToUrl('default', connie.id, 'http://x'), 'UNSUPPORTED_BY_TARGET');
    await fails(service.setSessionFields('default', connie.id, 'sid', {}), 'UNSUPPORTED_BY_TARGET');
  });
});

async function fails(operation: Promise<unknown>, code: DomainErrorCode, data: object = {}): Promise<void> {
  await expect(operation).rejects.toMatchObject({ name: 'DomainError', code, data });
}

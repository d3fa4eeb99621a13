import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  ConnectorTestClient,
  createTestServer,
  EasyRtcTestClient,
  PeerJsTestClient,
  type TestServer,
} from 'signalbox/testing';
import { Hub } from '../src/hub.js';
import { HubModule } from '../src/hub.module.js';

describe('two servers of one process', () => {
  let a: TestServer;
  let b: TestServer;

  beforeEach(async () => {
    const hub = new Hub();
    a = await createTestServer({ nodeName: 'a', backplane: HubModule.of(hub) });
    b = await createTestServer({ nodeName: 'b', backplane: HubModule.of(hub) });
  });

  afterEach(() => Promise.all([a.close(), b.close()]));

  it('connect PeerJS clients with one another', async () => {
    const ann = await PeerJsTestClient.connect(a.wsUrl, { id: 'ann' });
    const ben = await PeerJsTestClient.connect(b.wsUrl, { id: 'ben' });
    for (let n = 0; n < 50; n++) ben.send({ type: 'CANDIDATE', dst: 'ann', payload: n });
    for (let n = 0; n < 50; n++)
      assert.deepEqual(await ann.next(), { type: 'CANDIDATE', src: 'ben', dst: 'ann', payload: n });
    await assert.rejects(PeerJsTestClient.connect(b.wsUrl, { id: 'ann' }), /ID-TAKEN/);
  });

  it('connect clients of different protocols with one another', async () => {
    const ann = await PeerJsTestClient.connect(a.wsUrl, { id: 'ann' });
    const ben = await ConnectorTestClient.connect(b.wsUrl);
    ben.send({ event: 'Offer', to: 'ann', data: { sdp: 's', type: 'offer' } });
    const { type, src } = await ann.next();
    assert.deepEqual([type, src], ['OFFER', ben.id]);
  });

  it('share rooms', async () => {
    const ann = await ConnectorTestClient.connect(a.wsUrl);
    const ben = await ConnectorTestClient.connect(b.wsUrl);
    ann.send({ event: 'Create_Room', data: { room: 'lobby' } });
    await ann.next('Room_Created');
    ben.send({ event: 'Join_Room', data: { room: 'lobby' } });
    for (const client of [ann, ben]) {
      const { data } = await client.next('Client_Added');
      assert.deepEqual((data as { clients: string[] }).clients, [ann.id, ben.id]);
    }
    ben.send({ event: 'Message', room: 'lobby', data: 'hello' });
    assert.deepEqual(await ann.next(), { event: 'Message', from: ben.id, room: 'lobby', data: 'hello' });
  });

  it('show EasyRTC clients the clients of the other server', async () => {
    const ann = await EasyRtcTestClient.connect(a.wsUrl, { rooms: ['lobby'] });
    const ben = await EasyRtcTestClient.connect(b.wsUrl, { rooms: ['lobby'] });
    const { lobby } = ben.token.roomData as Record<string, { clientList: object }>;
    assert.deepEqual(Object.keys(lobby!.clientList).sort(), [ann.id, ben.id].sort());
    const answer = await ben.send({ msgType: 'hello', targetEasyrtcid: ann.id, msgData: 1 });
    assert.equal(answer.msgType, 'ack');
    assert.equal((await ann.next('hello')).senderEasyrtcid, ben.id);
  });

  it('keep signals for a client that connects to the other server later', async () => {
    const ann = await PeerJsTestClient.connect(a.wsUrl, { id: 'ann' });
    ann.send({ type: 'OFFER', dst: 'ben', payload: 1 });
    // The server handles the messages of a client in order, so this one comes back after the offer is queued.
    ann.send({ type: 'CANDIDATE', dst: 'ann', payload: 2 });
    await ann.next('CANDIDATE');
    const ben = await PeerJsTestClient.connect(b.wsUrl, { id: 'ben' });
    assert.deepEqual(await ben.next(), { type: 'OFFER', src: 'ann', dst: 'ben', payload: 1 });
  });

  it('go on when one of them stops', async () => {
    const ann = await ConnectorTestClient.connect(a.wsUrl);
    const ben = await ConnectorTestClient.connect(b.wsUrl);
    ann.send({ event: 'Create_Room', data: { room: 'lobby' } });
    await ann.next('Room_Created');
    ben.send({ event: 'Join_Room', data: { room: 'lobby' } });
    await ann.next('Client_Added');
    await b.close();
    assert.equal((await ben.closed).code, 1012);
    assert.deepEqual((await ann.next('Client_Removed')).data, { clients: [ann.id], name: '', room: 'lobby' });
    ann.send({ event: 'Message', to: ben.id, data: 'hello' });
    await ann.next('Not_Found');
  });

  it('refuse a second server with the same name', async () => {
    const hub = new Hub();
    const first = await createTestServer({ nodeName: 'a', backplane: HubModule.of(hub) });
    const second = createTestServer({ nodeName: 'a', backplane: HubModule.of(hub) });
    await assert.rejects(second, /two servers of the hub are named a/);
    await first.close();
  });
});

import { once } from 'node:events';
import { OfflineQueue } from '../../../src/signaling/offline-queue.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { connectorWith, easyrtcWith, peerWith, startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

/** Signals to absent clients wait for longer than a test takes, so what expires is not too old. */
const QUEUE = { queueTtlMs: 60_000 };
const EXPIRED = { type: 'EXPIRE', src: 'late', dst: 'ann' };

afterEach(() => EasyRtcClient.closeAll());

const waiting = (server: TestServer): Promise<number> => server.app.get(OfflineQueue, { strict: false }).count();

describe.each(['rooms', 'none'])('a PeerJS client with the claim signal: %s', (signal) => {
  it('gets EXPIRE at the next sweep for its signals to an absent client, which never gets them', async () => {
    const server = await startSecured({ ...QUEUE, queueSweepMs: 300 });
    const ann = await peerWith(server, 'ann', await tokenFor('ann', { signal }));
    const bob = await peerWith(server, 'bob', await tokenFor('bob'));
    for (const type of ['OFFER', 'CANDIDATE', 'ANSWER', 'LEAVE']) ann.send({ type, dst: 'late', payload: 'of ann' });
    bob.send({ type: 'OFFER', dst: 'late', payload: 'of bob' });
    expect(await ann.next()).toEqual(EXPIRED);
    await bob.rest();
    expect(await waiting(server)).toBe(1);
    const late = await peerWith(server, 'late', await tokenFor('late'));
    expect((await late.rest()).map(({ payload }) => payload)).toEqual(['of bob']);
  });

  it('has nothing delivered to a client that comes before the next sweep', async () => {
    const server = await startSecured({ ...QUEUE, queueSweepMs: 1500 });
    const ann = await peerWith(server, 'ann', await tokenFor('ann', { signal }));
    const bob = await peerWith(server, 'bob', await tokenFor('bob'));
    ann.send({ type: 'OFFER', dst: 'late', payload: 'of ann' });
    // A client that may signal nobody cannot send itself a message to wait for.
    ann.ws.ping();
    await once(ann.ws, 'pong');
    const late = await peerWith(server, 'late', await tokenFor('late'));
    ann.send({ type: 'CANDIDATE', dst: 'late', payload: 'of ann' });
    expect(await ann.next('EXPIRE')).toEqual(EXPIRED);
    bob.send({ type: 'OFFER', dst: 'late', payload: 'of bob' });
    expect(await late.next()).toMatchObject({ payload: 'of bob' });
    expect(await late.rest()).toEqual([]);
  });

  it('leaves no signal for clients of other protocols', async () => {
    const server = await startSecured({ ...QUEUE, queueSweepMs: 50 });
    const ann = await peerWith(server, 'ann', await tokenFor('ann', { signal }));
    ann.send({ type: 'OFFER', dst: 'late', payload: 1 });
    expect(await ann.next()).toEqual(EXPIRED);
    const late = await connectorWith(server, await tokenFor('late', { id: 'late' }));
    expect(await late.drain()).toEqual([]);
    ann.send({ type: 'OFFER', dst: 'later', payload: 1 });
    expect(await ann.next()).toEqual({ ...EXPIRED, src: 'later' });
    const later = await easyrtcWith(server, await tokenFor('later', { id: 'later' }));
    expect([later.id, await later.rest()]).toEqual(['later', []]);
  });
});

it('signals that wait for an absent client stay if their sender may send no more', async () => {
  const server = await startSecured({ ...QUEUE, queueSweepMs: 50 });
  const before = await peerWith(server, 'ann', await tokenFor('ann'));
  before.send({ type: 'OFFER', dst: 'late', payload: 'before' });
  await before.rest();
  const ann = await peerWith(server, 'ann', await tokenFor('ann', { signal: 'none' }));
  await before.closed;
  ann.send({ type: 'OFFER', dst: 'late', payload: 'after' });
  expect(await ann.next()).toEqual(EXPIRED);
  const late = await peerWith(server, 'late', await tokenFor('late'));
  expect((await late.rest()).map(({ payload }) => payload)).toEqual(['before']);
});

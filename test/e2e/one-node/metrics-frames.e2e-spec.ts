import type { Config } from '../../../src/config/config.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Metrics } from '../../support/prometheus-text.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const CONNECTOR = 'peer2peer-connector';
const EASYRTC = 'easyrtc';
const PEERJS = 'peerjs';

/** Two bytes each. */
const UMLAUTS = 'ä'.repeat(500);
/** Maximum number of bytes that socket.io and EasyRTC add to a message. */
const OVERHEAD = 500;

let server: AdminServer;
let visitors: Visitors;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startAdminServer(options);
  visitors = new Visitors(server, server.api);
}

const read = (): Promise<Metrics> => Metrics.of(server.url);

interface Traffic {
  readonly frames: number;
  readonly bytes: number;
}

function trafficOf(metrics: Metrics, direction: 'in' | 'out', labels: Record<string, string>): Traffic {
  return {
    frames: metrics.sum(`signalbox_frames_${direction}_total`, labels),
    bytes: metrics.sum(`signalbox_bytes_${direction}_total`, labels),
  };
}

/** Runs an action and resolves with the growth of the metrics. */
async function growth(
  direction: 'in' | 'out',
  labels: Record<string, string>,
  done: () => Promise<unknown>,
): Promise<Traffic> {
  const before = trafficOf(await read(), direction, labels);
  await done();
  const after = trafficOf(await read(), direction, labels);
  return { frames: after.frames - before.frames, bytes: after.bytes - before.bytes };
}

describe('metrics of frames', () => {
  it('count frames and bytes of Peer2Peer Connector by kind', async () => {
    await start();
    const [ann, bob] = await visitors.connectors(2);
    const frames = [1, 2, 3].map((data) => JSON.stringify({ event: 'Offer', to: bob.id, data: data + UMLAUTS }));
    const send = async () => {
      for (const frame of frames) ann.send(frame);
      while ((await bob.next('Offer')).data !== 3 + UMLAUTS);
    };
    const metrics = async () => trafficOf(await read(), 'in', { protocol: CONNECTOR, kind: 'Offer' });
    expect(await metrics()).toEqual({ frames: 0, bytes: 0 });
    const out = await growth('out', { protocol: CONNECTOR, kind: 'offer' }, send);
    expect(await metrics()).toEqual({ frames: 3, bytes: frames.join('').length + 3 * UMLAUTS.length });
    // Each frame has a header of four bytes.
    expect(out).toEqual({ frames: 3, bytes: Buffer.byteLength(bob.texts.slice(-3).join('')) + 3 * 4 });
  });

  it('count frames and bytes of PeerJS by kind', async () => {
    await start();
    const [pia, paul] = [await visitors.peer('pia'), await visitors.peer('paul')];
    const frame = JSON.stringify({ type: 'OFFER', dst: 'paul', payload: UMLAUTS });
    const out = await growth('out', { protocol: PEERJS, kind: 'offer' }, async () => {
      pia.send(frame);
      await paul.next('OFFER');
    });
    const incoming = trafficOf(await read(), 'in', { protocol: PEERJS, kind: 'OFFER' });
    expect(incoming).toEqual({ frames: 1, bytes: Buffer.byteLength(frame) });
    expect(out).toEqual({ frames: 1, bytes: Buffer.byteLength(paul.textOf(paul.messages.at(-1)!)) + 4 });
  });

  it('count frames and bytes of EasyRTC by kind', async () => {
    await start();
    const [eve, adam] = [await visitors.easyrtc(), await visitors.easyrtc()];
    const out = await growth('out', { protocol: EASYRTC, kind: 'message' }, async () => {
      await eve.message({ targetEasyrtcid: adam.id, msgType: 'chat', msgData: UMLAUTS });
      await adam.nextOf('chat');
    });
    const incoming = trafficOf(await read(), 'in', { protocol: EASYRTC, kind: 'easyrtcMsg' });
    for (const { frames, bytes } of [incoming, out]) {
      expect(frames).toBe(1);
      expect(bytes).toBeGreaterThanOrEqual(Buffer.byteLength(UMLAUTS));
      expect(bytes).toBeLessThan(Buffer.byteLength(UMLAUTS) + OVERHEAD);
    }
  });

  it('include the binary parts of an EasyRTC message in its bytes', async () => {
    await start();
    const [eve, adam] = [await visitors.easyrtc(), await visitors.easyrtc()];
    const msgData = { picture: Buffer.alloc(10_000) };
    const out = await growth('out', { protocol: EASYRTC, kind: 'message' }, async () => {
      await eve.message({ targetEasyrtcid: adam.id, msgType: 'chat', msgData });
      await adam.nextOf('chat');
    });
    const incoming = trafficOf(await read(), 'in', { protocol: EASYRTC, kind: 'easyrtcMsg' });
    for (const { frames, bytes } of [incoming, out]) {
      expect(frames).toBe(1);
      expect(bytes).toBeGreaterThanOrEqual(10_000);
      expect(bytes).toBeLessThan(10_000 + OVERHEAD);
    }
  });

  it('count answers', async () => {
    await start();
    const ann = await visitors.connector();
    const eve = await visitors.easyrtc();
    const one = expect.objectContaining({ frames: 1 }) as Traffic;
    const ask = () => ann.ask({ event: 'Create_Room', data: { room: 'den' } });
    expect(await growth('out', { protocol: CONNECTOR }, ask)).toEqual(one);
    expect(await growth('out', { protocol: EASYRTC }, () => eve.command('getRoomList'))).toEqual(one);
  });

  it('count a frame to a room once per member', async () => {
    await start();
    const [ann, ...others] = await visitors.connectors(4);
    await makeRoom('den', ann, ...others);
    const out = await growth('out', { protocol: CONNECTOR, kind: 'message' }, async () => {
      ann.send({ event: 'Message', room: 'den', data: 1 });
      await Promise.all(others.map((other) => other.next('Message')));
    });
    expect(out.frames).toBe(3);
  });

  it('count rejected frames by reason, with the kind "other"', async () => {
    await start();
    const ann = await visitors.connector();
    const pia = await visitors.peer('pia');
    const eve = await visitors.easyrtc();
    const rejected = async (code: string) => (await read()).sum('signalbox_rejected_frames_total', { reason: code });

    const connector = await growth('in', { protocol: CONNECTOR }, async () => {
      await ann.ask('not JSON');
      await ann.ask({ event: 'Message', to: 'nobody' });
      await ann.ask({ event: 'No_Such_Event' });
    });
    expect(await rejected('INVALID_MESSAGE')).toBe(1);
    expect(await rejected('CLIENT_NOT_FOUND')).toBe(1);
    expect(await rejected('UNKNOWN_EVENT')).toBe(1);
    const peerjs = await growth('in', { protocol: PEERJS }, async () => {
      for (const frame of ['not JSON', { type: 'NO_SUCH_TYPE' }, { type: 'OFFER' }]) pia.send(frame);
      await pia.rest();
    });
    const easyrtc = await growth('in', { protocol: EASYRTC }, async () => {
      await eve.command('noSuchCommand');
      await eve.ask('easyrtcCmd', 'not an object');
      await eve.message({ targetEasyrtcid: 'nobody', msgType: 'chat', msgData: 1 });
    });
    // The PeerJS client sends one more message to wait for the earlier ones.
    const frames = [connector.frames, peerjs.frames, easyrtc.frames];
    expect(frames).toEqual([3, 4, 3]);
    expect(await rejected('UNKNOWN_EVENT')).toBe(3);
  });
});

describe('metrics of frames that EasyRTC ignores', () => {
  it('count them as unknown', async () => {
    await start();
    const eve = await EasyRtcClient.connect(server.url);
    const before = await growth('in', { protocol: EASYRTC, kind: 'unknown' }, async () => {
      // The server ignores commands before a login or without an ack.
      eve.send('easyrtcCmd', { msgType: 'getRoomList' }, () => undefined);
      eve.send('noSuchMessage', { picture: Buffer.alloc(10_000) }, () => undefined);
      await eve.login();
    });
    expect(before.frames).toBe(2);
    expect(before.bytes).toBeGreaterThan(10_000);
    const after = await growth('in', { protocol: EASYRTC }, async () => {
      eve.send('easyrtcCmd', { msgType: 'getRoomList' });
      await eve.rest();
    });
    expect(after.frames).toBe(2);
    expect(await read().then((metrics) => metrics.sum('signalbox_frames_in_total', { kind: 'unknown' }))).toBe(3);
  });
});

describe('the processing time of frames', () => {
  it('is a histogram with consistent buckets for all protocols', async () => {
    await start();
    const ann = await visitors.connector();
    const pia = await visitors.peer('pia');
    const eve = await visitors.easyrtc();
    const count = async () => (await read()).value('signalbox_handling_seconds_count')!;
    const handled = async (many: () => Promise<unknown>) => {
      const before = await count();
      await many();
      return (await count()) - before;
    };
    // One frame in 64 is timed.
    const connector = await handled(async () => {
      for (let sent = 0; sent < 128; sent++) ann.send({ event: 'Message', to: ann.id, data: 1 });
      await ann.drain();
    });
    const peerjs = await handled(async () => {
      for (let sent = 0; sent < 128; sent++) pia.send({ type: 'HEARTBEAT' });
      await pia.rest();
    });
    const easyrtc = await handled(async () => {
      for (let sent = 0; sent < 128; sent++) await eve.command('getRoomList');
    });
    for (const samples of [connector, peerjs, easyrtc]) {
      expect(samples).toBeGreaterThanOrEqual(2);
      expect(samples).toBeLessThanOrEqual(3);
    }
    checkHistogram(await read(), 'signalbox_handling_seconds', {});
  });

  it('has a consistent histogram for backplane operations', async () => {
    await start();
    await makeRoom('den', ...(await visitors.connectors(5)));
    const metrics = await read();
    const name = 'signalbox_backplane_operation_seconds';
    const operations = [...metrics.labelsOf(`${name}_count`, 'operation')];
    expect(operations).toEqual(expect.arrayContaining(['clients.claim', 'rooms.create', 'rooms.join']));
    for (const operation of operations) checkHistogram(metrics, name, { operation });
  });
});

describe('labels', () => {
  const MANY = 150;
  const loginTo = (applicationName: string) => EasyRtcClient.login(server.url, { applicationName });

  it('name the configured realms and combine all others', async () => {
    await start();
    for (let at = 0; at < MANY; at++) await loginTo(`app-${at}`);
    // The configured realm still has its own label after many unknown ones.
    await visitors.connector();
    await loginTo('default');
    const metrics = await read();
    expect(metrics.labelsOf('signalbox_clients', 'realm')).toEqual(new Set(['(other)', 'default']));
    expect(metrics.text).not.toContain('app-');
    expect(metrics.value('signalbox_clients', { protocol: CONNECTOR, realm: 'default' })).toBe(1);
    expect(metrics.value('signalbox_clients', { protocol: EASYRTC, realm: 'default' })).toBe(1);
    expect(metrics.value('signalbox_clients', { protocol: EASYRTC, realm: '(other)' })).toBe(MANY);
  });

  it.each([
    [
      CONNECTOR,
      async () => {
        const ann = await visitors.connector();
        for (let at = 0; at < MANY; at++) await ann.ask({ event: `made-up-${at}` });
      },
    ],
    [
      PEERJS,
      async () => {
        const pia = await visitors.peer('pia');
        for (let at = 0; at < MANY; at++) pia.send({ type: `made-up-${at}` });
        await pia.rest();
      },
    ],
    [
      EASYRTC,
      async () => {
        const eve = await visitors.easyrtc();
        for (let at = 0; at < MANY; at++) await eve.command(`made-up-${at}`);
      },
    ],
  ])('combine all unknown kinds of %s frames', async (protocol, makeUp) => {
    await start();
    await makeUp();
    const metrics = await read();
    expect(metrics.text).not.toContain('made-up');
    expect(metrics.value('signalbox_frames_in_total', { protocol, kind: 'unknown' })).toBe(MANY);
  });
});

/** Expects that the buckets never decrease and that the last one equals the count. */
function checkHistogram(metrics: Metrics, name: string, labels: Record<string, string>): void {
  const buckets = metrics.all(`${name}_bucket`, labels);
  const bounds = buckets.map(({ labels: { le } }) => (le === '+Inf' ? Infinity : Number(le)));
  const counts = buckets.map(({ value }) => value);
  const count = metrics.value(`${name}_count`, labels)!;
  expect(metrics.types.get(name)).toBe('histogram');
  expect(buckets.length).toBeGreaterThan(5);
  expect(bounds).toEqual([...new Set(bounds)].sort((one, other) => one - other));
  expect(bounds.at(-1)).toBe(Infinity);
  expect(counts).toEqual([...counts].sort((one, other) => one - other));
  expect(counts.at(-1)).toBe(count);
  const sum = metrics.value(`${name}_sum`, labels)!;
  let [least, most] = [0, 0];
  for (const [at, bound] of bounds.entries()) {
    const inBucket = counts[at] - (counts[at - 1] ?? 0);
    if (inBucket === 0) continue;
    least += inBucket * (bounds[at - 1] ?? 0);
    most += inBucket * bound;
  }
  expect(sum).toBeGreaterThanOrEqual(least);
  expect(sum).toBeLessThanOrEqual(most);
}

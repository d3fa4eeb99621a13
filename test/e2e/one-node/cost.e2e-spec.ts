import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Places } from '../../../src/transport/bounds/places.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { ACK, EasyRtcClient, type Received } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { dial, requestOf, UPGRADE } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(...args: Parameters<typeof startServer>): Promise<void> {
  server = await startServer(...args);
}

describe('a new member of a full EasyRTC room', () => {
  const OTHERS = 99;
  const CANDIDATES = 14;
  const offer = { type: 'offer', sdp: 's'.repeat(3000) };
  const candidate = { type: 'candidate', candidate: 'c'.repeat(100) };

  /** Answers offers as a page would: with an answer and candidates. */
  function answers(client: EasyRtcClient): void {
    client.socket.on('easyrtcCmd', ({ msgType, senderEasyrtcid }: Received) => {
      if (msgType !== 'offer') return;
      client.send(
        'easyrtcCmd',
        { msgType: 'answer', msgData: offer, targetEasyrtcid: senderEasyrtcid },
        () => undefined,
      );
      for (let i = 0; i < CANDIDATES; i++) {
        const message = { msgType: 'candidate', msgData: candidate, targetEasyrtcid: senderEasyrtcid };
        client.send('easyrtcCmd', message, () => undefined);
      }
    });
  }

  it('can call all 99 members within 2.5 s under the default limits', async () => {
    await start();
    const others: EasyRtcClient[] = [];
    for (let i = 0; i < OTHERS; i++) others.push(await EasyRtcClient.login(server.url));
    others.forEach(answers);
    const ann = await EasyRtcClient.login(server.url);
    const sent: Promise<Received>[] = [];
    for (const [i, { id }] of others.entries()) {
      sent.push(ann.command('offer', offer, id));
      for (let c = 0; c < CANDIDATES; c++) sent.push(ann.command('candidate', candidate, id));
      if (i % 10 === 9) await sleep(250);
    }
    expect(await Promise.all(sent)).toEqual(sent.map(() => ACK));
    const heard = (type: string) => ann.arrivals.filter(({ message }) => message.msgType === type).length;
    await until(() => heard('answer') === OTHERS && heard('candidate') === OTHERS * CANDIDATES, 10_000);
    expect(await ann.message({ msgType: 'm', targetRoom: 'default' })).toEqual(ACK);
  });
});

describe('an address with many connections', () => {
  const CONNECTIONS = 10;
  const FRAMES = 100;
  /** All messages together cost 1000 tokens. The address starts with 400 and gains 320 per second. */
  const LEAST_MS = 1500;

  it('is delayed beyond its shared budget, without losing messages', async () => {
    await start({ maxConnectionsPerIp: 255, framesPerSecond: 10, frameBurst: 100 });
    const target = await ConnectorClient.connect(server.wsUrl, { localAddress: '127.0.0.2' });
    const senders = await ConnectorClient.connectMany(CONNECTIONS, server.wsUrl);
    const startedAt = performance.now();
    for (const sender of senders) {
      for (let i = 0; i < FRAMES; i++) sender.send({ event: 'Message', to: target.id, data: i });
    }
    const arrived = (): number => target.frames.length - 1;
    await until(() => arrived() >= 400, 10_000);
    // Clients of another address are not delayed.
    await target.drain();
    expect(arrived()).toBeLessThan(CONNECTIONS * FRAMES);
    await until(() => arrived() === CONNECTIONS * FRAMES, 20_000);
    expect(performance.now() - startedAt).toBeGreaterThan(LEAST_MS);
  });

  it('answers a handshake at once while the registration waits for the debt', async () => {
    // Each large frame costs 64 tokens. The address starts with 400, may owe 400, and gains 32 per second.
    await start({ maxConnectionsPerIp: 255, framesPerSecond: 1, frameBurst: 100 });
    const senders = await ConnectorClient.connectMany(14, server.wsUrl);
    for (const sender of senders) sender.send({ event: 'Message', to: 'absent', data: 'x'.repeat(1_000_000) });
    const budget = server.everywhere(Places)[0].budgetOf('127.0.0.1', false)!;
    await until(() => budget.debtMs(performance.now()) > 5000, 20_000);
    const newcomer = await dial(server.port);
    newcomer.write(requestOf('/', UPGRADE));
    const [answer] = (await once(newcomer, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\n$/);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { ACK, EasyRtcClient, type Received } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(...args: Parameters<typeof startServer>): Promise<void> {
  server = await startServer(...args);
}

afterEach(async () => {
  EasyRtcClient.closeAll();
  await server.close();
});

describe('a newcomer in a full EasyRTC room', () => {
  const OTHERS = 99;
  const CANDIDATES = 14;
  const offer = { type: 'offer', sdp: 's'.repeat(3000) };
  const candidate = { type: 'candidate', candidate: 'c'.repeat(100) };

  /** Answers an offer as a page does, with as many candidates of its own. */
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

  it('may call everybody within 2.5 s by the defaults', async () => {
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
  }, 60_000);
});

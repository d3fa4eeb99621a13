import { ConnectorClient } from '../support/connector-client.js';
import { ACK, EasyRtcClient, rooms } from '../support/easyrtc-client.js';
import { PackedApp, type RunningApp } from '../support/packed-app.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';

describe('the example of an echo bot, with the packed package', () => {
  let running: RunningApp;

  beforeAll(async () => {
    const app = await PackedApp.install('examples/echo-bot');
    await app.build();
    running = await app.start();
  });

  const easyrtc = () => EasyRtcClient.login(running.url, { applicationName: 'default', roomJoin: rooms('lobby') });

  it('returns messages of Peer2Peer Connector clients, and refuses their calls', async () => {
    const ann = await ConnectorClient.connect(running.wsUrl);
    expect(await ann.ask({ event: 'Message', to: 'echo', data: { n: 1 } })).toEqual({ event: 'Message', from: 'echo', data: { n: 1 } }); // prettier-ignore
    expect(await ann.ask({ event: 'Offer', to: 'echo', data: 'sdp' })).toEqual({ event: 'Reject', from: 'echo' });
  });

  it('returns messages of EasyRTC clients with their types', async () => {
    const eve = await easyrtc();
    expect(await eve.message({ msgType: 'greeting', msgData: [1], targetEasyrtcid: 'echo' })).toEqual(ACK);
    expect(await eve.nextOf('greeting')).toMatchObject({ senderEasyrtcid: 'echo', msgData: [1] });
  });

  it('refuses the calls of PeerJS clients', async () => {
    const bob = await PeerJsSocket.open(running.wsUrl, 'bob');
    bob.send({ type: 'OFFER', dst: 'echo', payload: 'sdp' });
    expect(await bob.next()).toEqual({ type: 'LEAVE', src: 'echo', dst: 'bob' });
  });

  it('returns messages to the lobby to all of its members', async () => {
    const [ann, eve] = [await ConnectorClient.connect(running.wsUrl), await easyrtc()];
    ann.send({ event: 'Join_Room', data: { room: 'lobby' } });
    await ann.next('Client_Added');
    ann.send({ event: 'Message', room: 'lobby', data: 'hello' });
    expect(await ann.next('Message')).toEqual({ event: 'Message', from: 'echo', room: 'lobby', data: 'hello' });
    const heard = [await eve.nextOf('message'), await eve.nextOf('message')];
    expect(heard.map(({ senderEasyrtcid }) => senderEasyrtcid)).toEqual([ann.id, 'echo']);
  });

  it('ends with the server', async () => {
    EasyRtcClient.closeAll();
    await running.stop();
    expect(running.output()).toContain('ended: server shutdown');
  });
});

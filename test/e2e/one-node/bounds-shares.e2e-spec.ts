import type { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient, errorOf } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const UNPACED = { framesPerSecond: 1_000_000, frameBurst: 1_000_000 };

/** Megabytes that exceed the socket buffers of the operating system. */
const MANY = 60;

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
}

const slowClients = () =>
  server.everywhere(Counters).reduce((sum, { endedConnections }) => sum + endedConnections.get('too slow'), 0);

/** The WebSocket of a socket.io client. */
const webSocketOf = ({ socket }: EasyRtcClient) => (socket.io.engine.transport as unknown as { ws: WebSocket }).ws;

describe('a client that stops reading while a stranger floods it', () => {
  const DATA = 'x'.repeat(1_000_000);

  it('over Peer2Peer Connector: rejects the stranger and delivers a message from a friend', async () => {
    await start(UNPACED);
    const [target, stranger, friend] = await ConnectorClient.connectMany(3, server.wsUrl);
    target.socket.pause();
    for (let i = 0; i < MANY; i++) {
      stranger.send({ event: 'Message', to: target.id, data: DATA });
      await stranger.drain();
    }
    const said = stranger.frames.slice(1);
    const refusal = {
      event: 'Limit_Exceeded',
      type: 'error',
      data: { message: `Too much of what you have sent still waits for ${target.id}.` },
    };
    expect(said.length).toBeGreaterThan(9);
    expect(said.length).toBeLessThan(MANY);
    for (const frame of said) expect(frame).toMatchObject(refusal);
    friend.send({ event: 'Message', to: target.id, data: 'hello' });
    expect(await friend.drain()).toEqual([]);
    expect(slowClients()).toBe(0);
    target.socket.resume();
    await target.next(({ from, data }) => from === friend.id && data === 'hello');
    expect(target.frames.filter(({ from }) => from === stranger.id)).toHaveLength(MANY - said.length);
    stranger.send({ event: 'Message', to: target.id, data: 'again' });
    await target.next(({ data }) => data === 'again');
  });

  it('in a room: delivers to all other members and answers the sender once', async () => {
    await start(UNPACED);
    const [slow, slower, stranger, friend] = await ConnectorClient.connectMany(4, server.wsUrl);
    await stranger.ask({ event: 'Create_Room', data: { room: 'room' } });
    for (const client of [slow, slower, friend]) {
      client.send({ event: 'Join_Room', data: { room: 'room' } });
      await client.next('Client_Added');
    }
    for (const client of [slow, slower, friend, stranger]) await client.drain();
    slow.socket.pause();
    slower.socket.pause();
    let refusals = 0;
    for (let i = 0; i < MANY; i++) {
      stranger.send({ event: 'Message', room: 'room', data: DATA });
      const answers = await stranger.drain();
      expect(answers.length).toBeLessThan(2);
      refusals += answers.length;
      await friend.next('Message');
    }
    expect(refusals).toBeGreaterThan(0);
    friend.send({ event: 'Message', room: 'room', data: 'hello' });
    await friend.drain();
    expect(slowClients()).toBe(0);
    for (const { socket } of [slow, slower]) socket.resume();
    for (const client of [slow, slower]) await client.next(({ data }) => data === 'hello');
  });

  it('over PeerJS: answers the stranger with EXPIRE', async () => {
    await start(UNPACED);
    const target = await PeerJsSocket.open(server.wsUrl, 'target');
    const stranger = await PeerJsSocket.open(server.wsUrl, 'stranger');
    const friend = await PeerJsSocket.open(server.wsUrl, 'friend');
    target.ws.pause();
    for (let i = 0; i < MANY; i++) stranger.send({ type: 'OFFER', dst: 'target', payload: DATA });
    const said = await stranger.rest();
    expect(said.length).toBeGreaterThan(9);
    for (const message of said) expect(message).toEqual({ type: 'EXPIRE', src: 'target', dst: 'stranger' });
    friend.send({ type: 'OFFER', dst: 'target', payload: 'hello' });
    expect(await friend.rest()).toEqual([]);
    expect(slowClients()).toBe(0);
    target.ws.resume();
    while ((await target.next('OFFER')).src !== 'friend');
    expect(target.messages.filter(({ src }) => src === 'stranger')).toHaveLength(MANY - said.length);
    for (const { ws } of [target, stranger, friend]) ws.close();
  });

  it.each(['websocket', 'polling'])(
    'over EasyRTC, %s: answers the stranger with an error',
    async (transport) => {
      await start(UNPACED);
      const target = await EasyRtcClient.login(server.url, {}, { transports: [transport] });
      const [stranger, friend] = [await EasyRtcClient.login(server.url), await EasyRtcClient.login(server.url)];
      await target.rest();
      const message = (msgData: string) => ({ msgType: 'm', msgData, targetEasyrtcid: target.id });
      const polls = target.socket.io.engine.transport as unknown as { doPoll: () => void };
      const doPoll = polls.doPoll;
      if (transport === 'websocket') webSocketOf(target).pause();
      else polls.doPoll = () => undefined;
      let refusals = 0;
      for (let i = 0; i < MANY; i++) {
        const answer = await stranger.message(message(DATA.slice(0, 900_000)));
        if (answer.msgType === 'ack') continue;
        expect(answer).toMatchObject(errorOf('MSG_REJECT_GEN_FAIL'));
        refusals++;
      }
      expect(refusals).toBeGreaterThan(9);
      expect(await friend.message(message('hello'))).toMatchObject({ msgType: 'ack' });
      expect(slowClients()).toBe(0);
      if (transport === 'websocket') webSocketOf(target).resume();
      else doPoll.call(polls);
      while ((await target.nextOf('m')).msgData !== 'hello');
    },
    30_000,
  );
});

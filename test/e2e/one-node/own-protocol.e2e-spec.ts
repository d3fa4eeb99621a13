import { ProtocolModule } from 'signalbox/protocol';
import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { AdminModule } from '../../../src/entries/admin.js';
import { MonitoringModule } from '../../../src/entries/monitoring.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { type HostApp, startHost } from '../../support/host-app.js';
import { SocketIoNotes } from '../../support/notes/notes.socket-io.js';
import { WebSocketNotes } from '../../support/notes/notes.websocket.js';
import { type NotesClient, SocketIoNotesClient, WebSocketNotesClient } from '../../support/notes/notes-clients.js';
import { Metrics } from '../../support/prometheus-text.js';
import { atTeardown } from '../../support/teardown.js';

let host: HostApp;

async function start(options: Partial<Config> = {}): Promise<void> {
  host = await startHost({ adminTokens: [`olga:operate:${OPERATE_TOKEN}`], ...options }, [
    AdminModule,
    MonitoringModule,
    ProtocolModule.forFeature(WebSocketNotes),
    ProtocolModule.forFeature(SocketIoNotes),
  ]);
}

const logged = (msg: string, protocol?: string) =>
  host.lines.filter((line) => line.msg === msg && (protocol === undefined || line.protocol === protocol));

describe.each([
  {
    over: 'WebSocket',
    protocol: 'notes',
    open: (word: string) => WebSocketNotesClient.open(host.url, word),
    mute: '/notes?word=mute',
    closes: { drain: '1012', rate: '1008', large: '1009', refused: '1008' },
  },
  {
    over: 'socket.io',
    protocol: 'notes-io',
    open: (word: string) => SocketIoNotesClient.open(host.url, word),
    mute: '/notes.io/?EIO=4&transport=websocket',
    closes: {
      drain: 'transport close',
      rate: 'io server disconnect',
      large: 'transport close',
      refused: 'io server disconnect',
    },
  },
])('a protocol of an application over $over', ({ protocol, open, mute, closes }) => {
  const connect = async (word: string): Promise<NotesClient> => {
    const client = open(word);
    expect(await client.next()).toEqual({ welcome: word });
    return client;
  };

  it('answers, and delivers signals from its own clients and those of other protocols', async () => {
    await start();
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    expect(await ann.ask('say', { to: 'bob', note: { n: 1 } })).toEqual({ done: 'say' });
    expect(await bob.next()).toEqual({ from: 'ann', note: { n: 1 } });
    const eve = await ConnectorClient.connect(host.url.replace('http', 'ws'));
    eve.send({ event: 'Message', to: 'bob', data: 'hi' });
    expect(await bob.next()).toEqual({ from: eve.id, note: 'hi' });
    expect(await eve.ask({ event: 'Offer', to: 'bob', data: {} })).toMatchObject({ event: 'Unsupported_Event' });
    expect(await ann.ask('say', { to: 'nobody' })).toEqual({ error: 'CLIENT_NOT_FOUND' });
  });

  it('notifies members of the changes of their rooms', async () => {
    await start();
    const ann = await connect('ann');
    ann.send('join', { room: 'r' });
    expect(await ann.next()).toMatchObject({ room: 'r', kind: 'joined', members: 1 });
    const bob = await connect('bob');
    bob.send('join', { room: 'r' });
    await becomes(() => ann.unread.find(({ members }) => members === 2)?.kind, 'joined');
    await bob.next();
    ann.send('tell', { room: 'r', note: 'all' });
    await becomes(() => bob.unread.some(({ note }) => note === 'all'), true);
  });

  it('refuses a client that is not authorized, with a log line', async () => {
    await start();
    const stranger = open('7');
    expect(await stranger.next()).toEqual({ error: 'NOT_AUTHORIZED' });
    expect(await stranger.closed).toBe(closes.refused);
    await becomes(() => logged('refused', protocol).map(({ code }) => code), ['NOT_AUTHORIZED']);
  });

  it('refuses an id that another client has', async () => {
    await start();
    await connect('ann');
    const twin = open('ann');
    expect(await twin.next()).toEqual({ error: 'ID_TAKEN' });
    expect(await twin.closed).toBe(closes.refused);
  });

  it('refuses an id that is too long', async () => {
    await start({ maxIdLength: 36 });
    const ann = open('a'.repeat(37));
    expect(await ann.next()).toEqual({ error: 'LIMIT_REACHED' });
    expect(await ann.closed).toBe(closes.refused);
    await connect('a'.repeat(36));
  });

  it('handles messages in order, and keeps their bytes over an await', async () => {
    await start();
    const ann = await connect('ann');
    const text = 'x'.repeat(5000);
    const answers = Promise.all([
      ann.ask('slow', { ms: 100, note: text }),
      ann.ask('ping', { note: 'y'.repeat(5000) }),
      ann.ask('ping', { note: 'z'.repeat(5000) }),
    ]);
    expect(await answers).toEqual([{ done: 'slow', note: text }, { done: 'ping' }, { done: 'ping' }]);
  });

  it('answers faults of a message with a code, and errors of the server without their text', async () => {
    await start();
    const ann = await connect('ann');
    expect(await ann.ask('say', { to: 5 })).toEqual({ error: 'INVALID_REQUEST' });
    expect(await ann.ask('unheard', {})).toEqual({ error: 'UNKNOWN_EVENT' });
    expect(await ann.ask('crash')).toEqual({ error: 'INTERNAL' });
    expect(logged('a frame could not be handled')).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ message: 'a secret of the server' }) as Error }),
    ]);
    expect(await ann.ask('ping')).toEqual({ done: 'ping' });
  });

  it('delays and then disconnects a client that sends more than the rate', async () => {
    await start({ framesPerSecond: 10, frameBurst: 20 });
    const ann = await connect('ann');
    for (let i = 0; i < 2000; i++) ann.send('ping');
    expect(await ann.closed).toBe(closes.rate);
    await becomes(() => logged('disconnected', protocol).map(({ reason }) => reason), ['rate exceeded']);
  });

  it('disconnects a client whose message is too large', async () => {
    await start({ maxFrameBytes: 2000 });
    const ann = await connect('ann');
    ann.send('ping', { note: 'x'.repeat(3000) });
    expect(await ann.closed).toBe(closes.large);
  });

  it('bounds the rooms of a client', async () => {
    await start({ maxRoomsJoinedPerClient: 1 });
    const ann = await connect('ann');
    ann.send('join', { room: 'one' });
    await ann.next();
    ann.send('join', { room: 'two' });
    await becomes(() => ann.unread.some(({ error }) => error === 'LIMIT_REACHED'), true);
  });

  it('disconnects a client that gives no sign of life', async () => {
    await start({ pingIntervalMs: 60, deadAfterMs: 300 });
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}${mute}`, { autoPong: false });
    atTeardown(() => socket.terminate());
    // Over socket.io, the client joins the namespace, and answers no ping of engine.io.
    socket.on('open', () => protocol === 'notes-io' && socket.send('40{"word":"mute"}'));
    await becomes(() => logged('disconnected', protocol).map(({ reason }) => reason), ['no sign of life']);
    expect(logged('disconnected', protocol)).toEqual([expect.objectContaining({ client: 'mute' })]);
  });

  it('disconnects its clients when the server drains', async () => {
    await start();
    const ann = await connect('ann');
    await host.app.close();
    expect(await ann.closed).toBe(closes.drain);
    expect(logged('disconnected', protocol)).toEqual([
      expect.objectContaining({ client: 'ann', reason: 'server shutdown' }),
    ]);
  });

  it('has log lines, metrics and entries of the admin API under its name', async () => {
    await start({ nodeName: 'one' });
    const ann = await connect('ann');
    await ann.ask('ping');
    expect(logged('connected', protocol)).toEqual([
      { msg: 'connected', protocol, client: 'ann', realm: 'default', address: '127.0.0.1', node: 'one' },
    ]);
    const api = new AdminApi(host.url, OPERATE_TOKEN);
    const { body } = await api.get('clients', { protocol });
    expect(body).toEqual({ items: [expect.objectContaining({ id: 'ann', protocol })], total: 1 });
    const metrics = await Metrics.of(host.url);
    expect(metrics.sum('signalbox_clients', { protocol, realm: 'default' })).toBe(1);
    expect(metrics.sum('signalbox_frames_in_total', { protocol, kind: 'ping' })).toBe(1);
    expect(metrics.sum('signalbox_frames_out_total', { protocol })).toBeGreaterThan(1);
    await api.delete(['clients', 'ann']);
    await ann.closed;
    await becomes(() => logged('disconnected', protocol).map(({ reason }) => reason), ['removed']);
  });
});

describe('a protocol of an application over WebSocket', () => {
  it.each(['{}', '{"event":5}', '{"event":["ping"]}', '{"event":{"toString":1}}'])(
    'answers the message %s, whose event is no text, without an error of the server',
    async (text) => {
      await start();
      const ann = WebSocketNotesClient.open(host.url, 'ann');
      await ann.next();
      ann.sendText(text);
      expect(await ann.next()).toEqual({ error: 'UNKNOWN_EVENT' });
      expect(logged('a frame could not be handled')).toEqual([]);
    },
  );
});

describe('a protocol of an application over socket.io', () => {
  it('is spoken by polling, too', async () => {
    await start();
    const ann = SocketIoNotesClient.open(host.url, 'ann', ['polling']);
    expect(await ann.next()).toEqual({ welcome: 'ann' });
    expect(await ann.ask('slow', { ms: 10, note: [1] })).toEqual({ done: 'slow', note: [1] });
  });

  it('emits errors of messages that ask for no answer', async () => {
    await start();
    const ann = SocketIoNotesClient.open(host.url, 'ann');
    await ann.next();
    ann.send('say', { to: 'nobody' });
    expect(await ann.next()).toEqual({ error: 'CLIENT_NOT_FOUND' });
  });

  it('disconnects a client that never joins the namespace', async () => {
    await start({ upgradeTimeoutMs: 300 });
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/notes.io/?EIO=4&transport=websocket`);
    atTeardown(() => socket.terminate());
    await new Promise((resolve) => socket.on('close', resolve));
    expect(logged('connected')).toEqual([]);
  });
});

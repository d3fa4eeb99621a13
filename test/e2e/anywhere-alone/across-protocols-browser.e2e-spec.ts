import type { JSHandle } from 'playwright-core';
import { ConnectorClient, SHORT_UUID } from '../../support/connector-client.js';
import { CURRENT, type Data, EasyRtcPage, type Occupants, OLD } from '../../support/easyrtc-page.js';
import { PagePool } from '../../support/page-pool.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { type PagePeer, type PeerJsLibrary, PeerPage } from '../../support/peerjs-page.js';
import { startServer, type TestServer } from '../../support/server.js';

const PEERJS: PeerJsLibrary = { name: 'peerjs', raw: 'raw' };

const TEXT = 'Grüße, „Bob“ "\\';
const METADATA = { text: '😀 "\\\u2028', list: [1.5, null, {}] };
const VALUES: readonly Data[] = [{ text: TEXT, list: [1.5, null, {}] }, [1, 'two', [3]], TEXT, '', 0, false, null];

// The browser APIs used by the tests.

interface BrowserSocket {
  addEventListener(event: 'message', listener: (message: { data: string }) => void): void;
  send(text: string): void;
}

interface Description {
  readonly type: string;
  readonly sdp: string;
}

interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

interface Channel {
  onopen: () => void;
  onmessage: (message: { data: string }) => void;
  onclose: () => void;
  send(text: string): void;
}

interface PeerConnection {
  readonly localDescription: Description;
  ondatachannel: (event: { channel: Channel }) => void;
  onicecandidate: (event: { candidate: Candidate | null }) => void;
  createDataChannel(label: string): Channel;
  /** Creates the matching description. */
  setLocalDescription(): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: Candidate): Promise<void>;
  close(): void;
}

declare const WebSocket: new (url: string) => BrowserSocket;
declare const RTCPeerConnection: new (configuration: { iceServers: [] }) => PeerConnection;
declare const openConnector: (url: string) => Promise<Connector>;

/** Format of payloads in offers, answers and candidates; the server forwards them unchanged. */
type Dialect = 'PeerJS' | 'EasyRTC';

/** A Peer2Peer Connector client in a page. */
interface Connector {
  readonly id: string;
  join(room: string): Promise<unknown>;
  /** @param terms members of a PeerJS offer other than the description */
  call(to: string, dialect: Dialect, terms: Terms): Promise<Call>;
  /** Answers the next offer. */
  answer(dialect: Dialect): Promise<Call>;
}

interface Terms {
  readonly type?: string;
  readonly connectionId?: string;
  readonly [member: string]: unknown;
}

/** One end of a data channel. */
interface Call {
  readonly from: string;
  readonly terms: Terms;
  readonly next: Next;
  send(text: string): void;
  hangup(): void;
}

/** Resolves with the oldest unread event of this name, or else with the next one. */
type Next = (name: string) => Promise<unknown>;

/** Runs in the page: a handwritten client that uses only browser APIs. */
function installConnector(patienceMs: number): void {
  const newEvents = (): { record: (name: string, detail: unknown) => void; next: Next } => {
    const unread: { name: string; detail: unknown }[] = [];
    const waiters: { name: string; resolve: (detail: unknown) => void }[] = [];
    const record = (name: string, detail: unknown): void => {
      const index = waiters.findIndex((waiter) => waiter.name === name);
      if (index === -1) unread.push({ name, detail });
      else waiters.splice(index, 1)[0].resolve(detail);
    };
    const next: Next = (name) => {
      const index = unread.findIndex((event) => event.name === name);
      if (index !== -1) return Promise.resolve(unread.splice(index, 1)[0].detail);
      return new Promise((resolve, reject) => {
        const complain = (): void => reject(new Error(`no "${name}"; unread: ${JSON.stringify(unread)}`));
        const timer = setTimeout(complain, patienceMs);
        waiters.push({
          name,
          resolve: (detail) => {
            clearTimeout(timer);
            resolve(detail);
          },
        });
      });
    };
    return { record, next };
  };

  interface Words {
    offer(description: Description, terms: Terms): object;
    answer(description: Description, terms: Terms): object;
    candidate(candidate: Candidate, terms: Terms): object;
    /** Reads the terms from the payload of an offer. */
    terms(payload: Terms): Terms;
    /** Reads the description from the payload of an offer or answer. */
    readDescription(payload: Terms): Description;
    readCandidate(payload: Terms): Candidate;
  }

  const WORDS: Record<Dialect, Words> = {
    PeerJS: {
      offer: ({ type, sdp }, terms) => ({ ...terms, sdp: { type, sdp } }),
      answer: ({ type, sdp }, terms) => ({ type: terms.type, connectionId: terms.connectionId, sdp: { type, sdp } }),
      candidate: (candidate, { type, connectionId }) => ({ candidate, type, connectionId }),
      terms: ({ sdp: _, ...terms }) => terms,
      readDescription: ({ sdp }) => sdp as Description,
      readCandidate: ({ candidate }) => candidate as Candidate,
    },
    EasyRTC: {
      offer: ({ type, sdp }) => ({ type, sdp }),
      answer: ({ type, sdp }) => ({ type, sdp }),
      candidate: ({ candidate, sdpMid, sdpMLineIndex }) => {
        return { type: 'candidate', label: sdpMLineIndex, id: sdpMid, candidate };
      },
      terms: () => ({}),
      readDescription: (payload) => payload as unknown as Description,
      readCandidate: ({ candidate, id, label }) => {
        return { candidate, sdpMid: id, sdpMLineIndex: label } as unknown as Candidate;
      },
    },
  };

  interface Frame {
    readonly event: string;
    readonly from: string;
    readonly data: Terms;
  }

  const openConnector = async (url: string): Promise<Connector> => {
    const socket = new WebSocket(url);
    const frames = newEvents();
    /** Frame handlers of calls by the id of the other client. */
    const calls = new Map<string, (frame: Frame) => void>();
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(data) as Frame;
      const ofCall = calls.get(frame.from);
      if (ofCall) ofCall(frame);
      else frames.record(frame.event, frame);
    });
    const send = (event: string, to: string, data: object): void => socket.send(JSON.stringify({ event, to, data }));

    const newCall = (from: string, dialect: Dialect, terms: Terms) => {
      const words = WORDS[dialect];
      const connection = new RTCPeerConnection({ iceServers: [] });
      const { record, next } = newEvents();
      let channel: Channel | undefined;
      const use = (used: Channel): void => {
        channel = used;
        used.onopen = () => record('open', null);
        used.onmessage = ({ data }) => record('text', data);
        used.onclose = () => record('close', null);
      };
      connection.ondatachannel = (event) => use(event.channel);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) send('Candidate', from, words.candidate(candidate, terms));
      };
      calls.set(from, ({ event, data }) => {
        if (event === 'Answer') void connection.setRemoteDescription(words.readDescription(data));
        else if (event === 'Candidate') void connection.addIceCandidate(words.readCandidate(data));
        else record(event, data);
      });
      const call: Call = {
        from,
        terms,
        next,
        send: (text) => channel?.send(text),
        hangup: () => connection.close(),
      };
      return { words, connection, call, use };
    };

    return {
      id: ((await frames.next('Client_Details')) as { data: { id: string } }).data.id,
      join: (room) => {
        socket.send(JSON.stringify({ event: 'Join_Room', data: { room } }));
        return frames.next('Client_Added');
      },
      call: async (to, dialect, terms) => {
        const { words, connection, call, use } = newCall(to, dialect, terms);
        use(connection.createDataChannel('a label'));
        await connection.setLocalDescription();
        send('Offer', to, words.offer(connection.localDescription, terms));
        return call;
      },
      answer: async (dialect) => {
        const { from, data } = (await frames.next('Offer')) as Frame;
        const { words, connection, call } = newCall(from, dialect, WORDS[dialect].terms(data));
        await connection.setRemoteDescription(words.readDescription(data));
        await connection.setLocalDescription();
        send('Answer', from, words.answer(connection.localDescription, call.terms));
        return call;
      },
    };
  };
  Object.assign(globalThis, { openConnector });
}

/** A page with a Peer2Peer Connector client. */
class ConnectorPage {
  private constructor(
    private readonly handle: JSHandle<Connector>,
    readonly id: string,
  ) {}

  static async open(): Promise<ConnectorPage> {
    const page = await pages.open(server.url);
    await page.evaluate(installConnector, PATIENCE_MS);
    const connector = await page.evaluateHandle((url) => openConnector(url), server.wsUrl);
    return new ConnectorPage(connector, await connector.evaluate(({ id }) => id));
  }

  async join(room: string): Promise<void> {
    await this.handle.evaluate((connector, room) => connector.join(room), room);
  }

  /** Resolves before the channel is open. */
  async call(to: string, dialect: Dialect, terms: Terms = {}): Promise<ConnectorCall> {
    const args = [to, dialect, terms] as const;
    return new ConnectorCall(await this.handle.evaluateHandle((connector, args) => connector.call(...args), args));
  }

  /** Answers the next call of a peer that uses this dialect. */
  async answer(dialect: Dialect): Promise<ConnectorCall> {
    return new ConnectorCall(
      await this.handle.evaluateHandle((connector, dialect) => connector.answer(dialect), dialect),
    );
  }
}

/** A call in a connector page. */
class ConnectorCall {
  constructor(private readonly handle: JSHandle<Call>) {}

  /** Resolves with the other client and the terms of the offer. */
  about(): Promise<Pick<Call, 'from' | 'terms'>> {
    return this.handle.evaluate(({ from, terms }) => ({ from, terms }));
  }

  /** Resolves with the next `open`, `text` or `close` of the channel, or the next server frame of this name. */
  next(name: string): Promise<unknown> {
    return this.handle.evaluate(({ next }, name) => next(name), name);
  }

  send(text: string): Promise<void> {
    return this.handle.evaluate((call, text) => call.send(text), text);
  }

  /** Hangs up without notifying the server. */
  hangup(): Promise<void> {
    return this.handle.evaluate((call) => call.hangup());
  }
}

let pages: PagePool;
let server: TestServer;

// In a hook of its own, so that the browser closes even if the server does not start.
beforeAll(async () => {
  pages = await PagePool.launch();
});

beforeAll(async () => {
  // Keeps the tests from contacting external STUN servers.
  server = await startServer({ iceServers: [] });
});

afterEach(async () => {
  await pages.releaseAll();
  await ConnectorClient.closeAll();
  expect(pages.problems.splice(0)).toEqual([]);
});

afterAll(() => server.close());

afterAll(() => pages.close());

describe('a PeerJS page and a Peer2Peer Connector page', () => {
  let peers = 0;
  let peer: PagePeer;
  let peerId: string;
  let connector: ConnectorPage;

  beforeEach(async () => {
    const page = await PeerPage.open(pages, server.url, PEERJS);
    peerId = `peer-${++peers}`;
    [peer, connector] = await Promise.all([page.openPeer(peerId, { port: server.port }), ConnectorPage.open()]);
  });

  it('open a data channel when the PeerJS page calls', async () => {
    const options = { serialization: PEERJS.raw, label: 'a label', metadata: METADATA, reliable: true };
    const [connection, call] = await Promise.all([peer.connect(connector.id, options), connector.answer('PeerJS')]);
    await Promise.all([connection.opened(), call.next('open')]);
    const { from, terms } = await call.about();
    expect(from).toBe(peerId);
    expect(terms).toMatchObject({ type: 'data', ...options });

    await connection.send(TEXT);
    expect(await call.next('text')).toBe(TEXT);
    await call.send(TEXT);
    expect(await connection.received()).toBe(TEXT);

    await connection.close();
    await call.next('close');
    expect(await peer.events()).toEqual(['open']);
  });

  it('open a data channel when the Peer2Peer Connector page calls', async () => {
    const shown = { serialization: PEERJS.raw, label: 'a label', metadata: METADATA };
    const offer = { type: 'data', connectionId: 'dc_by_hand', reliable: true, ...shown };
    const [call, connection] = await Promise.all([connector.call(peerId, 'PeerJS', offer), peer.incoming()]);
    await Promise.all([connection.opened(), call.next('open')]);
    expect(await connection.terms()).toEqual({ peer: connector.id, ...shown });

    await call.send(TEXT);
    expect(await connection.received()).toBe(TEXT);
    await connection.send(TEXT);
    expect(await call.next('text')).toBe(TEXT);

    await call.hangup();
    await connection.closed();
    expect(await peer.events()).toEqual(['open', 'connection']);
  });
});

describe.each([
  ['2.1', CURRENT],
  ['2.0', OLD],
])('an EasyRTC page (%s)', (_, library) => {
  let rooms = 0;
  /** Each test uses its own room to avoid clients that are just leaving. */
  let room: string;
  let easyrtc: EasyRtcPage;

  beforeEach(async () => {
    room = `room-${library.name}-${++rooms}`;
    easyrtc = await EasyRtcPage.open(pages, server.url, library);
    // All Peer2Peer Connector clients share the realm of this application.
    await easyrtc.connect('default');
  });

  /** Opens a Peer2Peer Connector client in the room of the EasyRTC page. */
  async function joinRoom(): Promise<ConnectorClient> {
    const connector = await ConnectorClient.connect(server.wsUrl);
    connector.send({ event: 'Join_Room', data: { room } });
    const added = await connector.next('Client_Added');
    expect(added.data).toMatchObject({ clients: [easyrtc.id, connector.id], room });
    return connector;
  }

  describe('and clients of Peer2Peer Connector', () => {
    it('share the room default', async () => {
      const connector = await ConnectorClient.connect(server.wsUrl);
      connector.send({ event: 'Join_Room', data: { room: 'default' } });
      const added = (await connector.next('Client_Added')).data as { clients: string[] };
      expect(added).toMatchObject({ room: 'default' });
      expect(added.clients).toContain(easyrtc.id);
      expect(added.clients).toContain(connector.id);
      const others = await easyrtc.others('default', (others) => connector.id in others);
      expect(others[connector.id]).toMatchObject({
        easyrtcid: connector.id,
        roomJoinTime: expect.any(Number) as number,
        presence: { show: 'chat', status: null },
      });
      expect(connector.id).toMatch(SHORT_UUID);
    });

    it('see each other join and leave a room of an EasyRTC page', async () => {
      await easyrtc.joinRoom(room);
      const [first, second] = [await joinRoom(), await ConnectorClient.connect(server.wsUrl)];
      await easyrtc.sees(room, first.id);
      second.send({ event: 'Join_Room', data: { room } });
      const clients = [easyrtc.id, first.id, second.id];
      for (const client of [first, second]) expect((await client.next('Client_Added')).data).toMatchObject({ clients });
      await easyrtc.sees(room, first.id, second.id);

      first.send({ event: 'Leave_Room', data: { room } });
      await easyrtc.sees(room, second.id);
      second.terminate();
      await easyrtc.sees(room);
      expect(await easyrtc.roomList()).toMatchObject({ [room]: 1 });
    });

    it('see each other join and leave a room of a Peer2Peer Connector client', async () => {
      const connector = await ConnectorClient.connect(server.wsUrl);
      const created = await connector.ask({ event: 'Create_Room', data: { room, name: 'A name' } });
      expect(created.event).toBe('Room_Created');

      await easyrtc.joinRoom(room);
      expect((await connector.next('Client_Added')).data).toEqual({
        clients: [connector.id, easyrtc.id],
        name: 'A name',
        room,
      });
      await easyrtc.sees(room, connector.id);
      await easyrtc.leaveRoom(room);
      expect((await connector.next('Client_Removed')).data).toEqual({ clients: [connector.id], name: 'A name', room });

      await easyrtc.joinRoom(room);
      await connector.next('Client_Added');
      await easyrtc.page.close();
      expect((await connector.next('Client_Removed')).data).toMatchObject({ clients: [connector.id] });
    });

    it('send messages to each other and to the room', async () => {
      await easyrtc.joinRoom(room);
      const connector = await joinRoom();
      await easyrtc.sees(room, connector.id);
      for (const data of VALUES) {
        expect(await easyrtc.send(connector.id, 'any type', data)).toEqual({ msgType: 'ack' });
        expect(await connector.next('Message')).toEqual({ event: 'Message', from: easyrtc.id, data });
        expect(await easyrtc.send({ targetRoom: room }, 'any type', data)).toEqual({ msgType: 'ack' });
        expect(await connector.next('Message')).toEqual({ event: 'Message', from: easyrtc.id, room, data });

        const received = { from: connector.id, type: 'message', data };
        connector.send({ event: 'Message', to: easyrtc.id, data });
        expect(await easyrtc.next('message')).toEqual({ ...received, targeting: { targetEasyrtcid: easyrtc.id } });
        connector.send({ event: 'Message', room, data });
        expect(await easyrtc.next('message')).toEqual({ ...received, targeting: { targetRoom: room } });
      }
    });

    it('do not see clients of other applications', async () => {
      const stranger = await EasyRtcPage.open(pages, server.url, library);
      await stranger.connect('another');
      await Promise.all([stranger.joinRoom(room), easyrtc.joinRoom(room)]);
      const connector = await joinRoom();
      await easyrtc.sees(room, connector.id);
      connector.send({ event: 'Message', room, data: 'for some' });
      expect(await easyrtc.next('message')).toMatchObject({ data: 'for some' });

      expect(await connector.ask({ event: 'Message', to: stranger.id, data: '' })).toMatchObject({
        event: 'Not_Found',
      });
      expect(await stranger.send(connector.id, 'greeting', '')).toMatchObject({
        msgType: 'error',
        msgData: { errorCode: 'MSG_REJECT_GEN_FAIL' },
      });
      expect(await stranger.others(room, isEmpty)).toEqual({});
      expect(await stranger.events()).not.toContain('message');
    });
  });

  it('accepts a call from a Peer2Peer Connector page and hangs up', async () => {
    const connector = await ConnectorPage.open();
    // The library hangs up on clients that share no room with it.
    await easyrtc.joinRoom(room);
    await connector.join(room);
    await easyrtc.sees(room, connector.id);

    const call = await connector.call(easyrtc.id, 'EasyRTC');
    await call.next('open');
    // The library sends this when the channel is ready on its side.
    expect(await call.next('text')).toBe('dataChannelPrimed');
    await call.send(JSON.stringify({ msgType: 'direct', msgData: TEXT }));
    expect(await easyrtc.next('message')).toEqual({ from: connector.id, type: 'direct', data: TEXT, targeting: null });
    await easyrtc.sendPeerToPeer(connector.id, 'direct', TEXT);
    expect(JSON.parse((await call.next('text')) as string)).toEqual({ msgType: 'direct', msgData: TEXT });

    await easyrtc.hangup(connector.id);
    await call.next('Hangup');
    await call.next('close');
    expect(await easyrtc.callStatus(connector.id)).toBe('not connected');
  });
});

function isEmpty(others: Occupants): boolean {
  return Object.keys(others).length === 0;
}

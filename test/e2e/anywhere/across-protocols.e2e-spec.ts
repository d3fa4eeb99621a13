import type { Config } from '../../../src/config/config.js';
import { borrowServer } from '../../support/borrowed-server.js';
import { ConnectorClient, errorOf as connectorError } from '../../support/connector-client.js';
import { ACK, aTime, EasyRtcClient, errorOf, titled } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import type { TestServer } from '../../support/server.js';

type Kind = 'offer' | 'answer' | 'candidate' | 'message' | 'leave' | 'hangup' | 'reject';

/** A client of any protocol behind a common interface. */
interface Party {
  readonly id: string;
  /** Sends without waiting for an answer. */
  post(kind: Kind, to: string, payload: unknown): void;
  /** Resolves with the server's error, or undefined if there is none. */
  send(kind: Kind, to: string, payload: unknown): Promise<object | undefined>;
  /** Resolves with the next signal. */
  next(): Promise<object>;
  /** Resolves with all unread signals. */
  rest(): Promise<object[]>;
  /** Returns the signal as this client should receive it. */
  arrival(kind: Kind, from: string, payload: unknown): object;
}

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await borrowServer(options);
}

const capitalized = (kind: string): string => kind[0].toUpperCase() + kind.slice(1);

async function connector(): Promise<Party> {
  const client = await ConnectorClient.connect(server.wsUrl);
  const post: Party['post'] = (kind, to, data) => client.send({ event: capitalized(kind), to, data });
  return {
    id: client.id,
    post,
    async send(kind, to, data) {
      post(kind, to, data);
      const errors = (await client.drain()).filter(({ type }) => type === 'error');
      return errors[0];
    },
    next: () => client.next(),
    rest: () => client.drain(),
    arrival: (kind, from, data) => ({ event: capitalized(kind), from, data }),
  };
}

const PEERJS_TYPES: Record<Kind, string> = {
  offer: 'OFFER',
  answer: 'ANSWER',
  candidate: 'CANDIDATE',
  message: 'none',
  leave: 'LEAVE',
  hangup: 'LEAVE',
  reject: 'LEAVE',
};

async function peerjs(id = '3f1c2e0a-6d5b-4c8e-9a7f-0123456789ab'): Promise<Party> {
  const peer = await PeerJsSocket.open(server.wsUrl, { id });
  const post: Party['post'] = (kind, to, payload) => peer.send({ type: PEERJS_TYPES[kind], dst: to, payload });
  return {
    id,
    post,
    async send(kind, to, payload) {
      post(kind, to, payload);
      return (await peer.rest())[0];
    },
    next: () => peer.next(),
    rest: () => peer.rest(),
    arrival: (kind, src, payload) => ({ type: PEERJS_TYPES[kind], src, dst: id, payload }),
  };
}

async function easyrtc(): Promise<Party> {
  const client = await EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: { own: { roomName: 'own' } } }); // prettier-ignore
  await client.command('roomLeave', { roomLeave: { own: { roomName: 'own' } } });
  const parcel = (kind: Kind, to: string, msgData: unknown): [event: string, message: object] =>
    kind === 'message'
      ? ['easyrtcMsg', { msgType: 'any type', msgData, targetEasyrtcid: to }]
      : ['easyrtcCmd', { msgType: kind, msgData, targetEasyrtcid: to }];
  return {
    id: client.id,
    post: (...args) => client.send(...parcel(...args), () => undefined),
    async send(...args) {
      const answer = await client.ask(...parcel(...args));
      return answer.msgType === 'ack' ? undefined : answer;
    },
    next: () => client.next(),
    rest: () => client.rest(),
    arrival(kind, senderEasyrtcid, msgData) {
      const common = { senderEasyrtcid, easyrtcid: client.id, serverTime: aTime };
      if (kind === 'message') return { ...common, targetEasyrtcid: client.id, msgType: 'message', msgData };
      if (kind === 'reject') return { ...common, msgType: 'reject' };
      if (kind === 'hangup' || kind === 'leave') return { ...common, msgType: 'hangup' };
      return { ...common, msgType: kind, msgData };
    },
  };
}

const PROTOCOLS = { connector, peerjs, easyrtc } as const;
type Protocol = keyof typeof PROTOCOLS;

const UNICODE = { '😀': 'é\u2028"\\', nested: [{ list: [[], {}, null, 1.5, -0.25, 1e21, true, '']}] } as const; // prettier-ignore
const FILLED: unknown[] = [UNICODE, { sdp: 'v=0\r\n', type: 'offer' }, [1], { _placeholder: true, num: 0 }];
const ANY: unknown[] = [undefined, null, '', 'text', 0, false, [], {}, ...FILLED];

/** Signals that each protocol can send, with their possible payloads. */
const WORDS: Record<Protocol, Partial<Record<Kind, readonly unknown[]>>> = {
  connector: { offer: ANY, answer: ANY, candidate: ANY, message: ANY },
  peerjs: { offer: ANY, answer: ANY, candidate: ANY, leave: ANY },
  easyrtc: { offer: FILLED, answer: FILLED, candidate: FILLED, reject: [undefined], hangup: [undefined], message: ANY },
};

const PAIRS: [Protocol, Protocol][] = [
  ['connector', 'peerjs'],
  ['connector', 'easyrtc'],
  ['peerjs', 'connector'],
  ['peerjs', 'easyrtc'],
  ['easyrtc', 'connector'],
  ['easyrtc', 'peerjs'],
];

describe.each(PAIRS)('from %s to %s', (one, other) => {
  let sender: Party;
  let target: Party;

  beforeEach(async () => {
    await start();
    sender = await PROTOCOLS[one]();
    target = await PROTOCOLS[other]();
  });

  const kinds = (Object.entries(WORDS[one]) as [Kind, readonly unknown[]][]).filter(
    ([kind]) => kind !== 'message' || other !== 'peerjs',
  );
  const cases = kinds.flatMap(([kind, payloads]) =>
    titled(payloads).map(([title, value]) => [kind, title, value] as const),
  );

  it.each(cases)('delivers %s with %s', async (kind, _, payload) => {
    expect(await sender.send(kind, target.id, payload)).toBeUndefined();
    const arrived = await target.next();
    const wanted = target.arrival(kind, sender.id, payload);
    expect(arrived).toEqual(wanted);
    const withValues = Object.entries(wanted).filter(([, value]) => value !== undefined);
    expect(Object.keys(arrived).sort()).toEqual(withValues.map(([name]) => name).sort());
    expect(await target.rest()).toEqual([]);
    expect(await sender.rest()).toEqual([]);
  });

  it('keeps the order of signals', async () => {
    const sent = Array.from({ length: 150 }, (_, i) => {
      const kind = kinds[i % kinds.length][0];
      return [kind, kind === 'reject' || kind === 'hangup' ? undefined : { i }] as const;
    });
    for (const [kind, payload] of sent) sender.post(kind, target.id, payload);
    expect(await sender.rest()).toEqual([]);
    expect(await target.rest()).toEqual(sent.map(([kind, payload]) => target.arrival(kind, sender.id, payload)));
  });

  it('preserves payload keys such as __proto__', async () => {
    const payload: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":[],"toString":null}');
    await sender.send('offer', target.id, payload);
    expect(JSON.stringify(await target.next())).toContain(JSON.stringify(payload));
  });
});

describe('a message to a PeerJS client', () => {
  beforeEach(() => start());

  it('is rejected with an error', async () => {
    const peer = await peerjs();
    const [connie, ann] = [await connector(), await easyrtc()];
    for (const payload of [undefined, { a: 1 }]) {
      expect(await connie.send('message', peer.id, payload)).toEqual(
        connectorError('Unsupported_Event', 'The protocol of the client has no message.'),
      );
      expect(await ann.send('message', peer.id, payload)).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    }
    expect(await peer.rest()).toEqual([]);
  });
});

describe('binary data of an EasyRTC client', () => {
  beforeEach(() => start());

  it.each(['connector', 'peerjs'] as const)('is rejected and not delivered to %s', async (other) => {
    const [ann, target] = [await easyrtc(), await PROTOCOLS[other]()];
    const payload = { a: Buffer.from('bytes') };
    for (const kind of ['message', 'offer', 'answer', 'candidate'] as const) {
      expect(await ann.send(kind, target.id, payload)).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    }
    expect(await target.rest()).toEqual([]);
    expect(await ann.send('offer', target.id, { a: 1 })).toBeUndefined();
    expect(await target.next()).toEqual(target.arrival('offer', ann.id, { a: 1 }));
  });
});

describe('a signal to another protocol', () => {
  beforeEach(() => start());

  it('drops extra frame members, message types and forged senders', async () => {
    const [peer, ann] = [await peerjs(), await easyrtc()];
    const connie = await ConnectorClient.connect(server.wsUrl);
    const frame = { event: 'oFFer', from: 'x', room: 'r', senderEasyrtcid: 'x', src: 'x', msgType: 'x', data: 1 };
    for (const target of [peer, ann]) {
      connie.send({ ...frame, to: target.id });
      expect(await target.next()).toEqual(target.arrival('offer', connie.id, 1));
    }
  });

  it('turns Connect into an offer with a candidate', async () => {
    const connie = await ConnectorClient.connect(server.wsUrl);
    for (const target of [await peerjs(), await easyrtc()]) {
      connie.send({ event: 'Connect', to: target.id, data: { candidate: [1], sdp: { a: null }, more: 1 } });
      expect(await target.next()).toEqual(target.arrival('offer', connie.id, { sdp: { a: null }, candidate: [1] }));
    }
    expect(await connie.drain()).toEqual([]);
  });

  it('drops EXPIRE for EasyRTC clients', async () => {
    const [connie, ann] = [await connector(), await easyrtc()];
    const peer = await PeerJsSocket.open(server.wsUrl, 'peer');
    for (const { id } of [connie, ann]) peer.send({ type: 'EXPIRE', dst: id });
    expect(await peer.rest()).toEqual([]);
    expect(await connie.rest()).toEqual([{ event: 'Expire', from: 'peer' }]);
    expect(await ann.rest()).toEqual([]);
  });

  it('preserves every byte of a payload', async () => {
    const text = '{ "n" : 1.50, "big":12345678901234567890, "inf":[1e400] ,"u":"\\u00e9\\/"}';
    const connie = await ConnectorClient.connect(server.wsUrl);
    const peer = await PeerJsSocket.open(server.wsUrl, 'peer');
    connie.send(`{"event":"Offer","to":"peer","data":${text}}`);
    expect(peer.textOf(await peer.next())).toContain(`"payload":${text}`);
    peer.send(`{"type":"OFFER","dst":"${connie.id}","payload":${text}}`);
    await connie.next('Offer');
    expect(connie.texts.at(-1)).toContain(`"data":${text}`);
    await peer.close();
  });
});

describe('a client of another protocol', () => {
  it.each(titled(['x', '__proto__', 'a b"\\😀', '0', 'x'.repeat(128), '{"id":1}']))(
    'can have the id %s over PeerJS',
    async (_, id) => {
      await start();
      const peer = await peerjs(id);
      for (const other of [await connector(), await easyrtc()]) {
        expect(await other.send('offer', id, { a: 1 })).toBeUndefined();
        expect(await peer.next()).toEqual(peer.arrival('offer', other.id, { a: 1 }));
        expect(await peer.send('leave', other.id, undefined)).toBeUndefined();
        expect(await other.next()).toEqual(other.arrival('leave', id, undefined));
      }
    },
  );

  it('causes the usual error of the sender’s protocol if it is absent', async () => {
    await start();
    const [connie, ann, peer] = [await connector(), await easyrtc(), await PeerJsSocket.open(server.wsUrl, 'gone')];
    await peer.close();
    for (const kind of ['offer', 'message'] as const) {
      expect(await connie.send(kind, 'gone', 1)).toEqual(
        connectorError('Not_Found', 'Client with given gone not found'),
      );
    }
    expect(await ann.send('offer', 'gone', { a: 1 })).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    expect(await ann.send('hangup', 'gone', undefined)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    expect(await ann.send('message', 'gone', 1)).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    // Signals of other protocols are not queued.
    const again = await peerjs('gone');
    expect(await again.rest()).toEqual([]);
  });

  it('is reported to a PeerJS sender by EXPIRE after it has disconnected', async () => {
    await start({ queueTtlMs: 50, queueSweepMs: 20 });
    const peer = await PeerJsSocket.open(server.wsUrl, 'peer');
    const [connie, ann] = [await ConnectorClient.connect(server.wsUrl), await EasyRtcClient.login(server.url)];
    await Promise.all([connie.close(), ann.close()]);
    for (const { id } of [connie, ann]) {
      peer.send({ type: 'OFFER', dst: id, payload: 1 });
      expect(await peer.next('EXPIRE')).toEqual({ type: 'EXPIRE', src: id, dst: 'peer' });
    }
    await peer.close();
  });

  it('is unreachable from another realm', async () => {
    const keys = new Map([['own', 'of PeerJS']]); // prettier-ignore
    await start({ keys, connectorRealm: 'of Connector' });
    const connie = await ConnectorClient.connect(server.wsUrl);
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'peer', key: 'own' });
    const ann = await EasyRtcClient.login(server.url, { applicationName: 'default' });
    for (const { id } of [peer, ann]) {
      expect(await connie.ask({ event: 'Offer', to: id, data: 1 })).toMatchObject({ event: 'Not_Found' });
      expect(await connie.ask({ event: 'Message', to: id, data: 1 })).toMatchObject({ event: 'Not_Found' });
    }
    for (const { id } of [peer, connie]) {
      expect(await ann.command('offer', { a: 1 }, id)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
      expect(await ann.message({ msgType: 'm', targetEasyrtcid: id })).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    }
    for (const { id } of [connie, ann]) {
      for (const type of ['OFFER', 'LEAVE']) peer.send({ type, dst: id, payload: 1 });
    }
    expect(await peer.rest()).toEqual([]);
    expect(await connie.drain()).toEqual([]);
    expect(await ann.rest()).toEqual([]);
    expect(await ann.command('stillAlive')).toEqual(ACK);
    await peer.close();
  });
});

import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { borrowServer } from '../../support/borrowed-server.js';
import { ACK, aTime, EasyRtcClient, errorOf, type Received, rooms, titled } from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import type { TestServer } from '../../support/server.js';

const RELAYED = ['candidate', 'offer', 'answer'];
const BARE = ['reject', 'hangup'];

let server: TestServer;
/** Ann and Bob are in `default` and `shared`, Cleo is in `elsewhere` and Dan in another application. */
let ann: EasyRtcClient;
let bob: EasyRtcClient;
let cleo: EasyRtcClient;
let dan: EasyRtcClient;

const login = (msgData: object) => EasyRtcClient.login(server.url, msgData);

beforeEach(async () => {
  server = await borrowServer();
  ann = await login({ roomJoin: rooms('default', 'shared') });
  bob = await login({ roomJoin: rooms('default', 'shared') });
  cleo = await login({ roomJoin: rooms('elsewhere') });
  dan = await login({ applicationName: 'other', roomJoin: rooms('default', 'shared', 'theirs') });
  await ann.rest();
});

/** Waits until this many clients are registered. Rooms announce that a client has left before its id is free. */
async function areLeft(count: number): Promise<void> {
  await until(async () => (await server.app.get(ClientDirectory, { strict: false }).count()) === count);
}

async function areUndisturbed(...clients: EasyRtcClient[]): Promise<void> {
  for (const client of clients) expect(await client.rest()).toEqual([]);
}

/** A message as the target receives it. */
const from = (sender: EasyRtcClient, to: EasyRtcClient, more: object): Received => ({
  senderEasyrtcid: sender.id,
  easyrtcid: to.id,
  msgType: 'm',
  serverTime: aTime,
  ...more,
});

/** A relayed command as the target receives it. */
const relayed = (to: EasyRtcClient, msgType: string, more: object = {}) => ({
  senderEasyrtcid: ann.id,
  easyrtcid: to.id,
  msgType,
  serverTime: aTime,
  ...more,
});

const CONTENTS = [
  '',
  'text',
  0,
  -1.5,
  true,
  false,
  null,
  [],
  {},
  [[], {}, null, ''],
  { easyrtcid: 'x', senderEasyrtcid: 'y', msgType: 'z', deep: { a: [{ b: '😀\u2028' }] } },
];

describe('an EasyRTC message to a client', () => {
  it.each(titled(CONTENTS))('carries %s unchanged', async (_, msgData) => {
    expect(await ann.message({ msgType: 'm', msgData, targetEasyrtcid: bob.id })).toEqual(ACK);
    expect(await bob.next()).toEqual(from(ann, bob, { msgData, targetEasyrtcid: bob.id }));
    await areUndisturbed(ann, bob, cleo, dan);
    expect(bob.arrivals.at(-1)?.event).toBe('easyrtcMsg');
  });

  it('without msgData arrives without msgData', async () => {
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: bob.id })).toEqual(ACK);
    const message = await bob.next();
    expect(message).toEqual(from(ann, bob, { targetEasyrtcid: bob.id }));
    expect(message).not.toHaveProperty('msgData');
  });

  it.each([
    ['bytes', Buffer.from([0, 1, 2, 255])],
    ['no bytes', Buffer.alloc(0)],
    ['bytes among other things', { a: [Buffer.from('one'), 1], b: { c: Buffer.from('two') } }],
    ['many bytes', Buffer.alloc(200_000, 7)],
  ])('carries %s unchanged', async (_, msgData) => {
    expect(await ann.message({ msgType: 'm', msgData, targetEasyrtcid: bob.id })).toEqual(ACK);
    expect(await bob.next()).toEqual(from(ann, bob, { msgData, targetEasyrtcid: bob.id }));
  });

  it('preserves keys such as __proto__', async () => {
    const text = '{"__proto__":{"a":1},"constructor":2,"hasOwnProperty":3,"toString":[{"__proto__":null}]}';
    await ann.message({ msgType: 'm', msgData: JSON.parse(text) as unknown, targetEasyrtcid: bob.id });
    expect(JSON.stringify((await bob.next()).msgData)).toBe(text);
  });

  it.each(['', 'offer', 'token', '__proto__', 'ä€😀', 'x'.repeat(1000)])('accepts the type %.20s', async (msgType) => {
    expect(await ann.message({ msgType, targetEasyrtcid: bob.id })).toEqual(ACK);
    expect(await bob.next()).toEqual(from(ann, bob, { msgType, targetEasyrtcid: bob.id }));
  });

  it('does not require a shared room', async () => {
    expect(await ann.message({ msgType: 'm', msgData: 1, targetEasyrtcid: cleo.id })).toEqual(ACK);
    expect(await cleo.next()).toEqual(from(ann, cleo, { msgData: 1, targetEasyrtcid: cleo.id }));
  });

  it('drops other keys and carries the real sender', async () => {
    const forged = { senderEasyrtcid: dan.id, easyrtcid: 'x', serverTime: 1, extra: { a: 1 } };
    await ann.message({ msgType: 'm', msgData: 1, targetEasyrtcid: bob.id, ...forged });
    expect(await bob.next()).toEqual(from(ann, bob, { msgData: 1, targetEasyrtcid: bob.id }));
  });

  it('to the sender itself is rejected with MSG_REJECT_TARGET_EASYRTCID', async () => {
    for (const more of [{}, { targetRoom: 'default' }]) {
      const answer = await ann.message({ msgType: 'm', targetEasyrtcid: ann.id, ...more });
      expect(answer).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    }
    await areUndisturbed(ann, bob);
  });

  it.each(titled([null, '', 5, true, {}, [], ['x'], 'a b', 'ä', 'x'.repeat(33)]))(
    'to the id %s is rejected with MSG_REJECT_TARGET_EASYRTCID',
    async (_, targetEasyrtcid) => {
      const answer = await ann.message({ msgType: 'm', targetEasyrtcid, targetRoom: 'default' });
      expect(answer).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
      await areUndisturbed(ann, bob);
    },
  );

  it('to an unknown, disconnected or foreign client is rejected with MSG_REJECT_GEN_FAIL', async () => {
    await bob.close();
    await areLeft(3);
    for (const targetEasyrtcid of ['nobody', bob.id, dan.id]) {
      expect(await ann.message({ msgType: 'm', targetEasyrtcid })).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    }
    await areUndisturbed(dan);
  });
});

describe('an EasyRTC message to a room', () => {
  it.each(titled([...CONTENTS, Buffer.from('bytes')]))(
    'carries %s to all members except its sender',
    async (_, msgData) => {
      const eve = await login({ roomJoin: rooms('shared') });
      await Promise.all([ann.rest(), bob.rest()]);
      expect(await ann.message({ msgType: 'm', msgData, targetRoom: 'shared' })).toEqual(ACK);
      for (const member of [bob, eve]) {
        expect(await member.next()).toEqual(from(ann, member, { msgData, targetRoom: 'shared' }));
      }
      await areUndisturbed(ann, bob, cleo, dan, eve);
    },
  );

  it('without msgData arrives without msgData', async () => {
    await ann.message({ msgType: 'm', targetRoom: 'shared', senderEasyrtcid: cleo.id, extra: 1 });
    expect(await bob.next()).toEqual(from(ann, bob, { targetRoom: 'shared' }));
  });

  it('is acknowledged if the sender is alone', async () => {
    expect(await cleo.message({ msgType: 'm', targetRoom: 'elsewhere' })).toEqual(ACK);
    await areUndisturbed(ann, bob, cleo, dan);
  });

  it.each(titled(['elsewhere', 'theirs', 'nowhere', 'Default', null, '', 5, {}, ['default'], 'a b', 'x'.repeat(33)]))(
    '%s is rejected with MSG_REJECT_TARGET_ROOM if the sender is no member',
    async (_, targetRoom) => {
      expect(await ann.message({ msgType: 'm', targetRoom })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
      await areUndisturbed(bob, cleo, dan);
    },
  );

  it('is rejected with MSG_REJECT_TARGET_ROOM after the sender has left', async () => {
    await ann.command('roomLeave', { roomLeave: rooms('shared') });
    await bob.rest();
    expect(await ann.message({ msgType: 'm', targetRoom: 'shared' })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
    await areUndisturbed(bob);
  });
});

describe('an EasyRTC message to a client in a room', () => {
  it('reaches this client only', async () => {
    const eve = await login({ roomJoin: rooms('shared') });
    await Promise.all([ann.rest(), bob.rest()]);
    const target = { targetEasyrtcid: bob.id, targetRoom: 'shared' };
    expect(await ann.message({ msgType: 'm', msgData: 1, ...target })).toEqual(ACK);
    expect(await bob.next()).toEqual(from(ann, bob, { msgData: 1, ...target }));
    await areUndisturbed(ann, bob, cleo, dan, eve);
  });

  it('is rejected with MSG_REJECT_TARGET_ROOM unless both are members', async () => {
    const refused = errorOf('MSG_REJECT_TARGET_ROOM');
    const send = (sender: EasyRtcClient, to: EasyRtcClient, targetRoom: string) =>
      sender.message({ msgType: 'm', targetEasyrtcid: to.id, targetRoom });
    expect(await send(ann, cleo, 'shared')).toEqual(refused);
    expect(await send(ann, cleo, 'elsewhere')).toEqual(refused);
    expect(await send(ann, bob, 'elsewhere')).toEqual(refused);
    expect(await send(ann, bob, 'nowhere')).toEqual(refused);
    await areUndisturbed(ann, bob, cleo, dan);
  });
});

describe('an EasyRTC message to a group', () => {
  it.each(titled(['group', 'default', 'toString', '__proto__', null, '', 5, {}, 'a b', 'x'.repeat(33)]))(
    '%s is rejected with MSG_REJECT_TARGET_GROUP if the sender is no member',
    async (_, targetGroup) => {
      const refused = errorOf('MSG_REJECT_TARGET_GROUP');
      expect(await ann.message({ msgType: 'm', targetGroup })).toEqual(refused);
      expect(await ann.message({ msgType: 'm', targetGroup, targetEasyrtcid: bob.id })).toEqual(refused);
      await areUndisturbed(ann, bob, cleo, dan);
    },
  );
});

it('acknowledges an EasyRTC message without a target, which goes to the server', async () => {
  for (const msgData of CONTENTS) expect(await ann.message({ msgType: 'm', msgData })).toEqual(ACK);
  expect(await ann.message({ msgType: 'm' })).toEqual(ACK);
  await areUndisturbed(ann, bob, cleo, dan);
});

describe('an invalid EasyRTC message', () => {
  it.each(titled([undefined, null, 5, true, {}, ['m']]))(
    'with the msgType %s is rejected with MSG_REJECT_BAD_TYPE',
    async (_, msgType) => {
      const answer = await ann.message({ msgType, msgData: 1, targetEasyrtcid: bob.id });
      expect(answer).toEqual(errorOf('MSG_REJECT_BAD_TYPE'));
      await areUndisturbed(bob);
    },
  );

  it.each(titled([null, 5, 'm', true]))(
    'such as the packet %s is rejected with MSG_REJECT_BAD_STRUCTURE',
    async (_, packet) => {
      expect(await ann.ask('easyrtcMsg', packet)).toEqual(errorOf('MSG_REJECT_BAD_STRUCTURE'));
      await areUndisturbed(bob);
    },
  );
});

describe.each(RELAYED)('the command %s', (msgType) => {
  it.each(titled([{ sdp: 'v=0\r\n', type: 'offer' }, { candidate: null }, [1], { a: [{}, '', 0, false] }]))(
    'carries %s to its target only',
    async (_, msgData) => {
      expect(await ann.command(msgType, msgData, bob.id)).toEqual(ACK);
      expect(await bob.nextOf(msgType)).toEqual(relayed(bob, msgType, { msgData }));
      await Promise.all([ann.rest(), bob.rest()]);
      await areUndisturbed(ann, bob, cleo, dan);
    },
  );

  it.each(titled([undefined, null, {}, [], '', 'x', 5, true]))(
    'with the msgData %s is rejected with MSG_REJECT_BAD_DATA',
    async (_, msgData) => {
      expect(await ann.command(msgType, msgData, bob.id)).toEqual(errorOf('MSG_REJECT_BAD_DATA'));
      await areUndisturbed(bob);
    },
  );
});

describe.each(BARE)('the command %s', (msgType) => {
  it('arrives without msgData', async () => {
    expect(await ann.command(msgType, undefined, bob.id)).toEqual(ACK);
    const message = await bob.next();
    expect(message).toEqual(relayed(bob, msgType));
    expect(message).not.toHaveProperty('msgData');
    await areUndisturbed(ann, bob, cleo, dan);
  });

  it.each(titled([null, {}, [], '', 'x', 0, { a: 1 }]))(
    'with the msgData %s is rejected with MSG_REJECT_BAD_DATA',
    async (_, msgData) => {
      expect(await ann.command(msgType, msgData, bob.id)).toEqual(errorOf('MSG_REJECT_BAD_DATA'));
      await areUndisturbed(bob);
    },
  );
});

describe.each([...RELAYED, ...BARE])('the relay of %s', (msgType) => {
  const msgData = RELAYED.includes(msgType) ? { sdp: 'x' } : undefined;

  it('does not require a shared room', async () => {
    expect(await ann.command(msgType, msgData, cleo.id)).toEqual(ACK);
    expect(await cleo.next()).toMatchObject({ senderEasyrtcid: ann.id, msgType });
  });

  it('may target the sender itself', async () => {
    expect(await ann.command(msgType, msgData, ann.id)).toEqual(ACK);
    expect(await ann.next()).toMatchObject(relayed(ann, msgType));
  });

  it('drops other keys and carries the real sender', async () => {
    const packet = { msgType, msgData, targetEasyrtcid: bob.id, senderEasyrtcid: dan.id, easyrtcid: 'x' };
    const more = { targetRoom: 'default', serverTime: 1, extra: { a: 1 } };
    expect(await ann.ask('easyrtcCmd', { ...packet, ...more })).toEqual(ACK);
    expect(await bob.next()).toEqual(relayed(bob, msgType, msgData ? { msgData } : {}));
  });

  it.each(titled([undefined, null, '', 5, {}, [], 'a b', 'x'.repeat(33), 'ä']))(
    'to the target %s is rejected with MSG_REJECT_BAD_STRUCTURE',
    async (_, target) => {
      expect(await ann.command(msgType, msgData, target)).toEqual(errorOf('MSG_REJECT_BAD_STRUCTURE'));
    },
  );

  it('to an unknown, disconnected or foreign client is rejected with MSG_REJECT_TARGET_EASYRTCID', async () => {
    await bob.close();
    await areLeft(3);
    for (const target of ['nobody', bob.id, dan.id]) {
      expect(await ann.command(msgType, msgData, target)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    }
    await areUndisturbed(dan);
  });
});

it('keeps EasyRTC messages and commands between two clients in order', async () => {
  const answers: Promise<Received>[] = [];
  for (let i = 0; i < 100; i++) {
    answers.push(ann.message({ msgType: 'm', msgData: i, targetEasyrtcid: bob.id }));
    answers.push(ann.command('candidate', { i }, bob.id));
    answers.push(ann.message({ msgType: 'm', msgData: { i, bytes: Buffer.alloc(3) }, targetRoom: 'shared' }));
  }
  for (const answer of await Promise.all(answers)) expect(answer).toEqual(ACK);
  const came = (await bob.rest()).map(({ msgData }) =>
    typeof msgData === 'number' ? msgData : (msgData as { i: number }).i,
  );
  expect(came).toEqual(Array.from({ length: 300 }, (_, n) => Math.floor(n / 3)));
});

import { DomainError, type EasyRtcIdentity } from '../../../src/index.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { ConnectorClient, errorOf as connectorError } from '../../support/connector-client.js';
import { ACK, aTime, EasyRtcClient, errorOf, roomNews, rooms, titled, updated } from '../../support/easyrtc-client.js';
import { type HookedServer, newcomers, startWithHooks } from '../../support/hooked-server.js';
import { until } from '../../support/peerjs-socket.js';

let server: HookedServer;
/** Ann and Bob are in `staff`, Bob and Cleo in `night`, Dan in none, Eve in `staff` of another application. */
let ann: EasyRtcClient;
let bob: EasyRtcClient;
let cleo: EasyRtcClient;
let dan: EasyRtcClient;
let eve: EasyRtcClient;

/** Lets clients choose their own groups. */
const identityOf = (credential: object = {}): EasyRtcIdentity => credential;
const login = (groups: string[], more: object = {}) =>
  EasyRtcClient.login(server.url, { applicationName: 'default', credential: { groups }, ...more });
const everybody = () => [ann, bob, cleo, dan, eve];

beforeEach(async () => {
  server = await startWithHooks({
    authenticate: ({ credential }) => {
      if (credential && 'bad' in credential) throw new DomainError('NOT_AUTHORIZED', {});
      return identityOf(credential);
    },
  });
  ann = await login(['staff']);
  bob = await login(['staff', 'night'], { roomJoin: rooms('bobs') });
  cleo = await login(['night']);
  dan = await login([]);
  eve = await login(['staff'], { applicationName: 'other' });
  for (const client of everybody()) await client.rest();
});

afterEach(async () => {
  try {
    expect(server.complaints).toEqual([]);
  } finally {
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    await server.close();
  }
});

async function onlyThese(...heard: EasyRtcClient[]): Promise<void> {
  for (const client of everybody()) {
    expect((await client.rest()).map(({ msgType }) => msgType)).toEqual(heard.includes(client) ? ['m'] : []);
  }
}

const REFUSED = errorOf('MSG_REJECT_TARGET_GROUP');

describe('an EasyRTC message to a group', () => {
  it.each(titled([undefined, null, '', { a: [1, '😀'] }, Buffer.from('bytes')]))(
    'delivers %s to all members except the sender',
    async (_, msgData) => {
      const fay = await login(['staff'], { roomJoin: rooms('elsewhere') });
      expect(await ann.message({ msgType: 'm', msgData, targetGroup: 'staff' })).toEqual(ACK);
      for (const client of [bob, fay]) {
        const message = await client.next();
        expect(message).toEqual({
          senderEasyrtcid: ann.id,
          targetGroup: 'staff',
          msgType: 'm',
          msgData,
          easyrtcid: client.id,
          serverTime: aTime,
        });
        expect('msgData' in message).toBe(msgData !== undefined);
      }
      await onlyThese();
    },
  );

  it('reaches a client once for each of its groups', async () => {
    for (const [sender, targetGroup] of [
      [ann, 'staff'],
      [cleo, 'night'],
    ] as const) {
      expect(await sender.message({ msgType: 'm', targetGroup })).toEqual(ACK);
      expect(await bob.next()).toMatchObject({ senderEasyrtcid: sender.id, targetGroup });
    }
    await onlyThese();
  });

  it('with an id reaches this member only', async () => {
    const fay = await login(['staff']);
    await Promise.all(everybody().map((client) => client.rest()));
    const target = { targetEasyrtcid: bob.id, targetGroup: 'staff' };
    expect(await ann.message({ msgType: 'm', msgData: 1, ...target })).toEqual(ACK);
    expect(await bob.next()).toEqual({
      ...{ senderEasyrtcid: ann.id, ...target, msgType: 'm', msgData: 1 },
      ...{ easyrtcid: bob.id, serverTime: aTime },
    });
    await onlyThese();
    expect(await fay.rest()).toEqual([]);
  });

  it('with an id is rejected unless both clients are members', async () => {
    for (const [sender, target, targetGroup] of [
      [ann, cleo, 'staff'],
      [ann, dan, 'staff'],
      [dan, ann, 'staff'],
      [ann, bob, 'night'],
      [ann, bob, 'nobodys'],
      [ann, eve, 'staff'],
    ] as const) {
      expect(await sender.message({ msgType: 'm', targetEasyrtcid: target.id, targetGroup })).toEqual(REFUSED);
    }
    await onlyThese();
  });

  it('is rejected if the sender is no member, even for an empty group', async () => {
    for (const [sender, targetGroup] of [
      [dan, 'staff'],
      [ann, 'night'],
      [cleo, 'staff'],
      [ann, 'nobodys'],
      [ann, '__proto__'],
    ] as const) {
      expect(await sender.message({ msgType: 'm', targetGroup })).toEqual(REFUSED);
    }
    await onlyThese();
  });

  it.each(titled([null, '', 5, {}, ['staff'], 'a b', 'ä', '\u0000group/staff', 'x'.repeat(33)]))(
    'is rejected if the group name is %s',
    async (_, targetGroup) => {
      for (const target of [{}, { targetEasyrtcid: bob.id }, { targetRoom: 'default' }]) {
        expect(await ann.message({ msgType: 'm', targetGroup, ...target })).toEqual(REFUSED);
      }
      await onlyThese();
    },
  );

  it('goes to the group even if a room has the same name', async () => {
    await cleo.command('roomJoin', { roomJoin: rooms('staff') });
    expect(await ann.message({ msgType: 'm', targetGroup: 'staff' })).toEqual(ACK);
    expect(await cleo.message({ msgType: 'm', targetRoom: 'staff' })).toEqual(ACK);
    await onlyThese(bob);
    expect(await ann.message({ msgType: 'm', targetRoom: 'staff' })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
  });

  it('does not reach members that have left', async () => {
    await bob.close();
    expect(await cleo.message({ msgType: 'm', targetGroup: 'night' })).toEqual(ACK);
    const toBob = () => cleo.message({ msgType: 'm', targetEasyrtcid: bob.id, targetGroup: 'night' });
    // Other nodes learn of it with a delay.
    await until(async () => (await toBob()).msgType === 'error');
    expect(await toBob()).toEqual(REFUSED);
    const again = await login(['night'], { roomJoin: rooms('elsewhere') });
    expect(await cleo.message({ msgType: 'm', targetGroup: 'night' })).toEqual(ACK);
    expect(await again.next()).toHaveProperty('msgType', 'm');
  });
});

describe('the groups of an EasyRTC client', () => {
  it('are those of its last login', async () => {
    const { id } = ann;
    await ann.login({ applicationName: 'default', credential: { groups: ['night', 'new'] } });
    expect(ann.id).toBe(id);
    expect(await bob.message({ msgType: 'm', targetGroup: 'staff' })).toEqual(ACK);
    await onlyThese2([dan, cleo]);
    expect(await ann.message({ msgType: 'm', targetGroup: 'staff' })).toEqual(REFUSED);
    expect(await ann.message({ msgType: 'm', targetGroup: 'night' })).toEqual(ACK);
    for (const client of [bob, cleo]) expect(await client.nextOf('m')).toHaveProperty('targetGroup', 'night');
    await ann.login({ applicationName: 'default', credential: { other: 1 } });
    expect(await ann.message({ msgType: 'm', targetGroup: 'night' })).toEqual(REFUSED);
  });

  /** Expects Ann's login and no other notice. */
  async function onlyThese2(others: EasyRtcClient[]): Promise<void> {
    expect(await ann.rest()).toEqual([]);
    for (const client of others)
      expect(await client.rest()).toEqual([roomNews(client, updated('default', ann.entry()))]);
    expect(await bob.rest()).toEqual([]);
  }

  it('stay the same when it joins and leaves rooms', async () => {
    await ann.command('roomJoin', { roomJoin: rooms('more') });
    await ann.command('roomLeave', { roomLeave: rooms('more', 'default', 'staff') });
    expect(await bob.message({ msgType: 'm', targetGroup: 'staff' })).toEqual(ACK);
    expect(await ann.next()).toHaveProperty('targetGroup', 'staff');
    expect(await ann.command('roomLeave', { roomLeave: rooms('\u0000group/staff') })).toEqual(
      errorOf('MSG_REJECT_BAD_STRUCTURE'),
    );
  });

  it('are removed when a login is rejected', async () => {
    const fay = await EasyRtcClient.connect(server.url);
    expect(await fay.authenticate({ credential: { bad: true } })).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await ann.authenticate({ credential: { bad: true } })).toEqual(errorOf('LOGIN_BAD_AUTH'));
    await Promise.all([ann.closed, fay.closed]);
    await until(async () => !(await server.known()).includes(ann.id));
    expect(await newcomers(dan)).toEqual([]);
    const store = server.app.get(RoomStore, { strict: false });
    expect((await store.find('default', '\u0000group/staff'))?.members.map(({ id }) => id)).toEqual([bob.id]);
  });

  it('can be named like properties of Object.prototype', async () => {
    const groups = ['__proto__', 'constructor', 'toString'];
    const [fay, gil] = [await login(groups), await login(groups)];
    for (const targetGroup of groups) {
      expect(await fay.message({ msgType: 'm', targetGroup })).toEqual(ACK);
      expect(await gil.nextOf('m')).toMatchObject({ senderEasyrtcid: fay.id, targetGroup });
    }
  });

  it('are not disclosed to other clients', async () => {
    expect(await ann.roomSizes()).toEqual({ default: 3, bobs: 1 });
    expect(Object.keys(ann.token.roomData)).toEqual(['default']);
    const fay = await login(['staff', 'night'], { roomJoin: rooms('fays') });
    expect(Object.keys(fay.token.roomData)).toEqual(['fays']);
    expect(JSON.stringify(fay.token)).not.toContain('staff');
    await fay.command('setPresence', { setPresence: { show: 'dnd' } });
    await fay.close();
    await until(async () => !(await server.known()).includes(fay.id));
    await onlyThese();
    const { items } = await server.app.get(RoomStore, { strict: false }).list({ limit: 100 });
    expect(items.map(({ id }) => id).sort()).toEqual(['bobs', 'default', 'default']);
    for (const { members } of items) expect(members.map(({ id }) => id)).not.toContain(fay.id);
  });

  it('are deleted with their last member', async () => {
    const store = server.app.get(RoomStore, { strict: false });
    expect((await store.find('default', '\u0000group/staff'))?.members).toHaveLength(2);
    for (const client of everybody()) await client.close();
    await until(async () => (await server.known()).length === 0);
    for (const group of ['staff', 'night']) {
      for (const realm of ['default', 'other']) expect(await store.find(realm, `\0group/${group}`)).toBeUndefined();
    }
  });
});

describe('a Peer2Peer Connector client', () => {
  it.each(['\u0000group/staff', '\u0000group/nobodys', '\u0000group/'])('cannot use the room %j', async (room) => {
    const fay = await ConnectorClient.connect(server.wsUrl);
    const refused = connectorError('Not_Found', `Room with Id ${room} does not exist.`);
    const isRefused = (frame: object): void => {
      expect(frame).toMatchObject({
        type: 'error',
        event: expect.stringMatching(/Not_Found|Unauthorised/) as string,
      });
    };
    for (const event of ['Create_Room', 'Join_Room']) {
      expect(await fay.ask({ event, data: { room, name: 'x' } })).toEqual(refused);
    }
    isRefused(await fay.ask({ event: 'Message', room, data: 1 }));
    isRefused(await fay.ask({ event: 'Leave_Room', data: { room } }));
    isRefused(await fay.ask({ event: 'End_Room', data: { room } }));
    await onlyThese();
    expect(await ann.message({ msgType: 'm', targetGroup: 'staff' })).toEqual(ACK);
    await onlyThese(bob);
    expect(await fay.drain()).toEqual([]);
  });

  it('cannot detect groups from errors', async () => {
    const fay = await ConnectorClient.connect(server.wsUrl);
    for (const request of [{ event: 'Message', data: 1 }, { event: 'Leave_Room' }, { event: 'End_Room' }]) {
      const answers: unknown[] = [];
      for (const group of ['staff', 'nobody']) {
        const room = `\0group/${group}`;
        const { event, data } = await fay.ask({ ...request, room, data: { room } });
        answers.push(JSON.parse(JSON.stringify({ event, data }).replaceAll(group, 'GROUP')));
      }
      expect(answers[0]).toEqual(answers[1]);
    }
  });
});

import type { Room, RoomChange, RoomMember } from '../../common/room.js';
import type { EasyRtcFields } from './easyrtc.hooks.js';
import * as roomData from './easyrtc.room-data.js';
import { sharedFields } from './easyrtc.room-data.js';

const member = (id: string, attributes?: RoomMember['attributes']): RoomMember => ({
  id,
  node: 'a',
  joinedAt: 7,
  attributes,
});
const ann = member('ann', { username: 'Ann', presence: { show: 'dnd', status: 'busy' } });
const connie = member('connie');
const room = (id: string, members = [ann, connie], attributes?: Room['attributes']): Room => ({
  realm: 'r',
  id,
  name: 'a name that nobody sees',
  since: 1,
  members,
  attributes,
  version: 1,
});

/** A function of the module, with what it has written parsed. */
function parsed<A extends unknown[]>(write: (...args: A) => string): (...args: A) => unknown {
  return (...args) => JSON.parse(write(...args)) as unknown;
}

const [joined, left, updated] = [parsed(roomData.joined), parsed(roomData.left), parsed(roomData.updated)];
const changed = parsed((changes: readonly RoomChange[], listener: string) => {
  return new roomData.RoomNews().changed(changes, listener);
});

const PRESENT = { show: 'chat', status: null };
const ANN = { easyrtcid: 'ann', roomJoinTime: 7, presence: { show: 'dnd', status: 'busy' }, username: 'Ann' };
const CONNIE = { easyrtcid: 'connie', roomJoinTime: 7, presence: PRESENT };
const update = (roomName: string, more: object) => ({ [roomName]: { roomName, roomStatus: 'update', ...more } });

describe('joined', () => {
  it('shows all members, clients of other protocols as present, and the fields of the room', () => {
    const field = { f: { fieldName: 'f', fieldValue: 1 } };
    expect(joined([room('x', [ann, connie], { field }), room('y', [])])).toEqual({
      x: { roomName: 'x', roomStatus: 'join', clientList: { ann: ANN, connie: CONNIE }, field },
      y: { roomName: 'y', roomStatus: 'join', clientList: {} },
    });
  });

  it('accepts any name', () => {
    const text = roomData.joined([room('__proto__', [member('__proto__')])]);
    expect(text).toContain('{"__proto__":{"roomName":"__proto__"');
    expect(text).toContain('"clientList":{"__proto__":{"easyrtcid":"__proto__"');
  });
});

describe('left', () => {
  it('names the rooms', () => {
    expect(left(['x', 'y'])).toEqual({
      x: { roomName: 'x', roomStatus: 'leave' },
      y: { roomName: 'y', roomStatus: 'leave' },
    });
    expect(left([])).toEqual({});
  });
});

describe('updated', () => {
  it('shows one member in each room', () => {
    expect(updated([room('x'), room('y')], 'ann')).toEqual({
      ...update('x', { clientListDelta: { updateClient: { ann: ANN } } }),
      ...update('y', { clientListDelta: { updateClient: { ann: ANN } } }),
    });
  });

  it('shows nothing of a client that is not a member', () => {
    expect(updated([room('x')], 'bob')).toEqual(update('x', { clientListDelta: { updateClient: {} } }));
  });
});

describe('changed', () => {
  const change = (kind: RoomChange['kind'], client?: string, its = room('x')): RoomChange => ({
    kind,
    client,
    room: its,
  });

  it.each(['joined', 'updated'] as const)('shows a client that has %s', (kind) => {
    const delta = update('x', { clientListDelta: { updateClient: { ann: ANN } } });
    expect(changed([change(kind, 'ann')], 'connie')).toEqual(delta);
  });

  it('names a client that has left', () => {
    const delta = update('x', { clientListDelta: { removeClient: { bob: { easyrtcid: 'bob' } } } });
    expect(changed([change('left', 'bob')], 'ann')).toEqual(delta);
  });

  it('leaves out the changes of the client itself', () => {
    for (const kind of ['joined', 'updated'] as const) expect(changed([change(kind, 'ann')], 'ann')).toEqual({});
  });

  it('tells a client that it was removed from a room', () => {
    expect(changed([change('left', 'ann')], 'ann')).toEqual({ x: { roomName: 'x', roomStatus: 'leave' } });
  });

  it('tells all members of the end of a room', () => {
    for (const client of [undefined, 'ann']) {
      expect(changed([change('ended', client)], 'ann')).toEqual({ x: { roomName: 'x', roomStatus: 'leave' } });
    }
  });

  it('shows the attributes of a room, without a list of clients', () => {
    const its = room('x', [ann], { field: {} });
    expect(changed([change('updated', undefined, its)], 'ann')).toEqual(update('x', { field: {} }));
    expect(changed([change('updated')], 'ann')).toEqual(update('x', {}));
  });

  it('combines changes of several rooms', () => {
    expect(
      changed(
        [change('updated', 'ann'), change('left', 'bob', room('y')), change('joined', 'connie', room('z'))],
        'connie',
      ),
    ).toEqual({
      ...update('x', { clientListDelta: { updateClient: { ann: ANN } } }),
      ...update('y', { clientListDelta: { removeClient: { bob: { easyrtcid: 'bob' } } } }),
    });
  });
});

describe('sharedFields', () => {
  it('returns shared fields only', () => {
    const shared = { isShared: true };
    expect(
      sharedFields({
        a: { fieldValue: null, fieldOption: shared },
        b: { fieldValue: 1 },
        c: { fieldValue: 1, fieldOption: {} },
        d: { fieldValue: [1], fieldOption: shared },
      }),
    ).toEqual({ a: { fieldName: 'a', fieldValue: null }, d: { fieldName: 'd', fieldValue: [1] } });
  });

  it.each<EasyRtcFields | undefined>([undefined, {}, { b: { fieldValue: 1, fieldOption: { isShared: false } } }])(
    'is nothing for %j',
    (given) => {
      expect(sharedFields(given)).toBeUndefined();
    },
  );
});

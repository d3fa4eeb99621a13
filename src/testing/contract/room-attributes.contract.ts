import assert from 'node:assert/strict';
import type { RoomMember } from '../../common/room.js';
import { equal, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

const member = (id: string): RoomMember => ({ id, node: 'a', joinedAt: 7 });
const entry = (id: string, attributes?: object) => ({
  id,
  mayCreate: true,
  maxMembers: 100,
  attributes: attributes as Record<string, unknown> | undefined,
});

/** Declares the tests of attributes of rooms and members. */
export function describeRoomAttributes(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'RoomStore: attributes', open, declareAttributes);
}

function declareAttributes(it: DeclareTest): void {
  it('sets attributes of a member in the given rooms only', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x', { a: 1 }), entry('y', { a: 1 })], member('c'), BOUNDS);
    const [entered] = await rooms.enter('r', [entry('x')], member('d'), BOUNDS);
    const attributes = JSON.parse('{"__proto__":{"a":null},"b":[1,{"€":""}]}') as Record<string, unknown>;
    const [after] = await rooms.setMemberAttributes('r', 'c', new Map([['x', attributes]]));
    assert.ok(entered && after);
    equal(after.members.map(({ id, joinedAt }) => [id, joinedAt]), [['c', 7], ['d', 7]]); // prettier-ignore
    assert.equal(JSON.stringify(after.members[0]?.attributes), JSON.stringify(attributes));
    assert.equal(after.members[1]?.attributes, undefined);
    assert.ok(after.version > entered.room.version);
    equal(await rooms.find('r', 'x'), after);
    equal((await rooms.find('r', 'y'))?.members[0]?.attributes, { a: 1 });
  });

  it('skips rooms that the member is not in', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x'), entry('y')], member('c'), BOUNDS);
    const before = await rooms.find('r', 'x');
    equal(await rooms.setMemberAttributes('r', 'e', new Map([['x', {}]])), []);
    equal(await rooms.setMemberAttributes('s', 'c', new Map([['x', {}]])), []);
    equal(await rooms.find('r', 'x'), before);
    const both = new Map([['y', { n: 1 }], ['z', {}], ['x', { n: 2 }]]); // prettier-ignore
    const changed = await rooms.setMemberAttributes('r', 'c', both);
    equal(changed.map(({ id, members }) => [id, members[0]?.attributes]), [['y', { n: 1 }], ['x', { n: 2 }]]); // prettier-ignore
  });

  it('keeps attributes of a room until it ends', async ({ a: { rooms } }) => {
    await rooms.enter('r', [entry('x', { a: 1 }), entry('y')], member('c'), BOUNDS);
    const first = await rooms.setAttributes('r', 'x', { field: { f: [1] }, more: 1 });
    const second = await rooms.setAttributes('r', 'x', { field: {} });
    equal([first.attributes, second.attributes], [{ field: { f: [1] }, more: 1 }, { field: {} }]);
    assert.ok(second.version > first.version);
    equal(second.members, [{ ...member('c'), attributes: { a: 1 } }]);
    const joined = await rooms.join('r', 'x', member('d'), BOUNDS);
    equal(joined.attributes, { field: {} });
    assert.equal((await rooms.find('r', 'y'))?.attributes, undefined);
    await refused(rooms.setAttributes('r', 'z', {}), 'ROOM_NOT_FOUND', { room: 'z' });
    await refused(rooms.setAttributes('s', 'x', {}), 'ROOM_NOT_FOUND', { room: 'x' });
    await rooms.end('r', 'x');
    const [entered] = await rooms.enter('r', [entry('x')], member('c'), BOUNDS);
    assert.equal(entered?.room.attributes, undefined);
    equal(entered?.room.members, [member('c')]);
  });
}

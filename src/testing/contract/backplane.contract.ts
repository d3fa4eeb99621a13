import assert from 'node:assert/strict';
import type { RoomMember } from '../../common/room.js';
import { equal, membersOf, until } from './expectations.js';
import { announcements } from './room-changes.contract.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const BOUNDS = { maxRooms: 1000, maxMembers: 100 };

/** Declares the tests of Backplane: what is true of nodes that run, and of what a stopped one has left. */
export function describeBackplane(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'Backplane', open, declareStops);
}

function declareStops(it: DeclareTest): void {
  const member = (id: string, node: string): RoomMember => ({ id, node, joinedAt: 7 });
  const entry = { realm: 'r', protocol: 'p', address: '::1', since: 1 };

  it('is available on running nodes', ({ a, b }) => {
    equal([a, b].map(({ backplane }) => backplane.isAvailable), [true, true]); // prettier-ignore
    return Promise.resolve();
  });

  it('removes the members of a node that stops, which is announced to the others', async ({ a, b }) => {
    await a.rooms.create({ realm: 'r', id: 'x', name: 'N' }, member('c', 'a'), BOUNDS);
    await b.rooms.join('r', 'x', member('d', 'b'), BOUNDS);
    await b.rooms.create({ realm: 'r', id: 'y', name: '' }, member('d', 'b'), BOUNDS);
    const toA = announcements(a.rooms, 'a');
    await b.stop();
    await until(() => toA.length > 0);
    equal(toA, ['left d x[c]']);
    equal(membersOf(await a.rooms.find('r', 'x')), ['c']);
    assert.equal(await a.rooms.find('r', 'y'), undefined);
  });

  it('releases the ids of a node that stops, and reserves those that it had generated', async ({ a, b }) => {
    await a.directory.claim({ ...entry, id: 'kept', node: 'a', session: 1 }, 't');
    await b.directory.claim({ ...entry, id: 'requested', node: 'b', session: 1 }, 't');
    await b.directory.claim({ ...entry, id: 'generated', node: 'b', session: 2 });
    await b.stop();
    assert.equal(await a.directory.count(), 1);
    const claim = (id: string) =>
      a.directory.claim({ ...entry, id, protocol: 'q', node: 'a', session: 2 }, 'u').then(({ outcome }) => outcome);
    equal([await claim('requested'), await claim('generated'), await claim('kept')], ['claimed', 'taken', 'taken']);
  });

  it('sends no messages to a node that has stopped', async ({ a, b }) => {
    await b.stop();
    assert.equal(await a.bus.send('b', { version: 1, type: 'reply', call: 1, result: null }), false);
    equal(await a.bus.nodes(), ['a']);
  });

  it('keeps signals that a node has queued before it stopped', async ({ a, b }) => {
    await b.queue.put({ realm: 'r', to: 'x', signal: { kind: 'offer', from: 'd' } });
    await b.stop();
    equal((await a.queue.take('r', 'x')).map(({ from }) => from), ['d']); // prettier-ignore
  });
}

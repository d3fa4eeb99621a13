import assert from 'node:assert/strict';
import type { EventCursors } from '../../events/event-cursors.js';
import { equal, NAMES } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

/** A lease that does not end within a test, and one that does. */
const LONG_MS = 60_000;
const SHORT_MS = 50;
/** A lease may end later: the clocks of backplanes are coarse. */
const AFTER_SHORT_MS = 100;

/** Declares the tests of EventCursors. */
export function describeEventCursors(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'EventCursors', open, (it) => {
    declareLeases(it);
    declareStates(it);
  });
}

/** Waits until a short lease has ended. */
function shortLeaseEnds(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, AFTER_SHORT_MS));
}

async function hasClaimed(cursors: EventCursors, reader: string, owner: string, leaseMs = LONG_MS): Promise<boolean> {
  return (await cursors.claim(reader, owner, leaseMs)) !== undefined;
}

function declareLeases(it: DeclareTest): void {
  it('gives a reader to one of several owners that claim it concurrently', async ({ a, b }) => {
    const owners = Array.from({ length: 10 }, (_, at) => `owner ${at}`);
    const claims = await Promise.all(owners.map((owner, at) => hasClaimed([a, b][at % 2]!.cursors, 'x', owner)));
    equal(claims.filter(Boolean), [true]);
    const winner = owners[claims.indexOf(true)]!;
    const saves = await Promise.all(owners.map((owner) => b.cursors.save('x', owner, owner, LONG_MS)));
    equal(saves, claims);
    equal(await a.cursors.find('x'), winner);
  });

  it('renews the lease of the owner that claims its reader again, or saves', async ({ a, b }) => {
    for (const renew of [() => hasClaimed(a.cursors, 'x', 'one'), () => a.cursors.save('x', 'one', 'state', LONG_MS)]) {
      equal(await hasClaimed(a.cursors, 'x', 'one', SHORT_MS), true);
      equal(await renew(), true);
      await shortLeaseEnds();
      equal(await hasClaimed(b.cursors, 'x', 'two'), false);
    }
  });

  it('gives a reader to another owner when the lease has ended, and refuses what the former one saves', async ({
    a,
    b,
  }) => {
    await a.cursors.claim('x', 'one', LONG_MS);
    equal(await a.cursors.save('x', 'one', 'of one', SHORT_MS), true);
    await shortLeaseEnds();
    equal(await a.cursors.save('x', 'one', 'too late', LONG_MS), false);
    equal(await b.cursors.claim('x', 'two', LONG_MS), { state: 'of one' });
    equal(await a.cursors.save('x', 'one', 'later', LONG_MS), false);
    equal(await hasClaimed(a.cursors, 'x', 'one'), false);
    equal(await a.cursors.find('x'), 'of one');
  });

  it('gives a released reader to another owner at once', async ({ a, b }) => {
    await a.cursors.claim('x', 'one', LONG_MS);
    await a.cursors.save('x', 'one', 'of one', LONG_MS);
    await a.cursors.release('x', 'one');
    equal(await a.cursors.save('x', 'one', 'too late', LONG_MS), false);
    equal(await b.cursors.claim('x', 'two', LONG_MS), { state: 'of one' });
  });

  it('releases nothing for others than the owner', async ({ a, b }) => {
    await a.cursors.release('x', 'one');
    await a.cursors.claim('x', 'one', LONG_MS);
    await b.cursors.release('x', 'two');
    equal(await hasClaimed(b.cursors, 'x', 'two'), false);
    equal(await a.cursors.save('x', 'one', 'state', LONG_MS), true);
  });
}

function declareStates(it: DeclareTest): void {
  it('has no state of a reader before one is saved', async ({ a, b }) => {
    equal(await a.cursors.claim('x', 'one', LONG_MS), { state: undefined });
    equal(await b.cursors.find('x'), undefined);
    equal(await b.cursors.save('y', 'one', 'state', LONG_MS), false);
    equal(await b.cursors.find('y'), undefined);
  });

  it('keeps readers apart, whatever their names', async ({ a, b }) => {
    // Names of readers are well-formed Unicode.
    const names = NAMES.filter((name) => !/\p{Cs}/u.test(name));
    for (const name of names) {
      equal(await a.cursors.claim(name, `owner of ${name}`, LONG_MS), { state: undefined });
      equal(await a.cursors.save(name, `owner of ${name}`, `state of ${name}`, LONG_MS), true);
    }
    equal(await Promise.all(names.map((name) => b.cursors.find(name))), names.map((name) => `state of ${name}`)); // prettier-ignore
  });

  it('keeps the state that a stopped node has saved', async ({ a, b }) => {
    await b.cursors.claim('x', 'one', LONG_MS);
    await b.cursors.save('x', 'one', '{"position":1,"url":"€"}', LONG_MS);
    await b.cursors.release('x', 'one');
    await b.stop();
    const claimed = await a.cursors.claim('x', 'two', LONG_MS);
    assert.equal(claimed?.state, '{"position":1,"url":"€"}');
  });
}

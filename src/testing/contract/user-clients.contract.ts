import assert from 'node:assert/strict';
import type { ClientEntry } from '../../clients/client-directory.js';
import { equal, idsOf, NAMES, outcomesOf, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

/** Declares the tests of ClientDirectory about the users of clients. */
export function describeUserClients(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'ClientDirectory: users', open, declareUsers);
  describeSuite(runner, 'ClientDirectory: clients of a user', open, declareLimits);
}

const TOKEN = 'sub:alice';
const full = (limit: number) => ['CLIENTS_LIMIT_REACHED', { limit }] as const;

const entry = (changes: Partial<ClientEntry> = {}): ClientEntry => ({
  realm: 'r',
  id: 'x',
  protocol: 'p',
  user: 'alice',
  node: 'a',
  session: 1,
  address: '::1',
  since: 1,
  ...changes,
});

const ALICE = { name: 'Alice \ud800', attributes: { '{"isCounted":true}': [1, { deep: null }], name: '€' } };

function declareUsers(it: DeclareTest): void {
  it('shows user, name and attributes of a client', async ({ a, b }) => {
    equal(await a.directory.claim(entry(ALICE), TOKEN, 1), { outcome: 'claimed' });
    equal(await b.directory.find('r', 'x'), entry(ALICE));
    equal((await b.directory.list({ limit: 10 })).items, [entry(ALICE)]);
    const claim = await b.directory.claim(entry({ node: 'b' }), TOKEN, 1);
    equal(claim, { outcome: 'replaced', previous: entry(ALICE) });
  });

  it('filters clients by user', async ({ a: { directory } }) => {
    for (const user of [...NAMES, undefined]) await directory.claim(entry({ id: `of ${JSON.stringify(user)}`, user }));
    for (const user of NAMES) {
      equal(idsOf((await directory.list({ limit: 10, user })).items), [`of ${JSON.stringify(user)}`]);
    }
    equal(await directory.list({ limit: 10, user: 'bob' }), { items: [] });
  });

  it('updates the entry of a session that has its id, and no other', async ({ a, b }) => {
    await a.directory.claim(entry(), TOKEN, 2);
    await b.directory.claim(entry({ id: 'y', node: 'b' }), TOKEN, 2);
    await a.directory.update({ entry: entry(ALICE), token: TOKEN, maxOfUser: 2 });
    for (const changes of [{ session: 2 }, { node: 'b' }, { id: 'z' }]) {
      await a.directory.update({ entry: entry(changes), token: TOKEN, maxOfUser: 2 });
    }
    equal((await b.directory.list({ limit: 10 })).items, [entry(ALICE), entry({ id: 'y', node: 'b' })]);
    await a.directory.release('r', 'x', 'a', 1);
    equal(await a.directory.claim(entry({ id: 'z' }), TOKEN, 2), { outcome: 'claimed' });
  });

  it('updates the entries of clients that a restore finds', async ({ a: { directory } }) => {
    await directory.claim(entry(), TOKEN);
    equal(await directory.reclaim([{ entry: entry(ALICE), token: TOKEN }]), []);
    equal(await directory.find('r', 'x'), entry(ALICE));
  });
}

function declareLimits(it: DeclareTest): void {
  it('counts the clients of a user on all nodes, and those of no other user and realm', async ({ a, b }) => {
    await a.directory.claim(entry(), TOKEN, 2);
    await b.directory.claim(entry({ id: 'y', node: 'b' }), TOKEN, 2);
    for (const { directory } of [a, b]) await refused(directory.claim(entry({ id: 'z' }), TOKEN, 2), ...full(2));
    assert.equal(await a.directory.find('r', 'z'), undefined);
    for (const changes of [{ user: 'bob' }, { realm: 's' }, { user: undefined }]) {
      equal(await a.directory.claim(entry({ id: 'z', ...changes }), 't', 1), { outcome: 'claimed' });
      await a.directory.release(changes.realm ?? 'r', 'z', 'a', 1);
    }
    await b.directory.release('r', 'y', 'b', 1);
    equal(await a.directory.claim(entry({ id: 'z' }), TOKEN, 2), { outcome: 'claimed' });
    await refused(a.directory.claim(entry({ id: 'y' }), TOKEN, 2), ...full(2));
  });

  it('counts a client once that takes its own id over', async ({ a, b }) => {
    await a.directory.claim(entry(), TOKEN, 1);
    for (let session = 2; session < 5; session++) {
      const claim = await b.directory.claim(entry({ node: 'b', session }), TOKEN, 1);
      assert.equal(claim.outcome, 'replaced');
    }
    // The release of a client that has been replaced frees no place.
    await a.directory.release('r', 'x', 'a', 1);
    await refused(a.directory.claim(entry({ id: 'y' }), TOKEN, 1), ...full(1));
    await b.directory.release('r', 'x', 'b', 4);
    equal(await a.directory.claim(entry({ id: 'y' }), TOKEN, 1), { outcome: 'claimed' });
  });

  it('admits no more of many claims at once than the limit', async ({ a, b }) => {
    for (let round = 0; round < 20; round++) {
      const claims = Array.from({ length: 12 }, (_, i) => {
        const [{ directory }, node] = i % 2 ? [a, 'a'] : [b, 'b'];
        return directory.claim(entry({ user: `u${round}`, id: `${round} ${i}`, node, session: i }), TOKEN, 5);
      });
      const outcomes = await outcomesOf(claims);
      assert.equal(outcomes.filter((outcome) => outcome === 'done').length, 5);
    }
  });

  it('counts a client that takes its own id over at the same time as others', async ({ a, b }) => {
    for (let round = 0; round < 15; round++) {
      const claims = Array.from({ length: 8 }, (_, session) => {
        const [{ directory }, node] = session % 2 ? [a, 'a'] : [b, 'b'];
        return directory.claim(entry({ node, session }), TOKEN, 1);
      });
      await Promise.all(claims);
      await refused(b.directory.claim(entry({ id: 'y', node: 'b' }), TOKEN, 1), ...full(1));
      const { node, session } = (await a.directory.find('r', 'x'))!;
      await a.directory.release('r', 'x', node, session);
      equal(await b.directory.claim(entry({ id: 'y', node: 'b' }), TOKEN, 1), { outcome: 'claimed' });
      await b.directory.release('r', 'y', 'b', 1);
    }
  });

  it('counts no claim that fails', async ({ a, b }) => {
    await b.directory.claim(entry({ user: 'bob', node: 'b' }), 'sub:bob', 1);
    equal(await a.directory.claim(entry(), TOKEN, 1), { outcome: 'taken' });
    equal(await a.directory.claim(entry({ id: 'y' }), TOKEN, 1), { outcome: 'claimed' });
    await refused(b.directory.claim(entry({ user: 'bob', id: 'z', node: 'b' }), 'sub:bob', 1), ...full(1));
  });

  it('counts any ids and users', async ({ a: { directory } }) => {
    for (const user of NAMES) {
      for (const id of NAMES) await directory.claim(entry({ id, user, realm: user }), TOKEN, NAMES.length);
      await refused(
        directory.claim(entry({ id: 'more', user, realm: user }), TOKEN, NAMES.length),
        ...full(NAMES.length),
      );
      for (const id of NAMES) await directory.release(user, id, 'a', 1);
      equal(await directory.claim(entry({ id: 'more', user, realm: user }), TOKEN, 1), { outcome: 'claimed' });
    }
  });

  it('counts the clients that a restore claims again, whatever the limit', async ({ a, b }) => {
    const claims = ['x', 'y', 'z'].map((id, session) => ({
      entry: entry({ id, session }),
      token: TOKEN,
      maxOfUser: 2,
    }));
    equal(await a.directory.restore('a', claims, () => true), { lost: [], freed: [] });
    equal(await a.directory.restore('a', claims, () => true), { lost: [], freed: [] });
    await a.directory.release('r', 'x', 'a', 0);
    await refused(b.directory.claim(entry({ id: 'v', node: 'b' }), TOKEN, 2), ...full(2));
    // The node has lost a client without a release.
    await a.directory.restore('a', claims.slice(2), ({ session }) => session === 2);
    equal(await b.directory.claim(entry({ id: 'v', node: 'b' }), TOKEN, 2), { outcome: 'claimed' });
    await refused(b.directory.claim(entry({ id: 'w', node: 'b' }), TOKEN, 2), ...full(2));
  });

  it('no longer counts the clients of a node that has stopped', async ({ a, b }) => {
    await a.directory.claim(entry(), TOKEN, 2);
    await b.directory.claim(entry({ id: 'y', node: 'b' }), TOKEN, 2);
    await a.stop();
    equal(await b.directory.claim(entry({ id: 'z', node: 'b' }), TOKEN, 2), { outcome: 'claimed' });
    await refused(b.directory.claim(entry({ id: 'v', node: 'b' }), TOKEN, 2), ...full(2));
  });
}

import assert from 'node:assert/strict';
import type { ClientEntry } from '../../clients/client-directory.js';
import { allPages, continuesAfterEmptyPages, equal, idsOf, INVALID_CURSORS, NAMES, refused } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';
import { describeUserClients } from './user-clients.contract.js';

/** Declares the tests of ClientDirectory. */
export function describeClientDirectory(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'ClientDirectory: claims', open, declareClaims);
  describeSuite(runner, 'ClientDirectory: reserved ids', open, declareReservations);
  describeSuite(runner, 'ClientDirectory: lists', open, declareLists);
  describeUserClients(runner, open);
}

const entry = (changes: Partial<ClientEntry> = {}): ClientEntry => ({
  realm: 'r',
  id: 'x',
  protocol: 'p',
  node: 'a',
  session: 1,
  address: '::1',
  since: 1,
  ...changes,
});

function declareClaims(it: DeclareTest): void {
  it('grants an id to the first claim, and to later ones with its token', async ({ a, b }) => {
    equal(await a.directory.claim(entry(), 't'), { outcome: 'claimed' });
    equal(await b.directory.claim(entry({ node: 'b' }), 'other'), { outcome: 'taken' });
    equal(await b.directory.claim(entry({ node: 'b' })), { outcome: 'taken' });
    equal(await b.directory.find('r', 'x'), entry());
    const claim = await b.directory.claim(entry({ node: 'b', since: 2 }), 't');
    equal(claim, { outcome: 'replaced', previous: entry() });
    equal(await a.directory.find('r', 'x'), entry({ node: 'b', since: 2 }));
    assert.equal(await a.directory.count(), 1);
  });

  it('never transfers an id that was claimed without a token', async ({ a, b }) => {
    await a.directory.claim(entry());
    equal(await b.directory.claim(entry({ node: 'b' })), { outcome: 'taken' });
    equal(await b.directory.claim(entry({ node: 'b' }), ''), { outcome: 'taken' });
  });

  it('grants an id to exactly one of ten concurrent claims', async ({ a, b }) => {
    for (let round = 0; round < 50; round++) {
      const claims = Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? a : b).directory.claim(entry({ id: `c${round}` }), `t${i}`),
      );
      assert.equal((await Promise.all(claims)).filter(({ outcome }) => outcome === 'claimed').length, 1);
    }
  });

  it('releases an id only for its current session and node', async ({ a: { directory } }) => {
    await directory.claim(entry(), 't');
    await directory.claim(entry({ node: 'b' }), 't');
    await directory.release('r', 'x', 'a', 1);
    assert.equal((await directory.find('r', 'x'))?.node, 'b');
    await directory.claim(entry({ node: 'b', session: 2 }), 't');
    await directory.release('r', 'x', 'b', 1);
    assert.equal((await directory.find('r', 'x'))?.session, 2);
    await directory.release('r', 'x', 'b', 2);
    assert.equal(await directory.find('r', 'x'), undefined);
    await directory.release('r', 'x', 'b', 2);
    equal(await directory.claim(entry(), 'new'), { outcome: 'claimed' });
    assert.equal(await directory.count(), 1);
  });

  it('restores a node: releases ids that it no longer has, claims ids that were lost', async ({ a: { directory } }) => {
    await directory.claim(entry({ id: 'gone', session: 1 }));
    await directory.claim(entry({ id: 'kept', session: 2 }), 't');
    await directory.claim(entry({ id: 'again', session: 3 }));
    await directory.claim(entry({ id: 'coming', session: 8 }));
    await directory.claim(entry({ id: 'theirs', node: 'b', session: 1 }), 't');
    const mine = [
      { entry: entry({ id: 'kept', session: 2 }), token: 't' },
      { entry: entry({ id: 'lost', session: 5 }), token: 't' },
      { entry: entry({ id: 'again', session: 4 }) },
      { entry: entry({ id: 'theirs', session: 6 }), token: 't' },
      { entry: entry({ id: 'left', session: 7 }) },
    ];
    const { lost, freed } = await directory.restore('a', mine, ({ session }) => [2, 4, 5, 6, 8].includes(session));
    equal(idsOf(lost), ['theirs']);
    equal(freed.map(({ id, session }) => [id, session]).sort(), [['again', 3], ['gone', 1]]); // prettier-ignore
    const found = await Promise.all(
      ['gone', 'kept', 'again', 'coming', 'theirs', 'lost', 'left'].map((id) => directory.find('r', id)),
    );
    const owners = found.map((owner) => owner && `${owner.node} ${owner.session}`);
    equal(owners, [undefined, 'a 2', 'a 4', 'a 8', 'b 1', 'a 5', undefined]);
    assert.equal((await directory.claim(entry({ id: 'lost', node: 'b' }), 't')).outcome, 'replaced');
    assert.equal(await directory.count(), 5);
  });

  it('accepts any string as id and realm', async ({ a: { directory } }) => {
    const entries = NAMES.flatMap((realm) => NAMES.map((id) => entry({ realm, id })));
    for (const one of entries) equal(await directory.claim(one), { outcome: 'claimed' });
    for (const one of entries) equal(await directory.find(one.realm, one.id), one);
    assert.equal(await directory.find('hasOwnProperty', 'x'), undefined);
    assert.equal(await directory.count(), NAMES.length ** 2);
  });

  it('keeps its own copy of an entry', async ({ a: { directory } }) => {
    const mine = { ...entry() };
    await directory.claim(mine);
    mine.node = 'altered';
    assert.equal((await directory.find('r', 'x'))?.node, 'a');
  });
}

function declareReservations(it: DeclareTest): void {
  it('reserves a released id for its protocol if it was claimed without a token', async ({ a: { directory } }) => {
    await directory.claim(entry({ protocol: 'p' }));
    equal(await directory.claim(entry({ protocol: 'q', node: 'b' }), 't'), { outcome: 'taken' });
    await directory.release('r', 'x', 'a', 1);
    for (const token of ['t', undefined]) {
      equal(await directory.claim(entry({ protocol: 'q', node: 'b' }), token), { outcome: 'taken' });
    }
    assert.equal(await directory.find('r', 'x'), undefined);
    assert.equal(await directory.count(), 0);
    equal(await directory.claim(entry({ protocol: 'q', realm: 'other' }), 't'), { outcome: 'claimed' });
    equal(await directory.claim(entry({ protocol: 'q', id: 'y' }), 't'), { outcome: 'claimed' });
    equal(await directory.claim(entry({ protocol: 'p', node: 'b', session: 2 })), { outcome: 'claimed' });
    await directory.release('r', 'x', 'b', 2);
    equal(await directory.claim(entry({ protocol: 'q' }), 't'), { outcome: 'taken' });
  });

  it('grants a released id to any protocol if it was claimed with a token', async ({ a: { directory } }) => {
    await directory.claim(entry({ protocol: 'p' }), 't');
    await directory.release('r', 'x', 'a', 1);
    equal(await directory.claim(entry({ protocol: 'q' }), 'u'), { outcome: 'claimed' });
  });

  it('reserves ids for their protocol that a restore releases', async ({ a: { directory } }) => {
    await directory.claim(entry({ id: 'gone' }));
    await directory.restore('a', [], () => false);
    const foreign = { entry: entry({ id: 'gone', protocol: 'q', node: 'b', session: 7 }), token: 't' };
    equal(await directory.claim(foreign.entry, 't'), { outcome: 'taken' });
    equal(await directory.reclaim([foreign]), [foreign.entry]);
    equal(await directory.reclaim([{ entry: entry({ id: 'gone', session: 2 }) }]), []);
    assert.equal((await directory.find('r', 'gone'))?.session, 2);
  });
}

function declareLists(it: DeclareTest): void {
  it('lists clients in pages, in the order of their claims', async ({ a: { directory } }) => {
    const ids = Array.from({ length: 25 }, (_, i) => `c${24 - i}`);
    for (const id of ids) await directory.claim(entry({ id }));
    await directory.claim(entry({ realm: 'other', id: 'o' }));
    const seen = await allPages(10, async (cursor) => {
      const page = await directory.list({ realm: 'r', limit: 10, cursor });
      // Clients that leave between two pages do not shift the next one.
      if (page.cursor !== undefined) await directory.release('r', page.items[0]?.id ?? '', 'a', 1);
      return page;
    });
    equal(idsOf(seen), ids);
    assert.equal((await directory.list({ limit: 100 })).items.length, 24);
  });

  it('filters clients by realm, protocol, node and the beginning of the id', async ({ a: { directory } }) => {
    const others = { id: 'abc', realm: 's', protocol: 'q', node: 'b' };
    for (const id of ['abc', 'ab', 'Abc', 'cab']) await directory.claim(entry({ id }));
    await directory.claim(entry(others));
    const list = async (filter: object) => idsOf((await directory.list({ limit: 10, ...filter })).items);
    for (const name of ['realm', 'protocol', 'node'] as const) equal(await list({ [name]: others[name] }), ['abc']);
    equal(await list({ idPrefix: 'ab' }), ['abc', 'ab', 'abc']);
    equal(await list({ idPrefix: 'ab', realm: 'r', protocol: 'p', node: 'a' }), ['abc', 'ab']);
    equal(await list({ idPrefix: 'ab', realm: 'r', protocol: 'q' }), []);
  });

  it('lists a client that has taken its id over in the place of its own claim', async ({ a: { directory } }) => {
    for (const id of ['x', 'y', 'z']) await directory.claim(entry({ id }), 't');
    await directory.claim(entry({ id: 'x', node: 'b' }), 't');
    const seen = await allPages(1, (cursor) => directory.list({ limit: 1, cursor }));
    equal(idsOf(seen), ['y', 'z', 'x']);
  });

  it('lists realms with their numbers of clients, sorted by name', async ({ a: { directory } }) => {
    for (const realm of ['b', 'a', '', 'B', 'gone']) await directory.claim(entry({ realm }));
    await directory.claim(entry({ realm: 'a', id: 'y' }), 't');
    await directory.claim(entry({ realm: 'a', id: 'y', node: 'b' }), 't');
    await directory.release('gone', 'x', 'a', 1);
    const realms = await allPages(3, (cursor) => directory.realms({ limit: 3, cursor }));
    equal(realms.map(({ realm, count }) => [realm, count]), [['', 1], ['B', 1], ['a', 2], ['b', 1]]); // prettier-ignore
    equal(await directory.realms({ limit: 1, cursor: 'Z' }), { items: [{ realm: 'a', count: 2 }], cursor: 'a' });
  });

  it('continues behind an empty page where it began', async ({ a: { directory } }) => {
    for (const id of ['a', 'b', 'c']) await directory.claim(entry({ id }));
    await continuesAfterEmptyPages((query) => directory.list(query));
  });

  for (const cursor of INVALID_CURSORS) {
    it(`rejects the cursor ${JSON.stringify(cursor)}`, async ({ a: { directory } }) => {
      await directory.claim(entry());
      await refused(directory.list({ limit: 10, cursor }), 'INVALID_REQUEST', {});
    });
  }
}

import assert from 'node:assert/strict';
import { DEFAULT_RETENTION, type EventJournal, type JournalPage } from '../../events/event-journal.js';
import type { RoomCreated } from '../../events/server-event.js';
import { equal, until } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

const FLUSH_MS = 5000;

/** Declares the tests of EventJournal. */
export function describeEventJournal(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'EventJournal', open, (it) => {
    declareReading(it);
    declareRetention(it);
    declareFollowing(it);
  });
}

/** An event of a node. Its room names it. */
function eventOf(node: string, room: string): RoomCreated {
  const id = `${Date.now().toString(36)}-${node}-${Buffer.from(room).toString('hex')}`;
  return { type: 'room.created', id, at: new Date().toISOString(), node, realm: '\ud800', room, name: '€\n' };
}

function append(journal: EventJournal, node: string, count: number, first = 0): RoomCreated[] {
  const events = Array.from({ length: count }, (_, at) => eventOf(node, String(first + at)));
  for (const event of events) journal.append(event);
  return events;
}

async function flush(...journals: readonly EventJournal[]): Promise<void> {
  const outcomes = await Promise.all(journals.map((journal) => journal.flush(FLUSH_MS)));
  equal(outcomes, journals.map(() => true)); // prettier-ignore
}

const eventsIn = ({ entries }: JournalPage): unknown[] => entries.map(({ event }) => event);

function declareReading(it: DeclareTest): void {
  it('shows the events of all nodes to all nodes in one order, in which those of a node are as it appended them', async ({
    a,
    b,
  }) => {
    const ofA = append(a.journal, 'a', 300);
    const ofB = append(b.journal, 'b', 300);
    await flush(a.journal, b.journal);
    const [seenByA, seenByB] = await Promise.all([a.journal.read(0, 1000), b.journal.read(0, 1000)]);
    equal(seenByA, seenByB);
    const of = (node: string): unknown[] => eventsIn(seenByA).filter((event) => (event as RoomCreated).node === node);
    equal([of('a'), of('b')], [ofA, ofB]);
    const positions = seenByA.entries.map(({ position }) => position);
    equal(positions, positions.map((_, at) => positions[0]! + at)); // prettier-ignore
  });

  it('reads page by page behind a position, and nothing behind the newest event', async ({ a, b }) => {
    const events = append(a.journal, 'a', 25);
    await flush(a.journal);
    const read: unknown[] = [];
    for (let after = 0, more = true; more;) {
      const { entries, isGap } = await b.journal.read(after, 10);
      assert.equal(isGap, false);
      assert.ok(entries.length <= 10);
      read.push(...entries.map(({ event }) => event));
      more = entries.length > 0;
      after = entries.at(-1)?.position ?? after;
      if (!more) assert.equal(after, await b.journal.newest());
    }
    equal(read, events);
  });

  it('finds an event by its id', async ({ a, b }) => {
    const events = append(a.journal, 'a', 50);
    await flush(a.journal);
    const position = await b.journal.find(events[30]!.id);
    assert.ok(position !== undefined);
    equal(eventsIn(await b.journal.read(position, 100)), events.slice(31));
    equal(await b.journal.find(`${events[30]!.id}0`), undefined);
    equal(await b.journal.find('no id\n'), undefined);
  });

  it('copies an event within the call', async ({ a, b }) => {
    const event = { ...eventOf('a', 'x') };
    a.journal.append(event);
    event.name = 'changed';
    await flush(a.journal);
    const [first] = eventsIn(await b.journal.read(0, 1));
    equal((first as RoomCreated).name, '€\n');
  });

  it('keeps the events of a node that has stopped', async ({ a, b }) => {
    const events = append(b.journal, 'b', 3);
    await b.stop();
    equal(eventsIn(await a.journal.read(0, 10)), events);
  });
}

function declareRetention(it: DeclareTest): void {
  const { maxEvents } = DEFAULT_RETENTION;

  it('keeps so many of the newest events, and shows a gap before them', async ({ a }) => {
    append(a.journal, 'a', 1);
    await flush(a.journal);
    const first = await a.journal.newest();
    for (let at = 0; at < maxEvents + 500; at += 500) {
      append(a.journal, 'a', 500, at);
      await flush(a.journal);
    }
    const { entries, isGap } = await a.journal.read(first, maxEvents * 2);
    assert.equal(isGap, true);
    // A journal may remove batches as a whole.
    assert.ok(entries.length >= maxEvents && entries.length < maxEvents + 500, String(entries.length));
    assert.equal(entries.at(-1)?.position, await a.journal.newest());
    assert.equal((await a.journal.read(entries[0]!.position, 1)).isGap, false);
  });

  it('keeps more events for a node that asks for it', async ({ a }) => {
    a.journal.retain({ maxEvents: maxEvents + 1000, maxAgeMs: 0 });
    const events = append(a.journal, 'a', 1);
    for (let at = 0; at < maxEvents + 500; at += 500) {
      append(a.journal, 'a', 500, at);
      await flush(a.journal);
    }
    equal(eventsIn(await a.journal.read(0, 1)), events);
  });
}

function declareFollowing(it: DeclareTest): void {
  it('calls followers with the events of all nodes from then on, in the order of the journal', async ({ a, b }) => {
    append(a.journal, 'a', 10);
    const heard: unknown[] = [];
    const following = a.journal.follow((page) => {
      assert.equal(page.isGap, false);
      heard.push(...page.entries);
    });
    await following.ready;
    const beginning = await a.journal.newest();
    append(a.journal, 'a', 300, 10);
    append(b.journal, 'b', 300);
    await flush(a.journal, b.journal);
    await until(() => heard.length >= 600);
    equal(heard, (await b.journal.read(beginning, 1000)).entries);
    following.stop();
  });

  it('calls every follower, and none that is stopped', async ({ a }) => {
    const heard: string[] = [];
    const [one, two] = ['one', 'two'].map((name) => a.journal.follow(() => heard.push(name)));
    await Promise.all([one!.ready, two!.ready]);
    append(a.journal, 'a', 1);
    await until(() => heard.length === 2);
    one!.stop();
    append(a.journal, 'a', 1, 1);
    await until(() => heard.length > 2);
    equal(heard.sort(), ['one', 'two', 'two']);
    two!.stop();
  });
}

import { MemoryEventJournal } from '../backplane/memory/memory-event-journal.js';
import { EventFeed } from './event-feed.js';
import type { ServerEvent } from './server-event.js';

describe('EventFeed', () => {
  it('lets other work have its turn while it replays a long journal to a reader that wants nothing of it', async () => {
    const journal = new MemoryEventJournal();
    for (let n = 0; n < 5000; n++) journal.append({ type: 'node.joined', id: `${n}`, at: '', node: 'a', realm: '' });
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const turnsOfPages: number[] = [];
    const events: ServerEvent[] = [];
    const feed = new EventFeed(journal).open('unknown', ({ entries }) => {
      events.push(...entries.map(({ event }) => event));
      // At the latest after a millisecond, the timer is due.
      for (const end = performance.now() + 2; performance.now() < end;);
      turnsOfPages.push(turns);
    });
    await feed.ready;
    clearInterval(count);
    feed.stop();
    expect(events).toHaveLength(5000);
    expect(new Set(turnsOfPages).size).toBeGreaterThan(5);
  });
});

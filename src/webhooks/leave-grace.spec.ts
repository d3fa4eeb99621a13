import { jest } from '@jest/globals';
import type { JournalEntry } from '../events/event-journal.js';
import type { ServerEvent } from '../events/server-event.js';
import { LeaveGrace } from './leave-grace.js';

const GRACE_MS = 1000;

let position = 0;

/** An event of a client, a time after the beginning. */
function entryOf(type: 'connected' | 'disconnected', client: string, atMs: number, user?: string): JournalEntry {
  position++;
  const at = new Date(atMs).toISOString();
  const event = { type: `client.${type}`, id: `${position}`, at, node: 'a', realm: 'default', client, user };
  return { position, event: event as unknown as ServerEvent };
}

describe('LeaveGrace', () => {
  let released: JournalEntry[];
  let grace: LeaveGrace;
  let options: { leaveGraceMs: number };

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    released = [];
    options = { leaveGraceMs: GRACE_MS };
    grace = new LeaveGrace(options, (entry) => released.push(entry));
  });
  afterEach(() => jest.useRealTimers());

  it('releases what it holds after the grace, in order', () => {
    const [one, two] = [entryOf('disconnected', 'a', 0), entryOf('disconnected', 'b', 400)];
    expect([grace.takes(one), grace.takes(two)]).toEqual([true, true]);
    expect([grace.size, grace.first]).toEqual([2, one.position]);
    jest.advanceTimersByTime(GRACE_MS - 1);
    expect(released).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(released).toEqual([one]);
    jest.advanceTimersByTime(400);
    expect(released).toEqual([one, two]);
    expect([grace.size, grace.first]).toEqual([0, undefined]);
  });

  it('holds the events of one user with very many clients at little cost', () => {
    const startedAt = jest.getRealSystemTime();
    for (let n = 0; n < 100_000; n++) grace.takes(entryOf('disconnected', `${n}`, 0, 'ann'));
    expect(grace.size).toBe(100_000);
    expect(jest.getRealSystemTime() - startedAt).toBeLessThan(4000);
  });

  it('drops the pair if the same id or the same user is back in time', () => {
    grace.takes(entryOf('disconnected', 'a', 0));
    grace.takes(entryOf('disconnected', 'b', 0, 'ann'));
    expect(grace.takes(entryOf('connected', 'a', 500))).toBe(true);
    expect(grace.takes(entryOf('connected', 'c', 500, 'ann'))).toBe(true);
    // There is only one pair.
    expect(grace.takes(entryOf('connected', 'a', 600))).toBe(false);
    jest.advanceTimersByTime(2 * GRACE_MS);
    expect(released).toEqual([]);
  });

  it('keeps other ids, users and realms apart', () => {
    const left = entryOf('disconnected', 'a', 0, 'ann');
    grace.takes(left);
    const elsewhere = entryOf('connected', 'a', 100, 'ann');
    Object.assign(elsewhere.event, { realm: 'other' });
    for (const entry of [elsewhere, entryOf('connected', 'b', 100, 'bob'), entryOf('connected', 'ann', 100)]) {
      expect(grace.takes(entry)).toBe(false);
    }
    jest.advanceTimersByTime(GRACE_MS);
    expect(released).toEqual([left]);
  });

  it('releases before a later event by the times of the events, however late they are read', () => {
    const left = entryOf('disconnected', 'a', 0);
    grace.takes(left);
    expect(grace.takes(entryOf('connected', 'a', GRACE_MS))).toBe(false);
    expect(released).toEqual([left]);
  });

  it('holds nothing without a grace, and releases what it holds when a reload ends the grace', () => {
    const left = entryOf('disconnected', 'a', 0);
    grace.takes(left);
    options.leaveGraceMs = 0;
    expect(grace.takes(entryOf('disconnected', 'b', 1))).toBe(false);
    expect(released).toEqual([left]);
    expect(grace.takes(entryOf('connected', 'b', 2))).toBe(false);
  });
});

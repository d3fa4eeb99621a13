import { jest } from '@jest/globals';
import { MemoryEventCursors } from '../backplane/memory/memory-event-cursors.js';
import { ReaderLease } from './reader-lease.js';

describe('ReaderLease', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('leaves the reader to other nodes after it was stopped, also when a delivery ends only then', async () => {
    const cursors = new MemoryEventCursors();
    const tenure = { begin: () => Promise.resolve(), end: () => undefined, state: () => 'state' };
    const lease = new ReaderLease(cursors, 'reader', 'node-1', tenure);
    await lease.start();
    expect(lease.isValid).toBe(true);
    await lease.stop();
    lease.saveSoon();
    await jest.advanceTimersByTimeAsync(1000);
    expect([lease.isValid, jest.getTimerCount()]).toEqual([false, 0]);
    expect(await cursors.claim('reader', 'node-2', 1000)).toEqual({ state: 'state' });
  });
});

import { SharedWork } from './shared-work.js';

describe('shared work', () => {
  it('goes on until the last one who waits has gone', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const work = new SharedWork<never>(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const outcomes = Promise.allSettled([work.join(first.signal), work.join(second.signal)]);
    first.abort();
    expect(work.isAborted).toBe(false);
    second.abort();
    expect(work.isAborted).toBe(true);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('is not aborted while one waits that cannot go', async () => {
    const gone = new AbortController();
    const work = new SharedWork(() => Promise.resolve(1));
    const outcomes = Promise.all([work.join(gone.signal), work.join()]);
    gone.abort();
    expect(work.isAborted).toBe(false);
    expect(await outcomes).toEqual([1, 1]);
  });
});

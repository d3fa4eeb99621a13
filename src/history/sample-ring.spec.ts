import { columnsOf, type Sample } from './sample.js';
import { SampleRing } from './sample-ring.js';

function sample(time: number, members: Partial<Sample> = {}): Sample {
  return {
    time,
    connects: 0,
    disconnects: new Map(),
    refusals: new Map(),
    framesIn: 0,
    framesOut: 0,
    handlingP99Ms: null,
    eventLoopDelayP99Ms: 20,
    rssBytes: 1,
    clients: 0,
    rooms: 0,
    backplaneUp: 1,
    ...members,
  };
}

describe('the samples of a node', () => {
  const timesOf = (ring: SampleRing, since = 0) => ring.since(since).map(({ time }) => time);

  it('are the latest ones', () => {
    const ring = new SampleRing(3);
    for (let time = 5; time <= 50; time += 5) ring.add(sample(time));
    expect(timesOf(ring)).toEqual([40, 45, 50]);
    expect(ring.newest).toBe(50);
  });

  it('are those after a time', () => {
    const ring = new SampleRing(3);
    for (const time of [5, 10, 15]) ring.add(sample(time));
    expect(timesOf(ring, 10)).toEqual([15]);
    expect(timesOf(ring, 15)).toEqual([]);
  });

  it('have ascending times when the clock is set back', () => {
    const ring = new SampleRing(10);
    for (const time of [100, 105, 110, 103, 108]) ring.add(sample(time));
    expect(timesOf(ring)).toEqual([100, 103, 108]);
  });

  it('are none after clear', () => {
    const ring = new SampleRing(3);
    ring.add(sample(5));
    ring.clear();
    expect(timesOf(ring)).toEqual([]);
    expect(ring.newest).toBeUndefined();
  });

  it('are sent by columns, with 0 for names that a sample does not have', () => {
    const first = sample(5, { connects: 3, disconnects: new Map([['too slow', 2]]), handlingP99Ms: 0.2 });
    const second = sample(10, { disconnects: new Map([['removed', 1]]), refusals: new Map([['429', 7]]) });
    expect(columnsOf([first, second])).toMatchObject({
      time: [5, 10],
      connects: [3, 0],
      disconnects: { removed: [0, 1], 'too slow': [2, 0] },
      refusals: { 429: [0, 7] },
      handlingP99Ms: [0.2, null],
    });
  });

  it('of 50 busy nodes for 15 minutes are less than a megabyte of JSON', () => {
    const reasons = ['closed by client', 'connection lost', 'idle', 'too slow', 'rate exceeded', 'removed'];
    const disconnects = new Map(reasons.map((reason, at) => [reason, 10 + at]));
    const refusals = new Map(['401', '404', '429', '503'].map((status) => [status, 100]));
    const members = { disconnects, refusals, connects: 500, framesIn: 50_000, framesOut: 50_000, handlingP99Ms: 0.123 };
    const busy = { ...members, eventLoopDelayP99Ms: 21.5, rssBytes: 900_000_000, clients: 10_000, rooms: 5000 };
    const samples = Array.from({ length: 180 }, (_, at) => sample(1_769_860_800 + at * 5, busy));
    expect(JSON.stringify(columnsOf(samples)).length * 50).toBeLessThan(1_000_000);
  });
});

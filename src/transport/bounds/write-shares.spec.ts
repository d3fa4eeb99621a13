import { WriteShares } from './write-shares.js';

describe('WriteShares', () => {
  const shares = () => new WriteShares({ maxBufferedBytes: 800, maxSharePerSender: 50 });

  it('notes nobody while little waits', () => {
    const its = shares();
    for (let written = 0; written < 5000; written += 100) expect(its.admit('ann', 100, written, 0)).toBe(true);
  });

  it('gives one sender its share, and others theirs', () => {
    const its = shares();
    const written = [0, 100, 200, 300, 400].map((waiting) => its.admit('eve', 100, waiting, waiting));
    expect(written).toEqual([true, true, true, true, true]);
    expect(its.admit('eve', 100, 500, 500)).toBe(false);
    expect(its.admit('ann', 100, 500, 500)).toBe(true);
  });

  it('gives back what the client has read', () => {
    const its = shares();
    expect(its.admit('eve', 400, 0, 0)).toBe(true);
    expect(its.admit('eve', 1, 400, 400)).toBe(false);
    expect(its.admit('eve', 1, 400, 100)).toBe(false);
    expect(its.admit('eve', 1, 400, 0)).toBe(true);
  });

  it('gives all back to a client that has read all, although a frame was shorter than its estimate', () => {
    const its = shares();
    expect(its.admit('eve', 1000, 0, 0)).toBe(true);
    expect(its.admit('eve', 1000, 900, 0)).toBe(true);
    expect(its.admit('eve', 1, 1800, 900)).toBe(false);
  });

  it('lets a signal through that is larger than a share, and counts it as no more than the share', () => {
    const its = shares();
    expect(its.admit('eve', 1000, 0, 0)).toBe(true);
    expect(its.excess(1000, 1000)).toBe(600);
    expect(its.admit('eve', 1, 1000, 1000)).toBe(false);
    expect(its.excess(1000, 0)).toBe(0);
  });
});

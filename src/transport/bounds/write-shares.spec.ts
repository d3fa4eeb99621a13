import { WriteShares } from './write-shares.js';

describe('WriteShares', () => {
  const shares = () => new WriteShares({ maxBufferedBytes: 800, maxSharePerSender: 50 });

  it('tracks no sender while few bytes wait', () => {
    const its = shares();
    for (let written = 0; written < 5000; written += 100) expect(its.admit('ann', 100, written, 0)).toBe(true);
  });

  it('limits each sender to its own share', () => {
    const its = shares();
    const written = [0, 100, 200, 300, 400].map((waiting) => its.admit('eve', 100, waiting, waiting));
    expect(written).toEqual([true, true, true, true, true]);
    expect(its.admit('eve', 100, 500, 500)).toBe(false);
    expect(its.admit('ann', 100, 500, 500)).toBe(true);
  });

  it('restores the share as the client reads', () => {
    const its = shares();
    expect(its.admit('eve', 400, 0, 0)).toBe(true);
    expect(its.admit('eve', 1, 400, 400)).toBe(false);
    expect(its.admit('eve', 1, 400, 100)).toBe(false);
    expect(its.admit('eve', 1, 400, 0)).toBe(true);
  });

  it('restores the whole share once the client has read everything, even if a frame was shorter than estimated', () => {
    const its = shares();
    expect(its.admit('eve', 1000, 0, 0)).toBe(true);
    expect(its.admit('eve', 1000, 900, 0)).toBe(true);
    expect(its.admit('eve', 1, 1800, 900)).toBe(false);
  });

  it('admits a signal larger than a share, and counts it as one share', () => {
    const its = shares();
    expect(its.admit('eve', 1000, 0, 0)).toBe(true);
    expect(its.excess(1000, 1000)).toBe(600);
    expect(its.admit('eve', 1, 1000, 1000)).toBe(false);
    expect(its.excess(1000, 0)).toBe(0);
  });
});

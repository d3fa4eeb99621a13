import { Budget } from './budget.js';

const LIMITS = { framesPerSecond: 200, frameBurst: 1000 };

/** Sends small frames at one moment until one is refused. */
function flood(budget: Budget, now: number): number {
  let admitted = 0;
  while (budget.take(10, now)) admitted++;
  return admitted;
}

describe('Budget', () => {
  it('admits a burst at once, then frames at the rate', () => {
    const budget = new Budget(LIMITS, 0);
    for (let i = 0; i < 1000; i++) budget.take(10, 0);
    expect(budget.debtMs(0)).toBe(0);
    for (let i = 0; i < 200; i++) budget.take(10, 1000);
    expect(budget.debtMs(1000)).toBe(0);
    budget.take(10, 1000);
    expect(budget.debtMs(1000)).toBe(5);
    expect(budget.debtMs(1005)).toBe(0);
  });

  it('queues two seconds of frames, then refuses', () => {
    expect(flood(new Budget(LIMITS, 0), 0)).toBe(1000 + 398);
    expect(flood(new Budget({ framesPerSecond: 1, frameBurst: 20 }, 0), 0)).toBe(20);
  });

  it('never holds more than a burst', () => {
    const budget = new Budget(LIMITS, 0);
    expect(flood(budget, 3_600_000)).toBe(1000 + 398);
  });

  it('charges a large frame by its size', () => {
    const budget = new Budget(LIMITS, 0);
    for (let i = 0; i < 10; i++) budget.take(99 * 16_384, 0);
    expect(budget.debtMs(0)).toBe(0);
    budget.take(39 * 16_384, 0);
    expect(budget.debtMs(0)).toBe(200);
  });

  it('refuses no frame for the cost of an earlier one', () => {
    const budget = new Budget({ framesPerSecond: 1, frameBurst: 20 }, 0);
    budget.charge(1_000_000, 0);
    expect(budget.debtMs(0)).toBe(20_000);
    for (let i = 0; i < 20; i++) expect(budget.take(10, 0)).toBe(true);
    expect(budget.take(10, 0)).toBe(false);
  });

  it('refuses a sender that stays in debt ten seconds longer than any debt lasts', () => {
    const budget = new Budget(LIMITS, 0);
    let now = 0;
    do {
      budget.charge(1000, now);
      now += budget.debtMs(now);
    } while (budget.take(10, now));
    expect(now).toBe(20_000);
  });

  it('forgets a paid debt after a second', () => {
    const budget = new Budget(LIMITS, 0);
    for (let now = 0; now < 60_000; now += 11_000) {
      for (let i = 0; i < 1390; i++) expect(budget.take(10, now)).toBe(true);
    }
  });
});

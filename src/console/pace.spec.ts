interface PaceModule {
  Pace: new (perSecond: number) => { turn(isUrgent: boolean): Promise<void> };
}

/** A module of the page, of which TypeScript knows no types. */
const MODULE = ['./public', 'pace.js'].join('/');
const { Pace } = (await import(MODULE)) as PaceModule;

const PER_SECOND = 2;

describe('the pace of the console', () => {
  it('lets no more requests start in any second, urgent ones first', async () => {
    const pace = new Pace(PER_SECOND);
    const starts: { readonly name: string; readonly at: number }[] = [];
    const start = async (name: string, isUrgent: boolean): Promise<void> => {
      await pace.turn(isUrgent);
      starts.push({ name, at: performance.now() });
    };
    const refreshes = ['a', 'b', 'c', 'd'].map((name) => start(name, false));
    await Promise.all([...refreshes, start('urgent', true)]);
    expect(starts.map(({ name }) => name)).toEqual(['a', 'b', 'urgent', 'c', 'd']);
    for (const [at, { at: time }] of starts.entries()) {
      const before = starts[at - PER_SECOND];
      // Timers count in whole milliseconds.
      if (before) expect(time - before.at).toBeGreaterThan(990);
    }
  });
});

import { Backplane } from './backplane.js';

class TestBackplane extends Backplane {
  override readonly isAvailable = true;

  reconcile(): Promise<void> {
    return this.reconcileServices();
  }
}

describe('Backplane', () => {
  it('runs the steps of a reconciliation one after the other', async () => {
    const backplane = new TestBackplane();
    const events: string[] = [];
    for (const step of ['clients', 'rooms']) {
      backplane.onReconnect(async () => {
        events.push(`${step} begin`);
        await Promise.resolve();
        events.push(`${step} end`);
      });
    }
    await backplane.reconcile();
    expect(events).toEqual(['clients begin', 'clients end', 'rooms begin', 'rooms end']);
  });

  it('stops at a step that fails, and begins with the first one when it is called again', async () => {
    const backplane = new TestBackplane();
    const runs: string[] = [];
    let fails = true;
    backplane.onReconnect(() => {
      runs.push('clients');
      return fails ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    backplane.onReconnect(() => {
      runs.push('rooms');
      return Promise.resolve();
    });
    await expect(backplane.reconcile()).rejects.toThrow('away');
    expect(runs).toEqual(['clients']);
    fails = false;
    await backplane.reconcile();
    expect(runs).toEqual(['clients', 'clients', 'rooms']);
  });
});

import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TurnLoad } from '../../common/turn-load.js';
import { PacedQueue, type QueueOwner } from './paced-queue.js';

const RICH = { framesPerSecond: 100_000, frameBurst: 100_000 };

class Owner extends EventTarget implements QueueOwner {
  delays = 0;

  failed(error: unknown): void {
    throw error;
  }

  delayed(): void {
    this.delays++;
  }

  idle(): void {
    this.dispatchEvent(new Event('idle'));
  }
}

describe('PacedQueue', () => {
  it('leaves the work of other senders to a later turn after expensive work', async () => {
    const turns = new TurnLoad();
    const done: string[] = [];
    const [ann, bob] = [new Owner(), new Owner()];
    const [first, second] = [ann, bob].map((owner) => new PacedQueue(owner, RICH, undefined, turns));
    first!.add(() => {
      first!.charge(1000);
      done.push('ann');
    });
    const idle = once(bob, 'idle');
    second!.add(() => void done.push('bob'));
    expect(done).toEqual(['ann']);
    expect(bob.delays).toBe(1);
    await idle;
    expect(done).toEqual(['ann', 'bob']);
  });

  it('does work at once in a turn without expensive work, and after such a turn', async () => {
    const turns = new TurnLoad();
    const done: string[] = [];
    const queue = new PacedQueue(new Owner(), RICH, undefined, turns);
    queue.add(() => void done.push('first'));
    expect(done).toEqual(['first']);
    turns.add(1000);
    await nextTurn();
    queue.add(() => void done.push('second'));
    expect(done).toEqual(['first', 'second']);
  });
});

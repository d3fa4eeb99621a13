import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { MessageBus } from './message-bus.js';
import { NodeCalls } from './node-calls.js';
import { NodeIdentity } from './node-identity.js';

/** A bus whose store is stuck: sending takes longer than the time limit of a call. */
class StuckBus extends MessageBus {
  override async send(): Promise<boolean> {
    await sleep(50);
    return true;
  }

  override nodes(): Promise<string[]> {
    return Promise.resolve(['here', 'there']);
  }
}

it('rejects a call that times out while it is being sent, without an unhandled rejection', async () => {
  // The process object of Jest's sandbox does not emit this event.
  const process = runInThisContext('process') as NodeJS.Process;
  const unhandled: unknown[] = [];
  const record = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', record);
  try {
    const calls = new NodeCalls(new StuckBus(), new NodeIdentity('here'));
    await expect(calls.call('there', 'status', null, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await sleep(0);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', record);
  }
});

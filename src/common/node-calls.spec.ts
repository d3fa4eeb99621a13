import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { MessageBus } from './message-bus.js';
import { NodeCalls } from './node-calls.js';
import { NodeIdentity } from './node-identity.js';

/** A bus whose store is stuck: handing a message over takes longer than an answer may. */
class StuckBus extends MessageBus {
  override async send(): Promise<boolean> {
    await sleep(50);
    return true;
  }

  override nodes(): Promise<string[]> {
    return Promise.resolve(['here', 'there']);
  }
}

it('a call whose time is up before it is handed over fails for its caller only', async () => {
  // That of Jest's sandbox emits no such events.
  const process = runInThisContext('process') as NodeJS.Process;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const calls = new NodeCalls(new StuckBus(), new NodeIdentity('here'));
    await expect(calls.call('there', 'status', null, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await sleep(0);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

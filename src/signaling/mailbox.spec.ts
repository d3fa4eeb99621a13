import { jest } from '@jest/globals';
import { MemoryOfflineQueue } from '../backplane/memory/memory-offline-queue.js';
import { ClientsHere } from '../clients/clients-here.js';
import { DomainError, type DomainErrorCode } from '../common/domain-error.js';
import type { Signal } from '../common/signal.js';
import { Config } from '../config/config.js';
import { Mailbox } from './mailbox.js';
import type { SignalRouter } from './signal-router.js';

const REALM = 'realm';
const signal = (from: string): Signal => ({ kind: 'offer', from });

describe('a mailbox whose target connects to another node while a signal is being queued', () => {
  let queue: MemoryOfflineQueue;
  let mailbox: Mailbox;
  let forwarded: string[];
  /** Errors of forwarding, by the sender of the signal. */
  let errors: Map<string, DomainErrorCode>;

  beforeEach(() => {
    const config = Object.assign(new Config(), { queueTtlMs: 60_000 });
    queue = new MemoryOfflineQueue(config, config);
    forwarded = [];
    errors = new Map();
    const router = {
      isConnected: () => Promise.resolve(true),
      addressGroupOf: () => Promise.resolve(undefined),
      deliver: async (_: string, to: string, { kind, from }: Signal) => {
        const code = kind === 'expire' ? undefined : errors.get(from);
        if (code) throw new DomainError(code, {});
        forwarded.push(`${kind} from ${from} to ${to}`);
        return Promise.resolve(true);
      },
    };
    mailbox = new Mailbox(queue, router as unknown as SignalRouter, new ClientsHere(), config, config, config);
  });

  async function put(...senders: string[]): Promise<void> {
    const earlier = senders.slice(0, -1);
    for (const from of earlier) await queue.put({ realm: REALM, to: 'bob', signal: signal(from) });
    expect(await mailbox.put({ realm: REALM, to: 'bob', signal: signal(senders.at(-1)!) })).toBe(true);
  }

  it('forwards all signals in order', async () => {
    await put('ann', 'cleo', 'dan');
    expect(forwarded).toEqual(['offer from ann to bob', 'offer from cleo to bob', 'offer from dan to bob']);
    expect(await queue.count()).toBe(0);
  });

  it('queues the rest again if the target’s node cannot be reached', async () => {
    errors.set('cleo', 'UNAVAILABLE');
    await put('ann', 'cleo', 'dan');
    expect(forwarded).toEqual(['offer from ann to bob']);
    expect((await queue.take(REALM, 'bob')).map(({ from }) => from)).toEqual(['cleo', 'dan']);
  });

  it.each(['TARGET_BUSY', 'UNSUPPORTED_BY_TARGET'] as const)(
    'lets a signal expire after %s, and forwards the rest',
    async (code) => {
      errors.set('cleo', code);
      await put('ann', 'cleo', 'dan');
      expect(forwarded).toEqual(['offer from ann to bob', 'expire from bob to cleo', 'offer from dan to bob']);
      expect(await queue.count()).toBe(0);
    },
  );

  it('lets the rest expire if it cannot be queued again', async () => {
    jest.useFakeTimers();
    try {
      errors.set('cleo', 'UNAVAILABLE');
      const enqueue = queue.put.bind(queue);
      const taken = jest.spyOn(queue, 'take');
      jest.spyOn(queue, 'put').mockImplementation((waiting) => {
        if (taken.mock.calls.length > 0) return Promise.reject(new DomainError('UNAVAILABLE', {}));
        return enqueue(waiting);
      });
      await put('ann', 'cleo', 'dan');
      await mailbox.expireDue();
      expect(forwarded).toEqual(['offer from ann to bob']);
      jest.advanceTimersByTime(60_000);
      await mailbox.expireDue();
      expect(forwarded.slice(1)).toEqual(['expire from bob to cleo', 'expire from bob to dan']);
    } finally {
      jest.useRealTimers();
    }
  });
});

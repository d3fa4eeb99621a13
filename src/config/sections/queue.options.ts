import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS, KIB, MIB, GIB, MILLION } from '../units.js';

/** Bounds of the queue of signals to absent clients. */
export class QueueOptions {
  @Option('Time that a signal waits for an absent client.', {
    section: 'Absent clients',
    unit: 'ms',
    aliases: ['expire_timeout', 't'],
  })
  @Integer(1, DAY_MS)
  readonly queueTtlMs: number = 5000;

  @Option('Time between two searches for signals that have waited too long.', {
    unit: 'ms',
    aliases: ['cleanup_out_msgs'],
  })
  @Integer(1, DAY_MS)
  readonly queueSweepMs: number = 1000;

  @Option('Signals that may wait for one client; 0 is none.', { unit: 'messages' })
  @Integer(0, MILLION)
  readonly maxQueuedPerTarget: number = 100;

  @Option('Size of the signals that may wait for one client.', { unit: 'bytes' })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerTarget: number = 512 * KIB;

  @Option('Signals of one client that may wait; 0 is none.', { unit: 'messages' })
  @Integer(0, MILLION)
  readonly maxQueuedPerSender: number = 100;

  @Option('Size of the signals of one client that may wait.', { unit: 'bytes' })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerSender: number = 512 * KIB;

  @Option('Signals that may wait in all; 0 is none.', { unit: 'messages' })
  @Integer(0, 100 * MILLION)
  readonly maxQueued: number = 100_000;

  @Option('Size of the signals that may wait in all.', { unit: 'bytes' })
  @Integer(0, 64 * GIB)
  readonly maxQueuedBytes: number = 64 * MIB;
}

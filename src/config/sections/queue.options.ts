import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS, GIB, KIB, MIB, MILLION } from '../units.js';

/** Bounds of the queue of signals to absent clients. */
export class QueueOptions {
  @Option('Time before a signal to an absent client expires.', {
    section: 'Absent clients',
    unit: 'ms',
    aliases: ['expire_timeout', 't'],
  })
  @Integer(1, DAY_MS)
  readonly queueTtlMs: number = 5000;

  @Option('Interval between searches for expired signals.', {
    unit: 'ms',
    aliases: ['cleanup_out_msgs'],
  })
  @Integer(1, DAY_MS)
  readonly queueSweepMs: number = 1000;

  @Option('Maximum number of signals queued for one client; 0 disables the queue.', {
    unit: 'messages',
    reloadable: true,
  })
  @Integer(0, MILLION)
  readonly maxQueuedPerTarget: number = 100;

  @Option('Maximum size of the signals queued for one client.', { unit: 'bytes', reloadable: true })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerTarget: number = 512 * KIB;

  @Option('Maximum number of queued signals from one client; 0 disables the queue.', {
    unit: 'messages',
    reloadable: true,
  })
  @Integer(0, MILLION)
  readonly maxQueuedPerSender: number = 100;

  @Option('Maximum size of the queued signals from one client.', { unit: 'bytes', reloadable: true })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerSender: number = 512 * KIB;

  @Option('Maximum number of queued signals in total; 0 disables the queue.', { unit: 'messages', reloadable: true })
  @Integer(0, 100 * MILLION)
  readonly maxQueued: number = 100_000;

  @Option('Maximum size of the queued signals in total.', { unit: 'bytes', reloadable: true })
  @Integer(0, 64 * GIB)
  readonly maxQueuedBytes: number = 64 * MIB;
}

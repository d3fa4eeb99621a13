import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How dead connections are detected. */
export class HeartbeatOptions {
  @Option('Interval between pings of a connection; at most two fifths of deadAfterMs.', {
    section: 'Heartbeat',
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly pingIntervalMs: number = 25_000;

  @Option('Time without any data after which a connection is closed as dead.', {
    unit: 'ms',
    aliases: ['alive_timeout'],
  })
  @Integer(1, DAY_MS)
  readonly deadAfterMs: number = 60_000;

  @Option(
    'Time within which the owner of an id must answer a ping when another PeerJS client requests the id. Otherwise the other client gets it.',
    { unit: 'ms' },
  )
  @Integer(1, 60_000)
  readonly ownerTimeoutMs: number = 2000;
}

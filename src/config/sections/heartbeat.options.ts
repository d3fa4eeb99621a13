import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How dead connections are detected. */
export class HeartbeatOptions {
  @Option('Time between two pings of a connection; shortened to two fifths of deadAfterMs if it is longer.', {
    section: 'Heartbeat',
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly pingIntervalMs: number = 25_000;

  @Option('Silence after which a connection is closed as dead.', { unit: 'ms', aliases: ['alive_timeout'] })
  @Integer(1, DAY_MS)
  readonly deadAfterMs: number = 60_000;

  @Option(
    'Time that the owner of an id has for a sign of life when another PeerJS client asks for the id, which else is that one’s.',
    { unit: 'ms' },
  )
  @Integer(1, 60_000)
  readonly ownerTimeoutMs: number = 2000;
}

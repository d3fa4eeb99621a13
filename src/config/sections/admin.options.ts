import { Option } from '../option.js';
import { AdminTokens, Integer } from '../rules.js';
import { DAY_MS, MIB, GIB } from '../units.js';

/** The admin API, metrics and health checks. */
export class AdminOptions {
  @Option(
    'Tokens of the admin API, each as NAME:ROLE:TOKEN with the role read or operate; TOKEN may be sha256: and its SHA-256 in hex.',
    { section: 'Administration', secret: true },
  )
  @AdminTokens()
  readonly adminTokens: readonly string[] = [];

  @Option(
    'Port of its own for /metrics, open to everybody who reaches it; 0 is the port of everything else, where it is open to this machine and admin tokens.',
  )
  @Integer(0, 65_535)
  readonly metricsPort: number = 0;

  @Option('Memory (RSS) above which the server says that it is not ready.', { unit: 'bytes' })
  @Integer(64 * MIB, 1024 * GIB)
  readonly maxRssBytes: number = 4 * GIB;

  @Option('Delay of the event loop (99th percentile) above which the server says that it is not ready.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly maxEventLoopDelayMs: number = 1000;
}

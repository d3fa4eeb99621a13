import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How the server stops. */
export class ShutdownOptions {
  @Option('Time within which a stopping server closes its connections.', { section: 'Shutdown', unit: 'ms' })
  @Integer(0, DAY_MS)
  readonly shutdownTimeoutMs: number = 30_000;
}

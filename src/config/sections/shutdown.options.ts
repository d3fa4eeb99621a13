import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS } from '../units.js';

/** How the server stops. */
export class ShutdownOptions {
  @Option('Time that a stopping server gives its connections to end.', { section: 'Shutdown', unit: 'ms' })
  @Integer(0, DAY_MS)
  readonly shutdownTimeoutMs: number = 30_000;
}

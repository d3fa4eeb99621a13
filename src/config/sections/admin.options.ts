import { SecretFile } from '../file-rules.js';
import { Option } from '../option.js';
import { AdminTokens, Integer, Text } from '../rules.js';
import { DAY_MS, GIB, MIB } from '../units.js';

/** The admin API, metrics and health checks. */
export class AdminOptions {
  @Option(
    'Tokens of the admin API, each as NAME:ROLE:TOKEN with the role read or operate. TOKEN may be "sha256:" followed by the hex SHA-256 hash of the token. With realms behind it (NAME:ROLE:TOKEN:REALM,REALM), it sees only these.',
    { section: 'Administration', secret: true, reloadable: true },
  )
  @AdminTokens()
  readonly adminTokens: readonly string[] = [];

  @Option('File with the value of adminTokens: one in each line.', { reloadable: true })
  @SecretFile('adminTokens')
  readonly adminTokensFile: string = '';

  @Option(
    'Separate port for the admin API, /docs, /console, /metrics and /health, over TLS if the server has a certificate. The main port then serves /health alone of these. With 0, all are on the main port.',
  )
  @Integer(0, 65_535)
  readonly adminPort: number = 0;

  @Option('Address that adminPort listens on, such as 127.0.0.1; empty means that of host.')
  @Text({ maxLength: 255, matches: /^\S*$/, allowed: 'an address or host name without spaces' })
  readonly adminHost: string = '';

  @Option(
    'Separate port for /metrics without access control. With 0, /metrics is where the admin API is and needs an admin token, except from this machine.',
  )
  @Integer(0, 65_535)
  readonly metricsPort: number = 0;

  @Option('Resident memory (RSS) above which the server reports that it is not ready.', {
    unit: 'bytes',
    reloadable: true,
  })
  @Integer(64 * MIB, 1024 * GIB)
  readonly maxRssBytes: number = 4 * GIB;

  @Option('Event loop delay (99th percentile) above which the server reports that it is not ready.', {
    unit: 'ms',
    reloadable: true,
  })
  @Integer(1, DAY_MS)
  readonly maxEventLoopDelayMs: number = 1000;
}

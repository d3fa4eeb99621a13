import { Option } from '../option.js';
import {
  CorsEntries,
  Hosts,
  Integer,
  MountPath,
  PortOrPath,
  ReadableFile,
  Text,
  TextList,
  TogetherWith,
  TrustedProxies,
} from '../rules.js';
import { DAY_MS } from '../units.js';

/** Where the server listens, and how clients, proxies and pages reach it. */
export class ServerOptions {
  @Option('Address to listen on; "::" is all addresses, IPv4 and IPv6.', { section: 'Server', aliases: ['H'] })
  @Text({ minLength: 1, maxLength: 255, matches: /^\S+$/, allowed: 'an address or host name without spaces' })
  readonly host: string = '::';

  @Option(
    'Port to listen on; 0 is any free port. Or the path of a Unix socket or Windows pipe, and host is not used.',
    {
      aliases: ['p'],
      envAliases: ['PORT'],
    },
  )
  @PortOrPath()
  readonly port: number | string = 9000;

  @Option('Name of this node in logs and in the directory; empty is the host name with a random suffix.')
  @Text({ maxLength: 128, matches: /^[\w.-]*$/, allowed: 'letters, digits, ".", "_" and "-"' })
  readonly nodeName: string = '';

  @Option(
    'Proxies whose X-Forwarded-For is believed: true (all), false (none), a number of hops, or addresses and subnets.',
  )
  @TrustedProxies()
  readonly proxied: boolean | number | string = false;

  @Option(
    'Origins whose pages may use the server, such as https://example.com, https://*.example.com (its subdomains), null (pages without an origin) or * (all); empty is any origin.',
  )
  @TextList({ maxItems: 1000, maxLength: 256 })
  @CorsEntries()
  readonly cors: readonly string[] = [];

  @Option(
    'Names by which browsers reach the server; if given, requests for other names get 421, and only pages of these are its own. Addresses and localhost are always served.',
  )
  @Hosts()
  readonly hosts: readonly string[] = [];

  @Option(
    'Path below which a proxy in front serves everything, whether the proxy passes it on or removes it; nothing below it may have its name.',
  )
  @MountPath({ mayBeRoot: true })
  readonly basePath: string = '';

  @Option('Private key of the TLS certificate, PEM; with it the server speaks https and wss.')
  @ReadableFile()
  @TogetherWith('sslcert')
  readonly sslkey: string = '';

  @Option('TLS certificate with its chain, PEM.')
  @ReadableFile()
  readonly sslcert: string = '';

  @Option(
    'Time that an idle connection of HTTP is kept open for a further request; longer than the one of a proxy in front.',
    { unit: 'ms' },
  )
  @Integer(1, DAY_MS)
  readonly keepAliveTimeoutMs: number = 75_000;
}

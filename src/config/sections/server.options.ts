import { ReadableFile } from '../file-rules.js';
import { Option } from '../option.js';
import {
  CorsEntries,
  Hosts,
  Integer,
  MountPath,
  PortOrPath,
  Text,
  TextList,
  TogetherWith,
  TrustedProxies,
} from '../rules.js';
import { DAY_MS } from '../units.js';

/** Where the server listens, and how clients, proxies and pages reach it. */
export class ServerOptions {
  @Option('Address to listen on; "::" means all IPv4 and IPv6 addresses.', { section: 'Server', aliases: ['H'] })
  @Text({ minLength: 1, maxLength: 255, matches: /^\S+$/, allowed: 'an address or host name without spaces' })
  readonly host: string = '::';

  @Option(
    'Port to listen on; 0 picks a free port. With the path of a Unix socket or Windows pipe instead, host is ignored.',
    {
      aliases: ['p'],
      envAliases: ['PORT'],
    },
  )
  @PortOrPath()
  readonly port: number | string = 9000;

  @Option('Name of this node in logs and in the cluster; empty means the host name with a random suffix.')
  @Text({ maxLength: 128, matches: /^[\w.-]*$/, allowed: 'letters, digits, ".", "_" and "-"' })
  readonly nodeName: string = '';

  @Option(
    'Trusted proxies, whose X-Forwarded-For headers are believed: true (all), false (none), a number of hops, or addresses and subnets.',
  )
  @TrustedProxies()
  readonly proxied: boolean | number | string = false;

  @Option(
    'Origins of the pages that may use the server, such as https://example.com, https://*.example.com (subdomains), null (pages without an origin) or * (all); empty allows any origin.',
    { reloadable: true },
  )
  @TextList({ maxItems: 1000, maxLength: 256 })
  @CorsEntries()
  readonly cors: readonly string[] = [];

  @Option(
    'Host names of the server. If set, requests for other names get 421, and only pages from these hosts count as same-origin. IP addresses and localhost are always accepted.',
  )
  @Hosts()
  readonly hosts: readonly string[] = [];

  @Option(
    'Path prefix under which a proxy serves everything, whether the proxy strips it or not. No route below it may have the same name.',
  )
  @MountPath({ mayBeRoot: true })
  readonly basePath: string = '';

  @Option('Private key of the TLS certificate, a PEM file. Enables https and wss.', { reloadable: true })
  @ReadableFile()
  @TogetherWith('sslcert')
  readonly sslkey: string = '';

  @Option('TLS certificate with its chain, a PEM file.', { reloadable: true })
  @ReadableFile()
  readonly sslcert: string = '';

  @Option('Time before an idle HTTP connection is closed. Set it higher than the idle timeout of a proxy in front.', {
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly keepAliveTimeoutMs: number = 75_000;
}

import { SecretFile } from '../file-rules.js';
import { Option } from '../option.js';
import { Flag, Integer, Text, TextMap } from '../rules.js';
import { MILLION } from '../units.js';

/** Options of the PeerJS protocol. */
export class PeerJsOptions {
  @Option('Path prefix of the PeerJS endpoints; leading and trailing slashes are optional.', {
    section: 'PeerJS',
    envAliases: ['PEERSERVER_PATH'],
  })
  @Text({ maxLength: 256, matches: /^[^\s?#]*$/, allowed: 'a path' })
  readonly path: string = '/';

  @Option('Key that PeerJS clients must send; its clients are in the realm "default".', {
    aliases: ['k'],
    secret: true,
  })
  @Text({ minLength: 1, maxLength: 128, matches: /^[^\s/?#]*$/, allowed: 'text without spaces, "/", "?" and "#"' })
  readonly key: string = 'peerjs';

  @Option('File with the value of key.')
  @SecretFile('key')
  readonly keyFile: string = '';

  @Option(
    'Several keys, each with the realm of its clients, such as peerjs=default,acme=acme. If set, key is ignored.',
    { secret: true },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly keys: ReadonlyMap<string, string> = new Map();

  @Option('File with the value of keys: a pair such as acme=acme in each line.')
  @SecretFile('keys')
  readonly keysFile: string = '';

  @Option('Whether clients with the key may list all ids.', { aliases: ['allow_discovery'] })
  @Flag()
  readonly allowDiscovery: boolean = false;

  @Option('Maximum number of PeerJS clients on this node.', {
    unit: 'clients',
    aliases: ['concurrent_limit', 'c'],
    reloadable: true,
  })
  @Integer(0, 10 * MILLION)
  readonly concurrentLimit: number = 5000;
}

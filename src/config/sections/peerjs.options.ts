import { Option } from '../option.js';
import { Flag, Integer, Text, TextMap } from '../rules.js';
import { MILLION } from '../units.js';

/** Options of the PeerJS protocol. */
export class PeerJsOptions {
  @Option('Path below which PeerJS is served; with or without slashes at its ends.', {
    section: 'PeerJS',
    envAliases: ['PEERSERVER_PATH'],
  })
  @Text({ maxLength: 256, matches: /^[^\s?#]*$/, allowed: 'a path' })
  readonly path: string = '/';

  @Option('Key that clients show to be served; they are in the realm "default".', { aliases: ['k'], secret: true })
  @Text({ minLength: 1, maxLength: 128, matches: /^[^\s/?#]*$/, allowed: 'text without spaces, "/", "?" and "#"' })
  readonly key: string = 'peerjs';

  @Option(
    'Several keys, each with the realm of its clients, such as peerjs=default,acme=acme; if given, key is not used.',
    { secret: true },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly keys: ReadonlyMap<string, string> = new Map();

  @Option('Whether a list of all ids is handed out to whoever has the key.', { aliases: ['allow_discovery'] })
  @Flag()
  readonly allowDiscovery: boolean = false;

  @Option('PeerJS clients that may be connected to this node.', { unit: 'clients', aliases: ['concurrent_limit', 'c'] })
  @Integer(0, 10 * MILLION)
  readonly concurrentLimit: number = 5000;
}

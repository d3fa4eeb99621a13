import { type Given, Members, Named } from '../members.js';
import { Option } from '../option.js';
import { CompleteAuth, CompleteIce, ConsistentRealms } from '../realm-checks.js';
import { AuthOptions } from './auth.options.js';
import { IceOptions } from './ice.options.js';
import { RealmOptions, RoomRules } from './realm.options.js';

/** Who may connect, what clients may do, and the realms with rules of their own. */
export class IdentityOptions {
  @Option(
    'How clients authenticate: mode (none, jwt or webhook), required, jwt and webhook (url; secret signs its requests). See docs/authentication.md.',
    {
      section: 'Identity',
      secret: ['secret', 'url'],
      reloadable: true,
    },
  )
  @Members(AuthOptions)
  @CompleteAuth()
  readonly auth: Given<AuthOptions> = { mode: 'none' };

  @Option('STUN and TURN servers for clients: servers (instead of iceServers), turn and http. See docs/turn.md.', {
    secret: ['secret', 'credential', 'url', 'headers', 'body'],
    reloadable: true,
  })
  @Members(IceOptions)
  @CompleteIce()
  readonly ice: Given<IceOptions> = {};

  @Option(
    'Who may create rooms, such as {"create": "permitted"}: anyone, permitted (clients whose token permits it) or nobody (only the admin API and modules).',
    { reloadable: true },
  )
  @Members(RoomRules)
  readonly rooms: Given<RoomRules> = { create: 'anyone' };

  @Option('Realms with doors and rules of their own, by name. Only in the file. See docs/realms.md.', {
    fileOnly: true,
    secret: ['peerjsKeys', 'secret', 'credential', 'url', 'headers', 'body'],
    reloadable: ['origins', 'auth', 'ice', 'limits', 'rooms'],
  })
  @ConsistentRealms()
  @Named(RealmOptions, { maxItems: 1000, maxLength: 128 })
  readonly realms: Readonly<Record<string, Given<RealmOptions>>> = {};
}

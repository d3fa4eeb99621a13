import { SecretFile } from '../file-rules.js';
import { OneOrMoreTexts, Origins } from '../member-rules.js';
import { type Given, Members } from '../members.js';
import { Integer, OneOf, Text } from '../rules.js';
import { MILLION } from '../units.js';
import { AuthOptions } from './auth.options.js';
import { IceOptions } from './ice.options.js';

/** Who may create rooms: any client, those whose identity permits it, or only the admin API and modules. */
const ROOM_CREATORS = ['anyone', 'permitted', 'nobody'] as const;

export class RoomRules {
  @OneOf(...ROOM_CREATORS)
  readonly create: (typeof ROOM_CREATORS)[number] = 'anyone';
}

/** Limits of one realm. An undefined one does not exist for the realm, beside those of all realms. */
export class RealmLimits {
  /** Maximum number of the realm's clients on this node. */
  @Integer(0, 10 * MILLION)
  readonly maxClients?: number;

  /** Maximum number of clients of one user, on all nodes. */
  @Integer(1, MILLION)
  readonly maxClientsPerUser?: number;

  /** Maximum number of the realm's rooms, on all nodes. */
  @Integer(0, 100 * MILLION)
  readonly maxRooms?: number;

  /** Maximum number of clients in a room. */
  @Integer(1, MILLION)
  readonly maxRoomMembers?: number;

  /** Sustained frame rate of one connection. */
  @Integer(1, MILLION)
  readonly framesPerSecond?: number;
}

/** The doors and rules of a realm. Rules that are missing are those of the flat options. */
export class RealmOptions {
  @Text({ minLength: 1, maxLength: 256, matches: /^\/[^\s?#]*$/, allowed: 'a path that starts with "/"' })
  readonly connectorPath?: string;

  @OneOrMoreTexts({
    maxItems: 1000,
    maxLength: 128,
    matches: /^[^\s/?#]*$/,
    allowed: 'a key without spaces, "/", "?" and "#",',
  })
  readonly peerjsKeys?: readonly string[];

  /** Holds one of `peerjsKeys` in each line. */
  @SecretFile('peerjsKeys')
  readonly peerjsKeysFile?: string;

  @OneOrMoreTexts({ maxItems: 1000, maxLength: 128 })
  readonly easyrtcApplications?: readonly string[];

  /** As the option `cors`. */
  @Origins()
  readonly origins?: readonly string[];

  @Members(AuthOptions)
  readonly auth?: Given<AuthOptions>;

  @Members(IceOptions)
  readonly ice?: Given<IceOptions>;

  @Members(RealmLimits)
  readonly limits?: RealmLimits;

  @Members(RoomRules)
  readonly rooms?: Given<RoomRules>;
}

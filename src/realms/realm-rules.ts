import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.js';
import { completed, type Given } from '../config/members.js';
import { authOf } from '../config/realm-auth.js';
import { DEFAULT_REALM } from '../config/realm-doors.js';
import { IceHttpOptions, IceOptions, TurnOptions } from '../config/sections/ice.options.js';
import { type RealmOptions, RoomRules } from '../config/sections/realm.options.js';
import type { Realm } from './realm.js';

/** The rules of all realms of a configuration. */
export class RealmRules {
  /** Those of the option `realms`. */
  readonly named: ReadonlyMap<string, Realm>;
  /** The realm `default` under the flat options. */
  readonly flat: Realm;

  /** @param former rules, whose objects are kept where nothing has changed, and with them what is derived from them */
  constructor(config: Config, former?: RealmRules) {
    const named = Object.entries(config.realms).map(([name, own]): [string, Realm] => {
      return [name, keeping(former?.named.get(name), rulesOf(name, config, own))];
    });
    this.named = new Map(named);
    this.flat = keeping(former?.flat, rulesOf(DEFAULT_REALM, config));
  }

  get all(): readonly Realm[] {
    return this.named.size > 0 ? [...this.named.values()] : [this.flat];
  }
}

function keeping(former: Realm | undefined, next: Realm): Realm {
  if (!former) return next;
  const auth = isDeepStrictEqual(former.auth, next.auth) ? former.auth : next.auth;
  const ice = isDeepStrictEqual(former.ice, next.ice) ? former.ice : next.ice;
  return { ...next, auth, ice };
}

/** Returns the rules of a realm. What its own options do not give is taken from the flat ones, member by member. */
function rulesOf(name: string, config: Config, own: Given<RealmOptions> = {}): Realm {
  const { maxRoomMembers, framesPerSecond } = config;
  return {
    name,
    auth: authOf(config.auth, own.auth),
    ice: iceOf(config, own.ice),
    limits: { maxRoomMembers, framesPerSecond, ...own.limits },
    rooms: completed(RoomRules, config.rooms, own.rooms),
    origins: (own.origins as readonly string[] | undefined) ?? config.cors,
  };
}

function iceOf({ ice: flat, iceServers }: Config, own?: Given<IceOptions>): Realm['ice'] {
  const { servers = iceServers, turn, http } = completed(IceOptions, flat, own);
  return { servers, turn: turn && completed(TurnOptions, turn), http: http && completed(IceHttpOptions, http) };
}

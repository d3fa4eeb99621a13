import type { Config } from '../config/config.js';
import { completed, type Given } from '../config/members.js';
import { authOf } from '../config/realm-auth.js';
import { IceHttpOptions, IceOptions, TurnOptions } from '../config/sections/ice.options.js';
import { type RealmOptions, RoomRules } from '../config/sections/realm.options.js';
import type { Realm } from './realm.js';

/** Returns the rules of a realm. What its own options do not give is taken from the flat ones, member by member. */
export function rulesOf(name: string, config: Config, own: Given<RealmOptions> = {}): Realm {
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

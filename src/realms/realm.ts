import type { AuthOptions } from '../config/sections/auth.options.js';
import type { IceOptions } from '../config/sections/ice.options.js';
import type { RealmLimits, RoomRules } from '../config/sections/realm.options.js';

/** The rules of a realm: its own ones, and those of the flat options for the rest. */
export interface Realm {
  readonly name: string;
  readonly auth: AuthOptions;
  /** `servers` is always set. */
  readonly ice: IceOptions & Required<Pick<IceOptions, 'servers'>>;
  readonly limits: RealmLimits & Required<Pick<RealmLimits, 'maxRoomMembers' | 'framesPerSecond'>>;
  readonly rooms: RoomRules;
  /** Origins of the pages that may use the realm, as in the option `cors`; empty allows any origin. */
  readonly origins: readonly string[];
}

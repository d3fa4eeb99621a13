import type { Config } from '../config/config.js';
import type { Given } from '../config/members.js';
import type { RealmOptions } from '../config/sections/realm.options.js';

/** The realm of clients that name none, and of the flat doors. */
export const DEFAULT_REALM = 'default';

/** Where the clients of a protocol enter, with the realm behind each door. */
export interface Doors {
  readonly connectorPaths: ReadonlyMap<string, string>;
  readonly peerJsKeys: ReadonlyMap<string, string>;
  readonly applications: ReadonlyMap<string, string>;
  /** Whether an application without a door leads into the realm of its name. */
  readonly isOpen: boolean;
}

/** The doors that the flat options describe. */
export function flatDoors({ connectorPath, connectorRealm, key, keys, easyrtcApplications }: Config): Doors {
  return {
    connectorPaths: new Map([[connectorPath, connectorRealm]]),
    peerJsKeys: keys.size > 0 ? keys : new Map([[key, DEFAULT_REALM]]),
    applications: easyrtcApplications,
    isOpen: easyrtcApplications.size === 0,
  };
}

/** The doors that the realms name. The realm `default` has the flat doors that it does not name. */
export function namedDoors(config: Config): Doors {
  const flat = flatDoors(config);
  const applications = flat.isOpen ? new Map([[DEFAULT_REALM, DEFAULT_REALM]]) : flat.applications;
  const doors = (
    namesOf: (realm: Given<RealmOptions>) => readonly string[] | undefined,
    fallback: Doors['peerJsKeys'],
  ) =>
    new Map(
      Object.entries(config.realms).flatMap(([realm, options]) => {
        const names = namesOf(options) ?? (realm === DEFAULT_REALM ? [...fallback.keys()] : []);
        return names.map((name): [string, string] => [name, realm]);
      }),
    );
  return {
    connectorPaths: doors(
      ({ connectorPath }) => (connectorPath === undefined ? undefined : [connectorPath]),
      flat.connectorPaths,
    ),
    peerJsKeys: doors(({ peerjsKeys }) => peerjsKeys as readonly string[] | undefined, flat.peerJsKeys),
    applications: doors(
      ({ easyrtcApplications }) => easyrtcApplications as readonly string[] | undefined,
      applications,
    ),
    isOpen: false,
  };
}

import type { Config } from './config.js';
import type { Given } from './members.js';
import type { RealmOptions } from './sections/realm.options.js';

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

/** A door of a realm: its name, and the realm. */
type Door = [name: string, realm: string];

/** The doors that the realms name. The realm `default` has the flat doors that it does not name. */
export function namedDoors(config: Config): Doors {
  const { paths, keys, applications } = doorsOf(config);
  return {
    connectorPaths: new Map(paths),
    peerJsKeys: new Map(keys),
    applications: new Map(applications),
    isOpen: false,
  };
}

/** Returns what is wrong with the doors of realms: two realms share one. Keys are secret, and not named. */
export function sharedDoor(config: Config): string | undefined {
  const { paths, keys, applications } = doorsOf(config);
  const normalised = paths.map(([path, realm]): Door => [path.replace(/(?<=.)\/$/, ''), realm]);
  return (
    fault(normalised, (path) => `the connectorPath ${path}`) ??
    fault(keys, () => 'a key of peerjsKeys') ??
    fault(applications, (name) => `the application ${name} of easyrtcApplications`)
  );
}

function fault(doors: readonly Door[], describe: (name: string) => string): string | undefined {
  for (const [i, [name, realm]] of doors.entries()) {
    const other = doors.slice(0, i).find(([earlier, its]) => earlier === name && its !== realm);
    if (other) return `must not share a door: ${other[1]} and ${realm} both have ${describe(name)}`;
  }
  return undefined;
}

function doorsOf(config: Config): Readonly<Record<'paths' | 'keys' | 'applications', Door[]>> {
  const flat = flatDoors(config);
  const flatApplications = flat.isOpen ? [DEFAULT_REALM] : [...flat.applications.keys()];
  const doors = (
    namesOf: (realm: Given<RealmOptions>) => string | readonly string[] | undefined,
    flatNames: string[],
  ) =>
    Object.entries(config.realms).flatMap(([realm, options]) => {
      const names = [namesOf(options) ?? (realm === DEFAULT_REALM ? flatNames : [])].flat();
      return names.map((name): Door => [name, realm]);
    });
  return {
    paths: doors(({ connectorPath }) => connectorPath, [...flat.connectorPaths.keys()]),
    keys: doors(({ peerjsKeys }) => peerjsKeys, [...flat.peerJsKeys.keys()]),
    applications: doors(({ easyrtcApplications }) => easyrtcApplications, flatApplications),
  };
}

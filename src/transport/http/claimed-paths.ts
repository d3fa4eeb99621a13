import { ConfigError } from '../../config/load-config.js';
import { pathOf } from './request-path.js';

/** Who opens connections at a path: a protocol of the server, or a gateway of the application around it. */
export type PathOwner = 'protocol' | 'application';

const OPTIONS = 'connectorPath, path (PeerJS) and socketIoPath';

/** The paths at which connections are opened. */
export class ClaimedPaths {
  private readonly owners = new Map<string, PathOwner>();
  private conflict?: Error;

  /**
   * Claims a path. A trailing slash does not matter.
   * @returns whether the path was free
   */
  claim(path: string, owner: PathOwner): boolean {
    const key = pathOf(path);
    const other = this.owners.get(key);
    if (other === undefined) this.owners.set(key, owner);
    else this.conflict ??= conflictOf(path, owner, other);
    return other === undefined;
  }

  /** @throws ConfigError if two protocols have claimed a path; Error if a gateway of the application is one of the two */
  check(): void {
    if (this.conflict) throw this.conflict;
  }
}

function conflictOf(path: string, ...owners: PathOwner[]): Error {
  if (!owners.includes('application')) {
    return new ConfigError([`two protocols are configured for the path ${path}: ${OPTIONS} must differ`]);
  }
  return new Error(
    `A gateway of the application has the path ${path}, which a protocol of Signalbox serves: ` +
      `give the gateway a path of its own, or change ${OPTIONS}`,
  );
}

import type { ClientEntry, OwnClaim, Session } from '../../clients/client-directory.js';
import { type Keys, qualified, unqualified } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import { removeInBatches, type RenewLease } from './removal-lease.js';

/** Most places of a dead node that one script frees. */
const FREED_AT_ONCE = 500;

/** A client of a user. */
type UserClient = Pick<ClientEntry, 'realm' | 'id' | 'node' | 'session'> & { readonly user: string };

/** A claim whose client is counted for its user. */
export interface CountedClaim extends OwnClaim {
  readonly entry: ClientEntry & UserClient;
  readonly maxOfUser: number;
}

export function isCounted(claim: OwnClaim): claim is CountedClaim {
  return claim.entry.user !== undefined && claim.maxOfUser !== undefined;
}

/**
 * Counts clients for their users. The ids of a user are in several buckets of the directory, which no script can read
 * together: a place in the user's count is taken before the id is claimed, and freed after the id. Each session takes and
 * frees one of its own. Those with the same id count once, because one of them takes the id over from another.
 */
export class UserPlaces {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
  ) {}

  /**
   * Takes a place.
   * @returns whether the limit allows it
   */
  async take(client: UserClient, limit: number): Promise<boolean> {
    return (await this.run('takePlace', client, limit)) === 'OK';
  }

  /** Takes a place for a client that has its id already, whatever the limit. */
  async retake(client: UserClient): Promise<void> {
    await this.run('takePlace', client);
  }

  /** Frees the place of a client. */
  async free(client: UserClient): Promise<void> {
    await this.run('freePlace', client);
  }

  /** Frees the places of a node's clients that the node does not have. */
  async freeUnknown(node: string, isOwn: (session: Session) => boolean): Promise<void> {
    const places = await this.redis.ask((client) => client.smembers(this.keys.users.placesOf(node)));
    await Promise.all(places.map((place) => this.freeIfUnknown(place, node, isOwn)));
  }

  /** Frees the places of a dead node's clients while this node holds the lease. */
  freeOf(node: string, renewLease: RenewLease): Promise<void> {
    const { base } = this.keys.users;
    return removeInBatches(FREED_AT_ONCE, renewLease, (limit) => this.redis.run('freePlacesOf', base, node, limit));
  }

  private async freeIfUnknown(place: string, node: string, isOwn: (session: Session) => boolean): Promise<void> {
    const end = place.lastIndexOf('\n');
    const [name, field] = [place.slice(0, end), place.slice(end + 1)];
    const owners = await this.redis.ask((client) => client.hget(this.keys.users.places(name), field));
    const { realm, id: user } = unqualified(name);
    for (const owner of owners?.split('\n') ?? []) {
      if (!owner.startsWith(`${node} `)) continue;
      const session = { realm, id: JSON.parse(field) as string, session: Number(owner.slice(node.length)) };
      if (!isOwn(session)) await this.free({ ...session, user, node });
    }
  }

  private run(
    script: 'takePlace' | 'freePlace',
    { realm, id, user, node, session }: UserClient,
    ...limit: number[]
  ): Promise<unknown> {
    const args = [qualified(realm, user), JSON.stringify(id), node, session, ...limit];
    return this.redis.run(script, this.keys.users.base, ...args);
  }
}

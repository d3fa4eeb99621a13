import type { Page, PageQuery, RealmCount } from '../common/page.js';

/** What everybody may know of a client, wherever it is connected. */
export interface ClientEntry {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;
  /** Name of the node that it is connected to. */
  readonly node: string;
  /** Tells apart those who have had the same id on the same node. */
  readonly session: number;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** One client among those that have had the same id. */
export type Session = Pick<ClientEntry, 'realm' | 'id' | 'session'>;

export type Claim =
  | { readonly outcome: 'claimed' }
  | { readonly outcome: 'taken' }
  /** `previous` is the entry that was replaced. */
  | { readonly outcome: 'replaced'; readonly previous: ClientEntry };

/** What a node has claimed. */
export interface OwnClaim {
  readonly entry: ClientEntry;
  readonly token?: string;
}

/** What `restore` has found. */
export interface Restored {
  /** Those of the claims whose ids belong to others. */
  readonly lost: readonly ClientEntry[];
  /** What was freed. It may have been taken over from somebody who never heard of it. */
  readonly freed: readonly ClientEntry[];
}

/** How long an id that was claimed without a token stays its protocol's after it was freed. */
export const FORMER_ID_MS = 600_000;
/** Number of such ids that are remembered; beyond it the oldest are free for all. */
export const MAX_FORMER_IDS = 100_000;

/** What is left out does not matter. */
export interface ClientQuery extends PageQuery {
  readonly realm?: string;
  readonly protocol?: string;
  /** Name of a node. */
  readonly node?: string;
  readonly idPrefix?: string;
}

/**
 * Port: who is connected, on all nodes. An id exists once in a realm.
 * An id that was claimed without a token is one that the server has made and others know by now: after it was freed, in whatever
 * way, other protocols, whose clients may ask for ids, do not get it for `FORMER_ID_MS`.
 * Every operation is atomic: of two nodes that claim an id at the same moment one gets it.
 */
export abstract class ClientDirectory {
  /**
   * Takes an id: `claimed` if it was free; `replaced` if it belonged to a client with the same token (the entry is now
   * this one); `taken` if it belongs to another one, or was another protocol's, and nothing changed.
   * @param token whoever shows the same one may take the id over; without one nobody may
   */
  abstract claim(entry: ClientEntry, token?: string): Promise<Claim>;

  /** Frees an id if it still belongs to this session of this node; otherwise nothing happens. */
  abstract release(realm: string, id: string, node: string, session: number): Promise<void>;

  /**
   * Makes the directory agree with a node about the node's clients, after the two could not reach one another: claims what the
   * directory has lost, and frees what the node has no more.
   * @param isOwn whether the node has a client, or is about to have it; asked when it matters, not before
   */
  abstract restore(
    node: string,
    claims: readonly OwnClaim[],
    isOwn: (entry: ClientEntry) => boolean,
  ): Promise<Restored>;

  /** Claims what is free; answers with those of the claims that were not to be had. */
  abstract reclaim(claims: readonly OwnClaim[]): Promise<ClientEntry[]>;

  abstract find(realm: string, id: string): Promise<ClientEntry | undefined>;

  /**
   * The clients in the order in which they claimed their ids.
   * @throws DomainError INVALID_REQUEST for a cursor that is none
   */
  abstract list(query: ClientQuery): Promise<Page<ClientEntry>>;

  /**
   * The realms that have clients, by their names, each with the number of its clients.
   * @throws DomainError INVALID_REQUEST for a cursor that is none
   */
  abstract realms(query: PageQuery): Promise<Page<RealmCount>>;

  abstract count(): Promise<number>;
}

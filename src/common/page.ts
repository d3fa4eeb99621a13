/** Which page of a list. */
export interface PageQuery {
  /** How many at most. */
  readonly limit: number;
  /** From an earlier page. */
  readonly cursor?: string;
}

/** A realm, and how much there is of something in it. */
export interface RealmCount {
  readonly realm: string;
  readonly count: number;
}

/** One page of a list. `cursor` leads to the next page and is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

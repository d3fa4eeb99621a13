/** A request for one page of a list. */
export interface PageQuery {
  /** Maximum number of items. */
  readonly limit: number;
  /** From the page before; absent for the first page. */
  readonly cursor?: string;
}

/** A realm with its number of clients or rooms. */
export interface RealmCount {
  readonly realm: string;
  readonly count: number;
}

/** One page of a list. `cursor`, an opaque text, requests the next page; it is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

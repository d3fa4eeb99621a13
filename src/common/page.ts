/** One page of a list. `cursor` leads to the next page and is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

/** What a node measures in one interval. Counts are of what happened since the sample before. */
export interface Sample {
  /** Seconds since 1970, a multiple of the interval. */
  readonly time: number;
  readonly connects: number;
  /** Closed connections by reason, and refused requests by status; those that are not 0. */
  readonly disconnects: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  readonly framesIn: number;
  readonly framesOut: number;
  /** Time from receiving a frame until it is handled; null if no frame was measured. */
  readonly handlingP99Ms: number | null;
  readonly eventLoopDelayP99Ms: number;
  readonly rssBytes: number;
  readonly clients: number;
  readonly rooms: number;
  readonly backplaneUp: 0 | 1;
}

/** Members of samples that are one number each. */
type NumberName = Exclude<keyof Sample, 'disconnects' | 'refusals'>;

/** Samples by columns: the members with the same place in all columns are one sample. Sent as JSON. */
export type Columns = { readonly [name in NumberName]: readonly Sample[name][] } & {
  readonly disconnects: Readonly<Record<string, readonly number[]>>;
  readonly refusals: Readonly<Record<string, readonly number[]>>;
};

export function columnsOf(samples: readonly Sample[]): Columns {
  const column = <N extends NumberName>(name: N): Sample[N][] => samples.map((sample) => sample[name]);
  return {
    time: column('time'),
    connects: column('connects'),
    disconnects: byName(samples.map(({ disconnects }) => disconnects)),
    refusals: byName(samples.map(({ refusals }) => refusals)),
    framesIn: column('framesIn'),
    framesOut: column('framesOut'),
    handlingP99Ms: column('handlingP99Ms'),
    eventLoopDelayP99Ms: column('eventLoopDelayP99Ms'),
    rssBytes: column('rssBytes'),
    clients: column('clients'),
    rooms: column('rooms'),
    backplaneUp: column('backplaneUp'),
  };
}

/** Returns a column for each name that occurs. */
function byName(counts: readonly ReadonlyMap<string, number>[]): Record<string, number[]> {
  const names = new Set(counts.flatMap((each) => [...each.keys()]));
  return Object.fromEntries([...names].sort().map((name) => [name, counts.map((each) => each.get(name) ?? 0)]));
}

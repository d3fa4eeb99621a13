/**
 * Returns an estimate of a percentile from a histogram, as `histogram_quantile` of Prometheus makes it: values are
 * spread evenly in their bucket. Values above the last bound count as that bound.
 * @param bounds upper bounds of the buckets
 * @param counts number of values in each bucket, and at the end of those above the last bound
 * @param share of the values that are at most as large, from 0 to 1
 * @returns undefined without values
 */
export function percentile(bounds: readonly number[], counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let rank = total * share;
  for (const [at, upper] of bounds.entries()) {
    const count = counts[at] ?? 0;
    if (rank <= count && count > 0) {
      const lower = bounds[at - 1] ?? 0;
      return lower + ((upper - lower) * rank) / count;
    }
    rank -= count;
  }
  return bounds.at(-1);
}

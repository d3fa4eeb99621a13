import type { Config } from './config.js';

/** Returns the entries of `cors` that any realm accepts; empty if one of them accepts every origin. */
export function originsOfAllRealms({ cors, realms }: Pick<Config, 'cors' | 'realms'>): readonly string[] {
  const lists = Object.values(realms).map(({ origins }) => [origins ?? cors].flat());
  if (lists.length === 0) return cors;
  return lists.some((list) => list.length === 0) ? [] : lists.flat();
}

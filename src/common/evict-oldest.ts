/** Removes the oldest entry of a map that has more entries than it may. */
export function evictOldest<K>(map: Map<K, unknown>, maxEntries: number): void {
  if (map.size <= maxEntries) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

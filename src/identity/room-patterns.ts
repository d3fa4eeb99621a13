import type { RoomPatterns } from '../common/identity.js';

/** Whether a room id is among the patterns. Without patterns, all ids are. */
export function isAmong(patterns: RoomPatterns | undefined, room: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(pattern, room));
}

function matches(pattern: string, room: string): boolean {
  return pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : pattern === room;
}

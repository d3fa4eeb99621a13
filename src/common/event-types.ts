/** The events that are reported to all who do not ask for certain types. */
export const DEFAULT_EVENTS = [
  'client.connected',
  'client.disconnected',
  'client.refused',
  'room.created',
  'room.ended',
  'room.joined',
  'room.left',
  'node.joined',
  'node.left',
] as const;

/** All types. `signal.relayed` is reported only to those who ask for it by name. */
export const SERVER_EVENTS = [...DEFAULT_EVENTS, 'signal.relayed'] as const;

type EventType = (typeof SERVER_EVENTS)[number];

/** One type, all types that begin with `room.` (say), or all but `signal.relayed`. */
export type EventPattern = (typeof SERVER_EVENTS)[number] | 'client.*' | 'room.*' | 'node.*' | 'signal.*' | '*';

/** All patterns, for checks of options and parameters. */
export const EVENT_PATTERNS: readonly EventPattern[] = [
  ...SERVER_EVENTS,
  'client.*',
  'room.*',
  'node.*',
  'signal.*',
  '*',
];

/** Returns the types that a pattern stands for. */
export function typesOf(pattern: EventPattern): readonly EventType[] {
  if (pattern === '*') return DEFAULT_EVENTS;
  if (!pattern.endsWith('*')) return [pattern as EventType];
  return SERVER_EVENTS.filter((type) => type.startsWith(pattern.slice(0, -1)));
}

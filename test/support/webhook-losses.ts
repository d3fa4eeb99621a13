import type { ReceivedEvent } from './webhook-receiver.js';

/**
 * Compares what an endpoint has received with what was recorded: each event must have arrived, and those of each client
 * and of each room in the recorded order, apart from repetitions. Returns a line for each fault.
 */
export function lossesOf(recorded: readonly ReceivedEvent[], received: readonly ReceivedEvent[]): string[] {
  const firstAt = new Map<string, number>();
  for (const [at, { id }] of received.entries()) if (!firstAt.has(id)) firstAt.set(id, at);
  const last = new Map<string, ReceivedEvent>();
  return recorded.flatMap((event) => {
    const at = firstAt.get(event.id);
    if (at === undefined) return [`${event.type} ${event.id} is missing`];
    return subjectsOf(event).flatMap((subject) => {
      const before = last.get(subject);
      last.set(subject, event);
      if (!before || firstAt.get(before.id)! < at) return [];
      return [`${event.type} ${event.id} came before ${before.type} ${before.id} of the same ${subject}`];
    });
  });
}

function subjectsOf({ client, room }: ReceivedEvent): string[] {
  return [...(client === undefined ? [] : [`client ${client}`]), ...(room === undefined ? [] : [`room ${room}`])];
}

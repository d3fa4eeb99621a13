import { useRef } from './ui.js';

/**
 * Returns a function that adds `framesPerSecond` to clients: the average since the function got the same client before.
 * It remembers the clients of the last call alone.
 */
export function useRates() {
  const former = useRef(new Map());
  return (clients) => {
    const now = performance.now();
    const known = former.current;
    former.current = new Map(clients.map((client) => [keyOf(client), { at: now, frames: framesOf(client) }]));
    return clients.map((client) => ({ ...client, framesPerSecond: rateSince(known.get(keyOf(client)), client, now) }));
  };
}

function rateSince(before, client, now) {
  const frames = framesOf(client);
  if (before === undefined || frames === undefined || before.frames === undefined) return undefined;
  return (frames - before.frames) / ((now - before.at) / 1000);
}

/** A client that comes back with the same id counts anew. */
function keyOf({ realm, id, since }) {
  return JSON.stringify([realm, id, since]);
}

/** Absent while the node of the client does not answer. */
function framesOf({ framesIn, framesOut }) {
  return framesIn === undefined ? undefined : framesIn + framesOut;
}

import { once } from 'node:events';
import { connect } from 'node:net';
import type { RedisHost } from '../../config/redis-url.js';

const MAX_LENGTH = 300;

/** What goes wrong in practice, and what the words of Node, OpenSSL and Redis do not say about it. */
const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [/WRONGPASS|NOAUTH|invalid password|without any password configured/i, 'the user name or password is wrong'],
  [/NOPERM/, 'the user may not do what this server needs'],
  [
    /wrong version number|packet length too long|http request|record layer failure/i,
    'what listens there does not speak TLS',
  ],
  [/Protocol error|Unknown RESP type/, 'what listens there is not Redis, or wants TLS'],
  [/cluster support disabled/i, 'this Redis is not a cluster'],
  [/ECONNRESET/, 'the connection was cut: what listens there may want TLS, or is not Redis'],
  [/timed out|ETIMEDOUT/, 'no answer in time, or no TLS where the URL (rediss) wants it'],
];

/** What is known of a connection that has no error (yet). */
export const STATE = {
  none: 'not connected',
  connecting: 'it takes connections, but does not say that it is ready',
  refused: 'it takes connections and closes them: it may want TLS, or is not Redis',
  lost: 'the connection was lost',
} as const;

/** Whether an error says only that there is no connection, and not why. */
export function saysNothing(error: unknown): boolean {
  return innermost(error).endsWith('Connection is closed.');
}

/** Why one of these hosts cannot be connected to, if so. ioredis does not tell it of sentinels and of nodes of a cluster. */
export async function connectionFailure(hosts: readonly RedisHost[], timeoutMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (const { host, port } of hosts) {
    const socket = connect({ host, port });
    try {
      await once(socket, 'connect', { signal });
    } catch (error) {
      return failureReason(error);
    } finally {
      socket.on('error', () => undefined).destroy();
    }
  }
  return undefined;
}

/** Why Redis cannot be reached, for people: in one line, of bounded length, without what was sent to it. */
export function failureReason(error: unknown): string {
  const message = innermost(error)
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_LENGTH);
  const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(message))?.[1];
  return explanation ? `${explanation} (${message})` : message;
}

/** A cluster says only that all of its nodes have failed, Node that all addresses of a name have; the last one says why. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { lastNodeError } = error as { lastNodeError?: unknown };
  if (lastNodeError instanceof Error) return innermost(lastNodeError);
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  return error.message;
}

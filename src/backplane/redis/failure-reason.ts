import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { RedisHost } from '../../config/redis-url.js';

const MAX_LENGTH = 300;
/** Time in which a server that rejects a client certificate says so. */
const VERDICT_MS = 300;
/** OpenSSL's form of an error, with its reason between the function and the place in the source. */
const OPENSSL_ERROR = /^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):.*/is;

/** Explanations of errors whose messages by Node, OpenSSL or Redis do not name the likely cause. */
const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [/WRONGPASS|NOAUTH|invalid password|without any password configured/i, 'the user name or password is wrong'],
  [/NOPERM/, 'the user lacks permissions that this server needs'],
  [
    /wrong version number|packet length too long|http request|record layer failure/i,
    'the server at this address does not speak TLS',
  ],
  [/Protocol error|Unknown RESP type/, 'the server at this address is not Redis, or requires TLS'],
  [/cluster support disabled/i, 'this Redis is not a cluster'],
  [
    /certificate required|handshake failure|bad certificate/i,
    'Redis wants a certificate of its clients: give redisCertFile and redisKeyFile',
  ],
  [/alert unknown ca/i, 'Redis does not trust the certificate in redisCertFile'],
  [
    /self[- ]signed certificate|unable to (verify|get)\b.*(certificate|issuer)/i,
    'the certificate of Redis is from an authority that is not trusted: name its file in redisCaFile',
  ],
  [
    /does not match certificate's altnames/i,
    'the certificate of Redis is for another name: give it in redisTlsServerName',
  ],
  [/ECONNRESET/, 'the connection was reset: the server may require TLS, or is not Redis'],
  [/timed out|ETIMEDOUT/, 'no answer in time, or the server does not speak the TLS that the URL (rediss) asks for'],
];

/** Reasons for a missing connection that has reported no error (yet). */
export const STATE = {
  none: 'not connected',
  connecting: 'it accepts connections, but is not ready',
  refused: 'it accepts connections and closes them: it may require TLS, or is not Redis',
  lost: 'the connection was lost',
} as const;

/**
 * Returns whether an error says that there is no connection, but not why. Over TLS a reset may hide that the server has
 * rejected the client.
 */
export function isUninformative(error: unknown, isTls: boolean): boolean {
  const message = innermost(error);
  return message.endsWith('Connection is closed.') || (isTls && /ECONNRESET|EPIPE/.test(message));
}

/**
 * Connects to each host in turn, and returns why the first failure happened; undefined if all accept connections.
 * ioredis does not report the reason for sentinels and for nodes of a cluster.
 */
export async function connectionFailure(
  hosts: readonly RedisHost[],
  tls: ConnectionOptions | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (const { host, port } of hosts) {
    const socket = tls ? connectTls({ host, port, ...tls }) : connect({ host, port });
    try {
      await once(socket, tls ? 'secureConnect' : 'connect', { signal });
      if (tls) await rejection(socket);
    } catch (error) {
      return failureReason(error);
    } finally {
      socket.on('error', () => undefined).destroy();
    }
  }
  return undefined;
}

/**
 * Waits for a server to reject the certificate of a client, which with TLS 1.3 it does after the handshake. Writing
 * meanwhile could reset the connection before the reason arrives.
 * @throws Error with the reason
 */
async function rejection(socket: Socket): Promise<void> {
  const late = AbortSignal.timeout(VERDICT_MS);
  try {
    await once(socket, 'close', { signal: late });
  } catch (error) {
    if (!late.aborted) throw error;
  }
}

/** Returns the reason of an error for people: one line of bounded length, without arguments of commands. */
export function failureReason(error: unknown): string {
  const message = innermost(error)
    .replace(OPENSSL_ERROR, '$1')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_LENGTH);
  const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(message))?.[1];
  return explanation ? `${explanation} (${message})` : message;
}

/**
 * Returns the message of the last underlying error: a cluster, and a name with several addresses, report only that all
 * failed.
 */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { lastNodeError } = error as { lastNodeError?: unknown };
  if (lastNodeError instanceof Error) return innermost(lastNodeError);
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  return error.message;
}

import { stdSerializers } from 'pino';

/**
 * Serialises an error without the command that ioredis attaches: its arguments may be the Redis password or a client's
 * token.
 */
export function serializeError(error: Error): object {
  return { ...stdSerializers.err(error), command: undefined };
}

import { stdSerializers } from 'pino';

/**
 * An error as it is logged: without the command that ioredis attaches to its errors, whose arguments may be the password of Redis or
 * the token of a client.
 */
export function serializeError(error: Error): object {
  return { ...stdSerializers.err(error), command: undefined };
}

/** What a log line says about an error. */
export interface SerializedError {
  /** The name of its class. */
  readonly type: string;
  /** Its message, and those of its causes. */
  readonly message: string;
  readonly stack: string;
  readonly [member: string]: unknown;
}

/**
 * Serialises an error with its causes and its own members, but without the command that ioredis attaches: its arguments
 * may be the Redis password or a client's token.
 */
export function serializeError(error: Error): SerializedError {
  return serialize(error, new Set());
}

/** @param seen errors that are being serialised: errors may refer to each other */
function serialize(error: Error, seen: Set<unknown>): SerializedError {
  seen.add(error);
  const chain = causesOf(error);
  const members = Object.entries(error)
    .filter(([name, value]) => name !== 'command' && name !== 'cause' && !seen.has(value))
    .map(([name, value]) => [name, value instanceof Error ? serialize(value, seen) : (value as unknown)]);
  const { errors } = error as { errors?: unknown };
  return {
    ...(Object.fromEntries(members) as object),
    type: error.constructor.name,
    message: chain.map(({ message }) => message).join(': '),
    stack: chain.map(({ stack = '' }) => stack).join('\ncaused by: '),
    ...(Array.isArray(errors) && {
      errors: errors.map((each: unknown) => (each instanceof Error ? serialize(each, seen) : each)),
    }),
  };
}

/** Returns the error, its cause, the cause of that, and so on. */
function causesOf(error: Error): Error[] {
  const chain: Error[] = [];
  for (let each: unknown = error; each instanceof Error && !chain.includes(each); each = each.cause) chain.push(each);
  return chain;
}

import type { Type } from '@nestjs/common';
import type { JsonSchema } from '../common/json-schema.js';

/** A message, in either direction. */
export interface MessageDescription {
  readonly summary: string;
  /** Event of socket.io that carries the message; undefined over plain WebSockets, and for acknowledgements. */
  readonly event?: string;
  readonly payload: JsonSchema;
  readonly examples: readonly [object, ...object[]];
}

/** A message that a gateway method subscribes to. Its DTO describes the members that the server checks. */
export interface RequestDescription extends Pick<MessageDescription, 'summary' | 'event' | 'examples'> {
  /** Schemas of the members that no rule of the DTO describes. */
  readonly members: Readonly<Record<string, JsonSchema>>;
  /** Names of the messages with which the server answers the sender. */
  readonly replies: readonly string[];
}

/** A protocol of the server. */
export interface ProtocolDescription {
  readonly title: string;
  readonly description: string;
  readonly gateway: Type;
  /** The path at which clients connect by default. */
  readonly path: string;
  /** Members of the query with which clients connect. */
  readonly query: JsonSchema;
  /** The places of a token, by name. */
  readonly security: Readonly<Record<string, object>>;
  /** By the events that the methods of the gateway subscribe to. */
  readonly requests: Readonly<Record<string, RequestDescription>>;
  /** The messages that the server sends, by name. */
  readonly sends: Readonly<Record<string, MessageDescription>>;
}

/** Schema of a value that the server forwards as it is. */
export const ANYTHING: JsonSchema = {};

/** Returns the schema of an object, all of whose members are required unless they are named as optional. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  { optional = [], ...more }: { readonly optional?: readonly string[]; readonly additionalProperties?: boolean } = {},
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...more };
}

/** Returns the schema of an object with members of any name. */
export function mapOf(additionalProperties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties };
}

/** The servers for ICE, as clients get them. */
export const ICE_SERVERS: JsonSchema = {
  type: 'array',
  items: objectSchema(
    {
      urls: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      username: { type: 'string' },
      credential: { type: 'string' },
    },
    { optional: ['urls', 'username', 'credential'] },
  ),
};

/** A session description, shortened. */
export const EXAMPLE_SDP = { type: 'offer', sdp: 'v=0…' };

/** A candidate, shortened. */
export const EXAMPLE_CANDIDATE = { candidate: 'candidate:1 1 udp 2113937151 192.0.2.7 54400 typ host', sdpMid: '0' };

import type { JsonSchema } from '../common/json-schema.js';
import { dtosOf } from '../transport/endpoint/message-handlers.js';
import { dtoSchema } from './dto-schema.js';
import type { MessageDescription, ProtocolDescription, RequestDescription } from './protocol-description.js';

/** A protocol, and the paths at which its clients connect. */
export interface DescribedProtocol {
  readonly name: string;
  readonly description: ProtocolDescription;
  readonly paths: readonly string[];
}

/** The server, as clients reach it. */
export interface AsyncServer {
  readonly version: string;
  /** Or the path of a Unix socket. */
  readonly port: number | string;
  readonly isTls: boolean;
  readonly basePath: string;
}

interface Reference {
  readonly $ref: string;
}

/** A part of an AsyncAPI document: its keys, and what they lead to. */
type Part = Readonly<Record<string, object>>;

/** An AsyncAPI 3 document. */
export interface AsyncDocument {
  readonly asyncapi: string;
  readonly info: object;
  readonly defaultContentType: string;
  readonly servers: Part;
  readonly channels: Part;
  readonly operations: Part;
  readonly components: { readonly messages: Part; readonly securitySchemes: Part };
}

const INTRODUCTION =
  'The messages between clients and the server, for each protocol. A channel is the connection of one client. The server ' +
  'receives the requests of clients, and sends answers, messages of other clients, and news of rooms. The HTTP API has a ' +
  'document of its own (`/docs-json`).';

/** Creates the AsyncAPI document of protocols. Requests have the schemas of their DTOs. */
export function asyncDocument(protocols: readonly DescribedProtocol[], server: AsyncServer): AsyncDocument {
  const each = (part: (protocol: DescribedProtocol) => Part): Part => Object.assign({}, ...protocols.map(part)) as Part;
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Signalbox signaling',
      version: server.version,
      description: INTRODUCTION,
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      tags: protocols.map(({ name, description }) => ({ name, description: description.title })),
    },
    defaultContentType: 'application/json',
    servers: each(({ name, description }) => ({ [name]: serverOf(description, server) })),
    channels: each((protocol) => ({ [protocol.name]: channelOf(protocol) })),
    operations: each(operationsOf),
    components: {
      messages: each(messagesOf),
      securitySchemes: each(({ description }) => description.security),
    },
  };
}

function serverOf({ title, security }: ProtocolDescription, { port, isTls, basePath }: AsyncServer): object {
  return {
    host: '{host}',
    ...(basePath === '' ? {} : { pathname: basePath }),
    protocol: isTls ? 'wss' : 'ws',
    description: `The server for clients of ${title}. A client needs a token if its realm checks tokens.`,
    variables: {
      host: {
        default: typeof port === 'number' ? `localhost:${port}` : 'localhost',
        description: 'Host and port of the server',
      },
    },
    security: Object.keys(security).map((name) => reference('components', 'securitySchemes', name)),
  };
}

function channelOf({ name, description, paths }: DescribedProtocol): object {
  const [path = '/', ...others] = paths;
  // A realm may have a path of its own.
  const parameters = { path: { enum: paths, default: path, description: 'The path, which selects the realm' } };
  return {
    ...(others.length === 0 ? { address: path } : { address: '{path}', parameters }),
    title: description.title,
    summary: `The connection of a client of ${description.title}`,
    description: description.description,
    servers: [reference('servers', name)],
    messages: Object.fromEntries(
      [...Object.keys(description.requests).map(received), ...Object.keys(description.sends).map(sent)].map((id) => [
        id,
        reference('components', 'messages', `${name}.${id}`),
      ]),
    ),
    tags: [{ name }],
    bindings: { ws: { method: 'GET', query: description.query, bindingVersion: '0.1.0' } },
  };
}

function operationsOf({ name, description: { requests, sends } }: DescribedProtocol): Part {
  const channel = reference('channels', name);
  const messageOf = (id: string): Reference => reference('channels', name, 'messages', id);
  const common = { channel, tags: [{ name }] };
  const receive = Object.entries(requests).map(([event, { summary, replies }]) => {
    const reply = { channel, messages: replies.map((reply) => messageOf(sent(reply))) };
    const answered = replies.length === 0 ? {} : { reply };
    const operation = { action: 'receive', title: event, summary, ...common, messages: [messageOf(received(event))] };
    return [`${name}.${received(event)}`, { ...operation, ...answered }];
  });
  const send = Object.entries(sends).map(([event, { summary }]) => {
    const operation = { action: 'send', title: event, summary, ...common, messages: [messageOf(sent(event))] };
    return [`${name}.${sent(event)}`, operation];
  });
  return Object.fromEntries([...receive, ...send]) as Part;
}

function messagesOf({ name, description: { gateway, requests, sends } }: DescribedProtocol): Part {
  const dtos = dtosOf(gateway);
  const described = [...dtos].map(([event, dto]) => {
    const request = requests[event];
    if (!request) throw new Error(`The AsyncAPI document of ${name} lacks the event ${event}`);
    const payload = requestSchema(dtoSchema(dto), request);
    return [`${name}.${received(event)}`, messageObject(event, { ...request, payload })];
  });
  const others = Object.entries(sends).map(([event, message]) => [
    `${name}.${sent(event)}`,
    messageObject(event, message),
  ]);
  return Object.fromEntries([...described, ...others]) as Part;
}

function messageObject(name: string, { summary, event, payload, examples }: MessageDescription): object {
  return {
    name,
    title: name,
    summary,
    contentType: 'application/json',
    payload,
    examples: examples.map((example) => ({ payload: example })),
    ...(event === undefined ? {} : { 'x-socket.io-event': event }),
  };
}

/** Adds the members that the DTO does not describe. A member with only one value identifies the request. */
function requestSchema(schema: JsonSchema, { members }: RequestDescription): JsonSchema {
  const names = Object.entries(members).filter(([, member]) => 'const' in member);
  const required = [...names.map(([name]) => name), ...((schema.required ?? []) as readonly string[])];
  const properties = { ...members, ...(schema.properties as JsonSchema) };
  return { ...schema, properties, ...(required.length > 0 ? { required } : {}) };
}

const received = (event: string): string => `receive.${event}`;
const sent = (event: string): string => `send.${event}`;

function reference(...path: readonly string[]): Reference {
  return { $ref: `#/${path.join('/')}` };
}

import type { AsyncDocument } from '../../src/asyncapi/async-document.js';
import type { JsonSchema } from '../../src/common/json-schema.js';
import type { AsyncMessage, AsyncOperation } from './async-document.js';

interface Channel {
  readonly title: string;
  readonly description: string;
  readonly address: string;
  readonly servers: readonly { readonly $ref: string }[];
  readonly bindings: { readonly ws: { readonly query: JsonSchema } };
}

interface Scheme {
  readonly type: string;
  readonly in?: string;
  readonly name?: string;
  readonly description: string;
}

const MAX_EXAMPLES = 3;

const lastOf = (reference: { readonly $ref: string }): string => reference.$ref.split('/').at(-1) ?? '';

/** Returns a document as Markdown: a section for each protocol, and in it one for each message. */
export function renderAsyncDocument(document: AsyncDocument): string {
  return Object.keys(document.channels)
    .map((name) => sectionOf(document, name))
    .join('\n\n');
}

function sectionOf(document: AsyncDocument, name: string): string {
  const { title, description, address, bindings } = document.channels[name] as Channel;
  const operations = Object.entries(document.operations as Readonly<Record<string, AsyncOperation>>).filter(([id]) =>
    id.startsWith(`${name}.`),
  );
  const of = (wanted: AsyncOperation['action']): string =>
    operations
      .filter(([, { action }]) => action === wanted)
      .map(([id, operation]) => messageSection(document, id, operation))
      .join('\n\n');
  return [
    `## ${title}`,
    description,
    `Clients connect at \`${address}\`.`,
    memberTable('Members of the query', bindings.ws.query),
    `Tokens, in a realm that checks them:`,
    schemesOf(document, name),
    `### ${title}: from clients`,
    of('receive'),
    `### ${title}: from the server`,
    of('send'),
  ].join('\n\n');
}

function schemesOf({ servers, components }: AsyncDocument, name: string): string {
  const { security } = servers[name] as { readonly security: readonly { readonly $ref: string }[] };
  return security
    .map((reference) => {
      const scheme = components.securitySchemes[lastOf(reference)] as Scheme;
      const place = scheme.name === undefined ? '`Authorization: Bearer`' : `\`${scheme.name}\` (${scheme.in})`;
      return `- ${scheme.type === 'apiKey' ? 'message' : place}: ${scheme.description}`;
    })
    .join('\n');
}

function messageSection({ components }: AsyncDocument, id: string, { title, reply }: AsyncOperation): string {
  const message = components.messages[id] as AsyncMessage;
  const answers = (reply?.messages ?? []).map((reference) => `\`${lastOf(reference).replace(/^send\./, '')}\``);
  const event = message['x-socket.io-event'];
  const notes = [
    message.summary,
    ...(event === undefined ? [] : [`Event: \`${event}\`.`]),
    ...(answers.length === 0 ? [] : [`Answers: ${answers.join(', ')}.`]),
  ];
  const examples = message.examples.slice(0, MAX_EXAMPLES).map(({ payload }) => JSON.stringify(payload));
  return [
    `#### ${id.split('.')[0]} ${id.includes('.receive.') ? '→' : '←'} ${title}`,
    notes.join(' '),
    memberTable('Member', message.payload),
    `\`\`\`json\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

/** Returns a table of the members of an object, and of the objects in it. */
function memberTable(heading: string, schema: JsonSchema): string {
  const rows = rowsOf(schema, '');
  return [`| ${heading} | type | required | |`, '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(schema: JsonSchema, prefix: string): string[] {
  const required = (schema.required ?? []) as readonly string[];
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
  const named = properties.flatMap(([name, member]) => {
    const needed = required.includes(name) ? 'yes' : 'no';
    const about = typeof member.description === 'string' ? member.description : '';
    const row = `| \`${prefix}${name}\` | ${typeOf(member)} | ${needed} | ${about} |`;
    return [row, ...rowsOf(member, `${prefix}${name}.`)];
  });
  const { additionalProperties, items } = schema;
  const others = isSchema(additionalProperties) ? rowsOf(additionalProperties, `${prefix}*.`) : [];
  return [...named, ...others, ...(isSchema(items) ? rowsOf(items, `${prefix}[].`) : [])];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function typeOf(schema: JsonSchema): string {
  if ('const' in schema) return `\`${String(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (isSchema(schema.not) && Object.keys(schema.not).length === 0) return 'absent';
  if (Array.isArray(schema.oneOf)) return schema.oneOf.map((one) => typeOf(one as JsonSchema)).join(' or ');
  const type = [(schema.type ?? 'any') as string | string[]].flat().join(' or ');
  return type + (typeof schema.pattern === 'string' ? ` \`${schema.pattern.replaceAll('|', '\\|')}\`` : '');
}

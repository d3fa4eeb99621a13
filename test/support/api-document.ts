import { Ajv, type ValidateFunction } from 'ajv';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

export interface DocumentedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

export interface MediaType {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export type Content = Readonly<Record<string, MediaType>>;

export interface DocumentedResponse {
  readonly description?: string;
  readonly content?: Content;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes?: Readonly<Record<string, { readonly type: string; readonly scheme?: string }>>;
  };
}

const ID = 'document';
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** An OpenAPI 3.0 document that checks requests and responses against itself. */
export class ApiDocument {
  private readonly ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  private readonly validators = new Map<Schema, ValidateFunction>();

  constructor(readonly document: OpenApiDocument) {
    this.ajv.addVocabulary(['example', 'xml', 'externalDocs', 'discriminator', 'components']);
    this.ajv.addFormat('date-time', (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)));
    const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema)]);
    this.ajv.addSchema({ $id: ID, components: { schemas: Object.fromEntries(schemas) as object } });
  }

  static async of(url: string): Promise<ApiDocument> {
    const response = await fetch(`${url}/docs-json`);
    if (response.status !== 200) throw new Error(`the document can not be had: ${response.status}`);
    return new ApiDocument((await response.json()) as OpenApiDocument);
  }

  /** Returns all operations by method and path, such as `GET /admin/v1/rooms`. */
  operations(): Map<string, Operation> {
    const all = new Map<string, Operation>();
    for (const [path, methods] of Object.entries(this.document.paths)) {
      for (const [method, operation] of Object.entries(methods)) all.set(`${method.toUpperCase()} ${path}`, operation);
    }
    return all;
  }

  /** Returns the differences of a response from the document. */
  differences(operation: Operation, status: number, type: string, body: unknown): string[] {
    if (!(String(status) in operation.responses)) return [`the status ${status} is not documented`];
    const { content = {} } = operation.responses[String(status)];
    const types = Object.keys(content);
    if (types.length === 0) return body === undefined && type === '' ? [] : ['it has a body, which is not documented'];
    if (!types.includes(type)) return [`the content type is "${type}", not ${types.join(' or ')}`];
    return this.errors(content[type].schema, body);
  }

  /** Returns the errors in a request body. */
  errorsOfRequest({ requestBody }: Operation, body: unknown): string[] {
    if (body === undefined) return requestBody?.required ? ['there is no body'] : [];
    if (!requestBody) return ['there is a body, which is not documented'];
    return this.errors(requestBody.content['application/json']?.schema, body);
  }

  /** Returns the errors of a value against this schema. */
  errors(schema: Schema | undefined, value: unknown): string[] {
    if (!schema) return ['it has no schema'];
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(closed(schema));
      this.validators.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
    });
  }
}

/** Returns the bodies that an operation documents for a status. */
export function examplesOf({ responses }: Operation, status: number): unknown[] {
  return Object.values(responses[String(status)]?.content ?? {}).flatMap(({ example, examples = {} }) => {
    const values = Object.values(examples).map(({ value }) => value);
    return example === undefined ? values : [example, ...values];
  });
}

/** Converts a schema to JSON Schema, with objects that allow only the documented properties. */
function closed(schema: Schema): Schema {
  return walk(schema) as Schema;
}

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...schema } = value as Schema;
  if ($ref !== undefined) return { $ref: `${ID}${$ref}` };
  const walked: Record<string, unknown> = {};
  for (const [keyword, part] of Object.entries(schema)) {
    walked[keyword] =
      keyword === 'properties'
        ? Object.fromEntries(Object.entries(part as object).map(([name, property]) => [name, walk(property)]))
        : keyword === 'enum' || keyword === 'default'
          ? part
          : walk(part);
  }
  if (schema.properties && !('additionalProperties' in schema)) walked.additionalProperties = false;
  return walked;
}

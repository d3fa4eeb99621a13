import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  enum?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Adds the names of the protocols as the allowed values of each `protocol` parameter and property in the document. */
export function listProtocols(document: OpenAPIObject, names: readonly string[]): OpenAPIObject {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path) as Operation[]);
  const parameters = operations.flatMap(({ parameters = [] }) => parameters).filter(({ name }) => name === 'protocol');
  const objects = Object.values(document.components?.schemas ?? {}) as ObjectSchema[];
  const schemas = [
    ...parameters.map(({ schema }) => schema),
    ...objects.flatMap(({ properties }) => properties?.protocol ?? []),
  ];
  for (const schema of schemas) schema.enum = names;
  return document;
}

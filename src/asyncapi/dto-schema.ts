import 'reflect-metadata';
import { getMetadataStorage, ValidationTypes } from '../common/class-validator.js';
import { type JsonSchema, StatedSchema } from '../common/json-schema.js';
import type { DtoClass } from '../transport/endpoint/message-handlers.js';

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** What a rule says about a property. */
interface Statement {
  readonly schema?: JsonSchema;
  readonly isOptional?: boolean;
  /** Whether the property is none of the message's, but made by the codec. */
  readonly isInternal?: boolean;
}

/** The rules of class-validator that the DTOs of messages use, by name. */
const RULES: Readonly<Record<string, Statement>> = {
  isString: { schema: { type: 'string' } },
  isNotEmpty: { schema: { minLength: 1 } },
  isObject: { schema: { type: 'object' } },
  isDefined: { schema: { not: { type: 'null' } } },
  isOptional: { isOptional: true },
};

/**
 * Returns the schema that the class-validator rules of a DTO describe. Properties without rules are not in it.
 * @throws Error for a rule that states no schema
 */
export function dtoSchema(dto: DtoClass): JsonSchema {
  const storage = getMetadataStorage();
  const rules = storage.groupByPropertyName(storage.getTargetValidationMetadatas(dto, '', true, false));
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [property, entries] of Object.entries(rules)) {
    const statements = entries.map((entry) => statementOf(entry, dto, property));
    if (statements.some(({ isInternal }) => isInternal)) continue;
    const isOptional = statements.some((statement) => statement.isOptional);
    properties[property] = merged(statements, entries.some(isNullable));
    if (!isOptional) required.push(property);
  }
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function statementOf(entry: Metadata, dto: DtoClass, property: string): Statement {
  const { type, name } = entry;
  if (type === ValidationTypes.NESTED_VALIDATION) {
    return { schema: dtoSchema(Reflect.getMetadata('design:type', dto.prototype as object, property) as DtoClass) };
  }
  // Whether the property is needed depends on others.
  if (type === ValidationTypes.CONDITIONAL_VALIDATION) return { isOptional: true };
  // Decorators without constraints leave them undefined, against their type.
  const [stated] = (entry as { readonly constraints?: readonly unknown[] }).constraints ?? [];
  if (stated instanceof StatedSchema) return { ...stated, isInternal: stated.schema === undefined };
  const rule = RULES[name ?? type];
  if (!rule) throw new Error(`${dto.name}.${property}: the rule ${name ?? type} states no JSON Schema`);
  return rule;
}

/** Whether a rule is that of `@IsOptional`, which accepts null. */
function isNullable({ type, name }: Metadata): boolean {
  return type === ValidationTypes.CONDITIONAL_VALIDATION && name === 'isOptional';
}

function merged(statements: readonly Statement[], isNullable: boolean): JsonSchema {
  const schema = Object.assign({}, ...statements.map((statement) => statement.schema ?? {})) as JsonSchema;
  return isNullable ? { ...schema, type: [schema.type, 'null'] } : schema;
}

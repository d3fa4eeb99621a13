import 'reflect-metadata';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { getMetadataStorage, ValidationTypes } from '../../common/class-validator.js';
import { DomainError, type DomainErrorData } from '../../common/domain-error.js';

type DtoClass = abstract new (...args: never[]) => object;
type Fault = DomainErrorData['INVALID_REQUEST'];
/** Returns the fault of a value, or undefined. */
type Check = (value: unknown, object: object) => Fault | undefined;
type Condition = (object: object, value: unknown) => boolean;

interface PropertyRule {
  readonly property: string;
  readonly conditions: readonly Condition[];
  readonly checks: readonly Check[];
}

/**
 * Compiles the class-validator decorators of a DTO into one function, so that no frame pays for looking them up.
 *
 * The function throws DomainError INVALID_REQUEST with the message of the first broken rule, and with the `code` in the
 * `context` of the rule if there is one. It checks the properties in the order of the class, and the rules of each
 * property from the bottom up. A DTO without rules accepts every object. A rule with `each` accepts arrays only.
 *
 * @throws Error for unsupported decorators (asynchronous ones, promises)
 */
export function compileDto(dto: DtoClass): (value: object) => void {
  const check = compile(dto);
  return (object) => {
    const fault = check(object, object);
    if (fault) throw new DomainError('INVALID_REQUEST', fault);
  };
}

function compile(dto: DtoClass): Check {
  const rules = rulesOf(dto);
  return (object) => {
    for (const { property, conditions, checks } of rules) {
      const value = (object as Record<string, unknown>)[property];
      if (!conditions.every((condition) => condition(object as object, value))) continue;
      for (const check of checks) {
        const fault = check(value, object as object);
        if (fault) return fault;
      }
    }
    return undefined;
  };
}

function rulesOf(dto: DtoClass): PropertyRule[] {
  const storage = getMetadataStorage();
  const metadata = storage.getTargetValidationMetadatas(dto, '', true, false);
  return Object.entries(storage.groupByPropertyName(metadata)).map(([property, entries]) => {
    const conditions = entries
      .filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION)
      .map(({ constraints }) => constraints[0] as Condition);
    const checks = entries
      .filter(({ type }) => type !== ValidationTypes.CONDITIONAL_VALIDATION)
      .flatMap((entry) => checksOf(entry, dto, property));
    return { property, conditions, checks };
  });
}

function checksOf(entry: ValidationMetadata, dto: DtoClass, property: string): Check[] {
  if (entry.type === ValidationTypes.NESTED_VALIDATION) {
    // TypeScript records no class of the elements of an array.
    if (entry.each) throw unsupported(dto, property, `${entry.type} with each`);
    const nested = compile(Reflect.getMetadata('design:type', dto.prototype as object, property) as DtoClass);
    return [(value) => (isObject(value) ? nested(value, value) : { reason: `${property} must be an object` })];
  }
  const constraints = getMetadataStorage().getTargetValidatorConstraints(entry.constraintCls);
  const isKnown = [ValidationTypes.CUSTOM_VALIDATION, ValidationTypes.IS_DEFINED].includes(entry.type);
  if (!isKnown || constraints.some(({ async }) => async)) throw unsupported(dto, property, entry.type);
  const checks = constraints.map(({ instance }) => checkOf(instance, entry, dto, property));
  return entry.each ? checks.map((check) => checkEach(check, property)) : checks;
}

/** Checks the elements of an array, as rules with `each` do. */
function checkEach(check: Check, property: string): Check {
  return (value, object) => {
    if (!Array.isArray(value)) return { reason: `${property} must be an array` };
    for (const element of value) {
      const fault = check(element, object);
      if (fault) return fault;
    }
    return undefined;
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function unsupported(dto: DtoClass, property: string, what: string): Error {
  return new Error(`${dto.name}.${property}: rules of type ${what} are not supported`);
}

function checkOf(
  constraint: ValidatorConstraintInterface,
  // A decorator without a message of its own leaves it undefined, against its type.
  {
    message,
    constraints,
    context,
  }: Partial<Pick<ValidationMetadata, 'message' | 'context'>> & Pick<ValidationMetadata, 'constraints'>,
  dto: DtoClass,
  property: string,
): Check {
  const { code } = (context ?? {}) as { readonly code?: string };
  const reasonFor = (args: ValidationArguments): string => {
    if (typeof message === 'function') return message(args);
    return filledIn(message ?? constraint.defaultMessage?.(args) ?? '$property is not valid', args);
  };
  return (value, object) => {
    const args: ValidationArguments = { value, object, constraints, property, targetName: dto.name };
    if (constraint.validate(value, args)) return undefined;
    const reason = reasonFor(args);
    return code === undefined ? { reason } : { reason, code };
  };
}

/** Replaces class-validator's placeholders in a message, except `$value`: a client's text is not sent back. */
function filledIn(message: string, { property, constraints }: ValidationArguments): string {
  return message
    .replaceAll('$property', property)
    .replace(/\$constraint(\d)/g, (_, number: string) => String(constraints[Number(number) - 1]));
}

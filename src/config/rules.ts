import { ValidateBy } from 'class-validator';
import { declareRule, type ValueRule } from './option.js';

/** A whole number within bounds, both included. */
export function Integer(min: number, max: number): PropertyDecorator {
  return rule({ kind: 'integer', allowed: `an integer from ${min} to ${max}` }, (value) => {
    return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  });
}

/** True or false; a flag without a value is true. */
export function Flag(): PropertyDecorator {
  return rule({ kind: 'flag', allowed: 'true or false' }, (value) => typeof value === 'boolean');
}

export interface TextBounds {
  minLength?: number;
  maxLength: number;
  matches?: RegExp;
  /** What `matches` says, in words that complete "must be …". */
  allowed?: string;
}

export function Text({ minLength = 0, maxLength, matches = /^/, allowed }: TextBounds): PropertyDecorator {
  const length = minLength > 0 ? `${minLength} to ${maxLength}` : `up to ${maxLength}`;
  return rule({ kind: 'text', allowed: `${allowed ?? 'text'}, ${length} characters long` }, (value) => {
    return isTextWithin(value, minLength, maxLength) && matches.test(value);
  });
}

export function OneOf(...values: readonly string[]): PropertyDecorator {
  return rule({ kind: 'text', allowed: `one of ${values.join(', ')}` }, (value) => {
    return typeof value === 'string' && values.includes(value);
  });
}

/** A list of texts, none of them empty: comma-separated in the environment, a repeatable flag. */
export function TextList({ maxItems, maxLength }: { maxItems: number; maxLength: number }): PropertyDecorator {
  const allowed = `a list of up to ${maxItems} texts of 1 to ${maxLength} characters`;
  return rule({ kind: 'list', allowed }, (value) => {
    return Array.isArray(value) && value.length <= maxItems && value.every((item) => isTextWithin(item, 1, maxLength));
  });
}

/** Greater than another option of the same object; says nothing while that one is undefined. */
export function GreaterThan(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'greaterThan',
    validator: {
      validate(value: unknown, args) {
        const bound = args && valueOf(args.object, other);
        return bound === undefined || Number(value) > Number(bound);
      },
      defaultMessage: (args) => `must be greater than ${other} (${String(args && valueOf(args.object, other))})`,
    },
  });
}

function rule(declared: ValueRule, accepts: (value: unknown) => boolean): PropertyDecorator {
  const validate = ValidateBy({
    name: declared.kind,
    validator: { validate: accepts, defaultMessage: () => `must be ${declared.allowed}` },
  });
  return (prototype, property) => {
    declareRule(prototype, property, declared);
    validate(prototype, property);
  };
}

function isTextWithin(value: unknown, minLength: number, maxLength: number): value is string {
  return typeof value === 'string' && value.length >= minLength && value.length <= maxLength;
}

function valueOf(object: object, name: string): unknown {
  return Reflect.get(object, name);
}

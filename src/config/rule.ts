import { ValidateBy } from '../common/class-validator.js';
import { declareRule, type ValueRule } from './option.js';

/** Returns the decorator of a value rule, which class-validator checks. */
export function rule(declared: ValueRule, accepts: (value: unknown) => boolean): PropertyDecorator {
  const validate = ValidateBy({
    name: declared.kind,
    validator: { validate: accepts, defaultMessage: () => `must be ${declared.allowed}` },
  });
  return (prototype, property) => {
    declareRule(prototype, property, declared);
    validate(prototype, property);
  };
}

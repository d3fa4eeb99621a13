import { ValidateBy } from '../common/class-validator.js';

/** Requires that each object of a list has a `url`. */
export function NamedUrls(): PropertyDecorator {
  const missing = (value: unknown): number =>
    Array.isArray(value) ? value.findIndex((each: { url?: unknown } | null) => (each?.url ?? '') === '') : -1;
  return ValidateBy({
    name: 'namedUrls',
    validator: {
      validate: (value: unknown) => missing(value) === -1,
      defaultMessage: (args) => `cannot be used: ${missing(args?.value)} needs url`,
    },
  });
}

import { Validator } from '../common/class-validator.js';
import { isObject } from '../common/is-object.js';
import { type MemberProblem, type OptionsClass, ruleOf } from './option.js';
import { rule } from './rule.js';
import { withMemberContents } from './secret-files.js';

/**
 * An object as a user writes it: each member may be missing, and a list of texts may be one text. Members that are
 * missing have the defaults of the class `T`.
 */
export type Given<T> = { readonly [K in keyof T]?: GivenMember<NonNullable<T[K]>> };

/** A member of an object as a user writes it. */
export type GivenMember<T> = T extends readonly string[]
  ? T | string
  : T extends readonly unknown[] | ReadonlyMap<unknown, unknown>
    ? T
    : T extends object
      ? Given<T>
      : T;

/** An object with the members of a class, whose fields have value rules. */
export function Members(Type: OptionsClass): PropertyDecorator {
  const problems = (value: unknown): MemberProblem[] => problemsOf(Type, value);
  const normalise = (value: unknown): object => normalised(Type, value as object);
  const files = (value: unknown): string[] => filesOf(Type, value);
  return rule(
    { kind: 'json', allowed: 'an object', problems, normalise, files },
    (value) => problems(value).length === 0,
  );
}

/** An object whose members, with names of 1 to `maxLength` characters, are objects with the members of a class. */
export function Named(Type: OptionsClass, limits: { maxItems: number; maxLength: number }): PropertyDecorator {
  const { maxItems, maxLength } = limits;
  const allowed = `an object of up to ${maxItems} objects, with names of 1 to ${maxLength} characters`;
  const problems = (value: unknown): MemberProblem[] => {
    const names = isObject(value) ? Object.keys(value) : undefined;
    if (!names || names.length > maxItems || names.some((name) => name.length < 1 || name.length > maxLength)) {
      return [{ path: '', message: `must be ${allowed}` }];
    }
    return names.flatMap((name) => problemsOf(Type, Reflect.get(value as object, name), `.${name}`));
  };
  const normalise = (value: unknown): object =>
    Object.fromEntries(Object.entries(value as object).map(([name, its]) => [name, normalised(Type, its as object)]));
  const files = (value: unknown): string[] =>
    isObject(value) ? Object.values(value).flatMap((its) => filesOf(Type, its)) : [];
  return rule({ kind: 'json', allowed, problems, normalise, files }, (value) => problems(value).length === 0);
}

/** A list of objects with the members of a class. */
export function ListOf(Type: OptionsClass, { maxItems }: { maxItems: number }): PropertyDecorator {
  const allowed = `a list of up to ${maxItems} objects`;
  const problems = (value: unknown): MemberProblem[] => {
    if (!Array.isArray(value) || value.length > maxItems) return [{ path: '', message: `must be ${allowed}` }];
    return value.flatMap((each, at) => problemsOf(Type, each, `[${at}]`));
  };
  const normalise = (value: unknown): object => (value as object[]).map((each) => normalised(Type, each));
  const files = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap((its) => filesOf(Type, its)) : []);
  return rule({ kind: 'json', allowed, problems, normalise, files }, (value) => problems(value).length === 0);
}

/**
 * Returns an object with its defaults.
 * @param given normalised objects; each wins over the ones before it, member by member
 */
export function completed<T extends object>(
  Type: OptionsClass<T>,
  ...given: readonly (Given<NoInfer<T>> | undefined)[]
): T {
  return Object.assign(new Type(), ...given) as T;
}

/** Returns the paths of the files that an object with the members of a class names. */
export function filesOf(Type: OptionsClass, value: unknown): string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, its]: [string, unknown]) => {
    return its === undefined ? [] : (ruleOf(Type.prototype as object, name)?.files?.(its) ?? []);
  });
}

function problemsOf(Type: OptionsClass, value: unknown, path = ''): MemberProblem[] {
  if (!isObject(value)) return [{ path, message: 'must be an object' }];
  const prototype = Type.prototype as object;
  const { members, problems } = withMemberContents(value, (name) => ruleOf(prototype, name));
  const found = [...members].flatMap(([name, its]): MemberProblem[] => {
    const declared = ruleOf(prototype, name);
    if (!declared) return [{ path: `${path}.${name}`, message: 'is not an option' }];
    if (its === undefined) return [];
    if (declared.problems) {
      return declared.problems(its).map((each) => ({ ...each, path: `${path}.${name}${each.path}` }));
    }
    const alone: object = Object.assign(Object.create(prototype) as object, { [name]: its });
    const [error] = new Validator().validateSync(alone, { skipUndefinedProperties: true });
    return Object.values(error?.constraints ?? {})
      .slice(0, 1)
      .map((message) => ({ path: `${path}.${name}`, message }));
  });
  return [...problems.map((each) => ({ ...each, path: path + each.path })), ...found];
}

/** Returns an object of the class that has the given members, and those in files, alone, each normalised. */
function normalised(Type: OptionsClass, value: object): object {
  const prototype = Type.prototype as object;
  const given = withMemberContents(value, (name) => ruleOf(prototype, name)).members;
  const members = [...given]
    .filter(([, its]) => its !== undefined)
    .map(([name, its]): [string, unknown] => [name, (ruleOf(prototype, name)?.normalise ?? identity)(its)]);
  return Object.assign(Object.create(prototype) as object, Object.fromEntries(members));
}

function identity(value: unknown): unknown {
  return value;
}

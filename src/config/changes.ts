import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.js';
import { type OptionInfo, optionsOf } from './option.js';

/** The options that differ between two configurations. */
export interface Changes {
  readonly changed: readonly OptionInfo[];
  /** A line for each option that only a restart may change. */
  readonly problems: readonly string[];
}

/** Compares two configurations. */
export function changesBetween(former: Config, next: Config): Changes {
  const changed = optionsOf(former.constructor as typeof Config).filter(({ name }) => {
    return !areEqual(Reflect.get(former, name), Reflect.get(next, name));
  });
  const fixed = changed.filter((option) => !mayChange(option, former, next));
  return { changed, problems: fixed.map(problemOf) };
}

function mayChange({ name, reloadable }: OptionInfo, former: Config, next: Config): boolean {
  if (typeof reloadable === 'boolean') return reloadable;
  const [before, after] = [former, next].map((config) =>
    withoutMembers(Reflect.get(config, name) as object, reloadable),
  );
  return areEqual(before, after);
}

/** Whether two values have the same members. Only a default is no instance of its class. */
export function areEqual(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(structuredClone(one), structuredClone(other));
}

/** Returns named objects without some of their members. */
function withoutMembers(objects: object, names: readonly string[]): object {
  const rest = Object.entries(objects).map(([key, object]: [string, object]) => {
    return [key, Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))];
  });
  return Object.fromEntries(rest) as object;
}

function problemOf({ name, reloadable }: OptionInfo): string {
  if (typeof reloadable === 'boolean') return `${name} has changed, which needs a restart`;
  return `${name} has changed in more than ${reloadable.join(', ')}, which needs a restart`;
}

import { isDeepStrictEqual } from 'node:util';
import type { OptionInfo } from './option.js';

const MASK = '********';

/** Returns the value of an option with its secrets masked. Defaults are not secret. */
export function masked({ owner, name, secret, secretMembers }: OptionInfo, value: unknown): unknown {
  if (!secret || isDeepStrictEqual(value, Reflect.get(new owner(), name))) return value;
  if (secretMembers === undefined) return MASK;
  return JSON.parse(JSON.stringify(value), (key, its: unknown) => (secretMembers.includes(key) ? MASK : its));
}

/** Whether a value contains the mask instead of the secret, as in a copy of the output of `--print-config`. */
export function isMasked({ secretMembers }: OptionInfo, value: unknown): boolean {
  if (secretMembers === undefined || typeof value !== 'object') return value === MASK;
  let found = false;
  JSON.stringify(value, (key, its: unknown) => {
    found ||= secretMembers.includes(key) && its === MASK;
    return its;
  });
  return found;
}

import { isDeepStrictEqual } from 'node:util';
import type { OptionInfo } from './option.js';

const MASK = '********';

/** Returns the value of an option with its secrets masked. Defaults are not secret. */
export function masked({ owner, name, secret, secretMember }: OptionInfo, value: unknown): unknown {
  if (!secret || isDeepStrictEqual(value, Reflect.get(new owner(), name))) return value;
  if (secretMember === undefined) return MASK;
  return JSON.parse(JSON.stringify(value), (key, its: unknown) => (key === secretMember ? MASK : its));
}

/** Whether a value contains the mask instead of the secret, as in a copy of the output of `--print-config`. */
export function isMasked({ secretMember }: OptionInfo, value: unknown): boolean {
  if (secretMember === undefined || typeof value !== 'object') return value === MASK;
  let found = false;
  JSON.stringify(value, (key, its: unknown) => {
    found ||= key === secretMember && its === MASK;
    return its;
  });
  return found;
}

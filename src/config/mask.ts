import { isDeepStrictEqual } from 'node:util';
import type { OptionInfo } from './option.js';

/** What is shown in place of a secret. */
const MASK = '********';

/** The value of an option as it may be shown. A default is no secret. */
export function masked({ owner, name, secret, secretMember }: OptionInfo, value: unknown): unknown {
  if (!secret || isDeepStrictEqual(value, Reflect.get(new owner(), name))) return value;
  if (secretMember === undefined) return MASK;
  return JSON.parse(JSON.stringify(value), (key, its: unknown) => (key === secretMember ? MASK : its));
}

/** Whether a value contains the mask where the secret belongs, as in a copy of printed options. */
export function isMasked({ secretMember }: OptionInfo, value: unknown): boolean {
  if (secretMember === undefined || typeof value !== 'object') return value === MASK;
  let found = false;
  JSON.stringify(value, (key, its: unknown) => {
    found ||= key === secretMember && its === MASK;
    return its;
  });
  return found;
}

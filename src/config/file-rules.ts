import type { ValueRule } from './option.js';
import { isReadableFile, isWritableFile } from './readable-file.js';
import { rule } from './rule.js';

/** The path of a readable file, or empty. */
export function ReadableFile(): PropertyDecorator {
  return readable();
}

/**
 * The path of a file with the value of another field, or empty. The file holds what the environment variable of that
 * field would, but each item of a list and each pair of a mapping in a line of its own.
 */
export function SecretFile(fills: string): PropertyDecorator {
  return readable({ fills });
}

/** The path of a file that lines can be appended to, and which may not exist yet; or empty. */
export function WritableFile(): PropertyDecorator {
  return rule({ kind: 'text', allowed: 'the path of a file that can be written' }, (value) => {
    return value === '' || isWritableFile(value);
  });
}

function readable(more: Pick<ValueRule, 'fills'> = {}): PropertyDecorator {
  const files = (value: unknown): string[] => (value === '' ? [] : [String(value)]);
  return rule({ kind: 'text', allowed: 'the path of a file that can be read', files, ...more }, (value) => {
    return value === '' || isReadableFile(value);
  });
}

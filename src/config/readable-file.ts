import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether a value is the path of a file that can be read. */
export function isReadableFile(value: unknown): value is string {
  return isPath(value) && isAccessible(value, constants.R_OK) && statSync(value).isFile();
}

/** Whether a value is the path of a file that can be written, or of one that can be created. */
export function isWritableFile(value: unknown): value is string {
  if (!isPath(value)) return false;
  if (!existsSync(value)) return isAccessible(dirname(value), constants.W_OK | constants.X_OK);
  return isAccessible(value, constants.W_OK) && !statSync(value).isDirectory();
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    // The file does not exist, or permissions forbid it.
    return false;
  }
}

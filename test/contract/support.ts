import { DomainError, type DomainErrorCode } from '../../src/common/domain-error.js';

/** Ids and realms that break objects used as maps, separators and encodings. */
export const NAMES = [
  'x',
  '__proto__',
  'constructor',
  'toString',
  'a:b',
  'a b',
  '{a}',
  '€😀',
  '"',
  '\\',
  '*',
  '\n',
  '\0',
  '\ud800',
  '',
];

/** Expects an operation to reject with a DomainError. */
export async function refused(operation: Promise<unknown>, code: DomainErrorCode, data: object): Promise<void> {
  const error: unknown = await operation.then(
    () => 'not refused',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DomainError);
  expect(error).toMatchObject({ code, data });
}

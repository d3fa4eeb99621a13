import assert from 'node:assert/strict';
import { DomainError, type DomainErrorCode, isDomainError } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import type { Room } from '../../common/room.js';

const PATIENCE_MS = 10_000;
const INTERVAL_MS = 2;

/** Ids and realms that break objects used as maps, separators and encodings. */
export const NAMES = [
  'x',
  '__proto__',
  'constructor',
  'toString',
  'a:b',
  'a b',
  '{a}',
  ':',
  '/',
  '|',
  ' ',
  '€😀',
  '"',
  '\\',
  '*',
  '\n',
  '\0',
  '\ud800',
  '\udfff',
  '',
];

/** Cursors that no list returns. */
export const INVALID_CURSORS = ['nonsense', 'undefined', 'NaN', '-1', '1.5', '1 OR 1=1', '€'];

/** Expects two values to be equal. Members that are undefined count as absent. */
export function equal(actual: unknown, expected: unknown): void {
  assert.deepEqual(withoutUndefined(actual), withoutUndefined(expected));
}

/** Expects an object to have at least these members. */
export function includes(actual: object | undefined, expected: object): void {
  const members = Object.keys(expected).map((name) => [name, Reflect.get(actual ?? {}, name) as unknown]);
  equal(Object.fromEntries(members), expected);
}

/** Expects an operation to reject with a DomainError whose data has at least these members. */
export async function refused(operation: Promise<unknown>, code: DomainErrorCode, data: object): Promise<void> {
  const error: unknown = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DomainError, `expected a DomainError ${code}, but got ${String(error)}`);
  assert.equal(error.code, code);
  includes(error.data as object, data);
}

/** Returns, sorted, the code of each operation that is refused with a DomainError, and `done` for each other one. */
export async function outcomesOf(operations: readonly Promise<unknown>[]): Promise<string[]> {
  const outcomes = operations.map(async (operation) => {
    try {
      await operation;
      return 'done';
    } catch (error) {
      if (isDomainError(error)) return error.code;
      throw error;
    }
  });
  return (await Promise.all(outcomes)).sort();
}

/** Waits until something is so, and fails if that takes too long. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) assert.fail(`not so after ${PATIENCE_MS} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

/** Returns a promise that rejects if it is not resolved in time. */
export function eventually<T>(executor: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing after ${PATIENCE_MS} ms`)), PATIENCE_MS);
    executor((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

export function idsOf(items: readonly { readonly id: string }[] | undefined): string[] | undefined {
  return items?.map(({ id }) => id);
}

export function membersOf(room: Room | undefined): string[] | undefined {
  return idsOf(room?.members);
}

/** Returns the items of all pages, and checks that no page exceeds its limit. */
export async function allPages<T>(limit: number, list: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    assert.ok(page.items.length <= limit, `a page of ${page.items.length} items, at most ${limit} requested`);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

/** Lists a, b and c with empty pages between them, which must not move the position. */
export async function continuesAfterEmptyPages(
  list: (query: { limit: number; cursor?: string }) => Promise<Page<{ readonly id: string }>>,
): Promise<void> {
  const start = await list({ limit: 0 });
  equal(start.items, []);
  const first = await list({ limit: 1, cursor: start.cursor });
  equal(idsOf(first.items), ['a']);
  const between = await list({ limit: 0, cursor: first.cursor });
  equal(between.items, []);
  // An empty page need not have a cursor.
  equal(idsOf((await list({ limit: 10, cursor: between.cursor ?? first.cursor })).items), ['b', 'c']);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutUndefined(member)]));
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { TurnSecret } from './turn-secret.js';

let directory: string;
let file: string;
const faults: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'turn-secret-'));
  file = join(directory, 'secret');
  faults.length = 0;
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function secretOf(secret: string[], secretFile: string[]): TurnSecret {
  return new TurnSecret({ secret, secretFile }, (reason) => faults.push(reason));
}

/** Lets the clock pass the time after which the file is read again. */
function passTime(): void {
  const now = performance.now();
  jest.spyOn(performance, 'now').mockReturnValue(now + 1000);
}

it('is the first of several secrets', async () => {
  expect(await secretOf(['new', 'old'], []).current()).toBe('new');
});

it('is that of the first of several files', async () => {
  const other = join(directory, 'other');
  writeFileSync(file, 'new');
  writeFileSync(other, 'old');
  expect(await secretOf([], [file, other]).current()).toBe('new');
});

it.each(['new\n', 'new', 'new\r\nold\r\n', '\n new \n'])('is the first line of the file %j', async (text) => {
  writeFileSync(file, text);
  expect(await secretOf([], [file]).current()).toBe('new');
});

it('is that of the file after the file has changed', async () => {
  writeFileSync(file, 'old');
  const secret = secretOf([], [file]);
  writeFileSync(file, 'new');
  expect(await secret.current()).toBe('old');
  passTime();
  expect(await Promise.all([secret.current(), secret.current()])).toEqual(['new', 'new']);
});

it('stays the last one while the file is empty or missing, and reports that', async () => {
  writeFileSync(file, 'old');
  const secret = secretOf([], [file]);
  writeFileSync(file, '');
  passTime();
  expect(await secret.current()).toBe('old');
  rmSync(file);
  passTime();
  expect(await secret.current()).toBe('old');
  expect(faults).toEqual(['the secretFile of turn is empty', expect.stringContaining('ENOENT')]);
});

it('must exist', () => {
  expect(() => secretOf([], [])).toThrow('turn needs secret or secretFile');
  writeFileSync(file, '\n');
  expect(() => secretOf([], [file])).toThrow('the secretFile of turn is empty');
});

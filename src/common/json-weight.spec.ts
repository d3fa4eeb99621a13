import { isHeavyJson, parseJson } from './json-weight.js';

const MIB = 1_048_576;
const list = (value: string, length = MIB): string =>
  `[${Array(Math.floor(length / (value.length + 1)))
    .fill(value)
    .join()}]`;
const isHeavy = (text: string): boolean => isHeavyJson(Buffer.from(text));

describe('isHeavyJson', () => {
  it.each([
    ['numbers', list('0')],
    ['empty strings', list('""')],
    ['objects', list('{}')],
    ['a deep array', '['.repeat(MIB)],
    ['a deep object', '{"a":'.repeat(MIB / 5)],
    ['names', `{${Array.from({ length: 90_000 }, (_, i) => `"${i}":0`).join()}}`],
    ['strings without separators', '""'.repeat(MIB / 2)],
  ])('is true for a megabyte of %s', (_, text) => {
    expect(isHeavy(text)).toBe(true);
    expect(() => parseJson(Buffer.from(text))).toThrow(RangeError);
  });

  it.each([
    ['one string', `"${'x'.repeat(MIB)}"`],
    ['JSON in a string', JSON.stringify(list('{"a":0}'))],
    ['escaped backslashes', JSON.stringify('\\'.repeat(MIB / 2))],
    ['numbers of a usual length', list('0.12345678')],
    ['objects of a usual size', list(JSON.stringify({ type: 'candidate', candidate: 'x'.repeat(150), sdpMid: '0' }))],
  ])('is false for a megabyte of %s', (_, text) => {
    expect(isHeavy(text)).toBe(false);
    expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
  });

  it('is false for any small text', () => {
    expect(isHeavy('['.repeat(65_536))).toBe(false);
  });

  it('is false for an unterminated string', () => {
    expect(isHeavy(`"${'\\"'.repeat(MIB / 2)}`)).toBe(false);
  });
});

import { Option, optionsOf } from './option.js';
import { Integer, Text } from './rules.js';

class Parent {
  @Option('How many.', { section: 'First', unit: 'pieces', aliases: ['old_name', 'n'], envAliases: ['COUNT'] })
  @Integer(1, 5)
  readonly maxPiecesPerBox: number = 3;

  @Option('Which.')
  @Text({ maxLength: 5 })
  readonly which: string = '';
}

class Child extends Parent {
  @Option('Token.', { section: 'Second', secret: true })
  @Text({ maxLength: 9 })
  readonly token: string = '';
}

describe('optionsOf', () => {
  it('returns the declaration, and the three names of an option', () => {
    expect(optionsOf(Parent)[0]).toEqual({
      owner: Parent,
      name: 'maxPiecesPerBox',
      doc: 'How many.',
      section: 'First',
      unit: 'pieces',
      secret: false,
      reloadable: false,
      kind: 'integer',
      allowed: 'an integer from 1 to 5',
      flag: '--max-pieces-per-box',
      isFileOnly: false,
      aliases: ['--old_name', '-n'],
      env: 'SIGNALBOX_MAX_PIECES_PER_BOX',
      envAliases: ['COUNT'],
    });
  });

  it('continues a section until the next one starts', () => {
    expect(optionsOf(Child).map(({ name, section, secret }) => [name, section, secret])).toEqual([
      ['maxPiecesPerBox', 'First', false],
      ['which', 'First', false],
      ['token', 'Second', true],
    ]);
  });

  it('does not change the parent of a class', () => {
    expect(optionsOf(Parent).map(({ name }) => name)).toEqual(['maxPiecesPerBox', 'which']);
  });

  it('rejects an option without a value rule', () => {
    class Careless {
      @Option('Anything.')
      readonly anything: string = '';
    }
    expect(() => optionsOf(Careless)).toThrow('Option Careless.anything has no value rule');
  });
});

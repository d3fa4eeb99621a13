import { parse } from 'yaml';
import { loadConfig, type LoadedConfig } from '../config/load-config.js';
import { Option } from '../config/option.js';
import { Integer, Text, TextList } from '../config/rules.js';
import { printConfig } from './print-config.js';

class Example {
  @Option('Port.')
  @Integer(0, 9)
  readonly port: number = 1;

  @Option('Name.')
  @Text({ maxLength: 99 })
  readonly name: string = 'true';

  @Option('Origins.')
  @TextList({ maxItems: 9, maxLength: 99 })
  readonly cors: readonly string[] = [];

  @Option('Token.', { secret: true })
  @Text({ maxLength: 99 })
  readonly token: string = '';

  @Option('Keys.', { secret: true })
  @TextList({ maxItems: 9, maxLength: 99 })
  readonly keys: readonly string[] = [];
}

function load(env: NodeJS.ProcessEnv, file?: string): LoadedConfig<Example> {
  return loadConfig(Example, { argv: file ? ['--config', 'file'] : [], env, readFile: () => file ?? '' });
}

describe('printConfig', () => {
  it('prints every option, and where it came from if it is not the default', () => {
    expect(printConfig(Example, load({ SIGNALBOX_PORT: '2', SIGNALBOX_CORS: 'a,b' }))).toBe(
      [
        'port: 2 # environment variable SIGNALBOX_PORT',
        'name: "true"',
        'cors: [ a, b ] # environment variable SIGNALBOX_CORS',
        'token: ""',
        'keys: []',
        '',
      ].join('\n'),
    );
  });

  it('masks secrets that are set', () => {
    const text = printConfig(Example, load({ SIGNALBOX_TOKEN: 's3cret', SIGNALBOX_KEYS: 's3cret1,s3cret2' }));
    expect(parse(text)).toMatchObject({ token: '********', keys: '********' });
    expect(text).not.toContain('s3cret');
  });

  it('can be read again', () => {
    const name = `- "#: '*&! ${'long '.repeat(15)}`;
    const loaded = load({ SIGNALBOX_NAME: name, SIGNALBOX_CORS: 'no,1,~', SIGNALBOX_PORT: '3' });
    const again = load({}, printConfig(Example, loaded));
    expect(again.config).toEqual(loaded.config);
    expect(again.config.name).toBe(name);
  });

  it('cannot be broken out of by the name of the file', () => {
    const { config, files } = load({});
    const text = printConfig(Example, { config, origins: new Map([['port', 'file a\nname: evil']]), files });
    expect(parse(text)).toEqual({ ...config });
  });
});

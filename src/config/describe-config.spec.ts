import { describeConfig, renderMarkdown } from './describe-config.js';
import { Option } from './option.js';
import { Integer, TextList } from './rules.js';

class Example {
  @Option('Port | socket.', { section: 'Server', aliases: ['p'], envAliases: ['PORT'] })
  @Integer(0, 9)
  readonly port: number = 1;

  @Option('Wait.', { unit: 'ms', section: 'Times', reloadable: true })
  @Integer(1, 9)
  readonly waitMs: number = 5;

  @Option('Origins.', { reloadable: ['own'] })
  @TextList({ maxItems: 2, maxLength: 3 })
  readonly cors: readonly string[] = [];
}

describe('describeConfig', () => {
  it('returns names, default with unit, bounds and meaning of each option', () => {
    expect(describeConfig(Example)).toMatchObject([
      { name: 'port', flag: '--port', aliases: ['-p'], env: 'SIGNALBOX_PORT', default: '1', section: 'Server' },
      { name: 'waitMs', flag: '--wait-ms', default: '5 ms', unit: 'ms', allowed: 'an integer from 1 to 9' },
      { name: 'cors', default: '[]', doc: 'Origins.', section: 'Times', reloadable: ['own'] },
    ]);
  });
});

describe('renderMarkdown', () => {
  it('renders a heading and an aligned table for each section', () => {
    expect(renderMarkdown(describeConfig(Example)).split('\n')).toEqual([
      '## Server',
      '',
      '| Option                                               | Default | Reloadable | Meaning                                         |',
      '| ---------------------------------------------------- | ------- | ---------- | ----------------------------------------------- |',
      '| `port`<br>`--port`, `-p`<br>`SIGNALBOX_PORT`, `PORT` | `1`     | no         | Port \\| socket. Must be an integer from 0 to 9. |',
      '',
      '## Times',
      '',
      '| Option                                         | Default | Reloadable | Meaning                                                        |',
      '| ---------------------------------------------- | ------- | ---------- | -------------------------------------------------------------- |',
      '| `waitMs`<br>`--wait-ms`<br>`SIGNALBOX_WAIT_MS` | `5 ms`  | yes        | Wait. Must be an integer from 1 to 9.                          |',
      '| `cors`<br>`--cors`<br>`SIGNALBOX_CORS`         | `[]`    | `own`      | Origins. Must be a list of up to 2 texts of 1 to 3 characters. |',
    ]);
  });
});

import { Option } from './option.js';
import { Flag, Text } from './rules.js';

/** What is asked of one start of the program: flags beside the configuration, and no keys of the file. */
export class Invocation {
  @Option('YAML or JSON file with options, each under its camelCase name.', { section: 'Command line' })
  @Text({ minLength: 1, maxLength: 4096, allowed: 'a file name' })
  readonly config: string = '';

  @Option('Print the effective configuration as YAML, secrets masked, and exit.')
  @Flag()
  readonly printConfig: boolean = false;

  @Option('Print this help and exit.', { aliases: ['h'] })
  @Flag()
  readonly help: boolean = false;

  @Option('Print the version and exit.')
  @Flag()
  readonly version: boolean = false;
}

import { Option } from './option.js';
import { Flag, Text } from './rules.js';

/** Flags of one start of the program, which are not part of the configuration and not allowed in the file. */
export class Invocation {
  @Option('YAML or JSON file with options under their camelCase names.', { section: 'Command line' })
  @Text({ minLength: 1, maxLength: 4096, allowed: 'a file name' })
  readonly config: string = '';

  @Option('Print the effective configuration as YAML, secrets masked, and exit.')
  @Flag()
  readonly printConfig: boolean = false;

  @Option('Check the configuration and the files that it names, and exit: 0 if the server can start with them, else 2.')
  @Flag()
  readonly checkConfig: boolean = false;

  @Option('Print this help and exit.', { aliases: ['h'] })
  @Flag()
  readonly help: boolean = false;

  @Option('Print the version and exit.')
  @Flag()
  readonly version: boolean = false;
}

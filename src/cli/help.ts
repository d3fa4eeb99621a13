import { bySection, type OptionDescription } from '../config/describe-config.js';

const WIDTH = 100;
const LEFT = 36;

const INTRODUCTION = `Usage: signalbox [options]

WebRTC signaling server. Options come from a YAML or JSON file, the environment and flags; each of
these wins over the one before it. Flags may also be written in snake_case and camelCase; one that
is true or false may stand alone for true, or as --no-... for false.
`;

/** Every option with its flags, meaning, default, unit and environment variable, for a terminal of 100 columns. */
export function renderHelp(invocation: readonly OptionDescription[], config: readonly OptionDescription[]): string {
  const sections = [...bySection([...invocation, ...config])].map(([section, options]) => {
    return `${section}\n${options.map((option) => renderOption(option, detailsOf(option, config.includes(option)))).join('')}`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function renderOption(option: OptionDescription, details: string): string {
  const flags = `  ${[option.flag, ...option.aliases].join(', ')}`;
  const [first = '', ...rest] = [...wrap(option.doc), ...wrap(details)];
  const head = flags.length < LEFT ? [flags.padEnd(LEFT) + first] : [flags, indented(first)];
  return [...head, ...rest.map(indented)].map((line) => `${line}\n`).join('');
}

/** The flags of a single start have no default worth telling, and only `--config` has a variable. */
function detailsOf(option: OptionDescription, isConfig: boolean): string {
  if (!isConfig) return option.name === 'config' ? `[${option.env}]` : '';
  return `[${option.allowed}; default ${option.default}; ${[option.env, ...option.envAliases].join(', ')}]`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && LEFT + line.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function indented(line: string): string {
  return ' '.repeat(LEFT) + line;
}

import { bySection, type OptionDescription } from '../config/describe-config.js';

const MIN_WIDTH = 60;
const MAX_WIDTH = 120;
/** Start of the second column. */
const COLUMN = 36;
/** Minimum width for two columns. */
const WIDTH_FOR_COLUMNS = 100;
/** Indentation of the text below a flag if there is one column. */
const INDENT = 6;

const USAGE = `Usage: signalbox [options]
       signalbox gen-token --help     prints a token for a client
       signalbox check-token --help   says what a token allows
`;

const INTRODUCTION =
  'WebRTC signaling server. Options come from a YAML or JSON file, the environment and flags; each of these wins over the one ' +
  'before it. Flags may also be written in snake_case and camelCase; one that is true or false may stand alone for true, or as ' +
  '--no-... for false.';

/**
 * Returns the text of `--help`: every option with its flags, meaning, bounds, default and environment variables.
 * @param columns width of the terminal; words longer than a line are not broken
 */
export function renderHelp(
  invocation: readonly OptionDescription[],
  config: readonly OptionDescription[],
  columns: number,
): string {
  const width = Math.min(Math.max(columns, MIN_WIDTH), MAX_WIDTH);
  const sections = [...bySection([...invocation, ...config])].map(([section, options]) => {
    const rendered = options.map((option) => renderOption(option, detailsOf(option, config.includes(option)), width));
    return `${section}\n${rendered.join('')}`;
  });
  return [USAGE, `${wrap(INTRODUCTION, width).join('\n')}\n`, ...sections].join('\n');
}

function renderOption(option: OptionDescription, details: string, width: number): string {
  const left = width < WIDTH_FOR_COLUMNS ? INDENT : COLUMN;
  const flags = `  ${option.isFileOnly ? option.name : [option.flag, ...option.aliases].join(', ')}`;
  const text = [...wrap(option.doc, width - left), ...wrap(details, width - left)].map(
    (line) => ' '.repeat(left) + line,
  );
  if (text[0] !== undefined && flags.length < left) text[0] = flags + text[0].slice(flags.length);
  else text.unshift(flags);
  return `${text.join('\n')}\n`;
}

/** Invocation flags have no interesting default, and only `--config` has an environment variable. */
function detailsOf(option: OptionDescription, isConfig: boolean): string {
  if (!isConfig) return option.name === 'config' ? `[${option.env}]` : '';
  const source = option.isFileOnly ? 'no flag' : [option.env, ...option.envAliases].join(', ');
  return `[${option.allowed}; default ${option.default}; ${source}]`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

import parseArguments from 'yargs-parser';
import { dashed, type OptionInfo, separated } from './option.js';
import { FILE_ONLY, fromText, ONLY_ONCE, type Reading, type Setting, unknownOption } from './setting.js';
import { suggest } from './suggest.js';

/**
 * Reads command line arguments as the `peer` command of npm does: `--flag value`, `--flag=value`, `--flag` (true),
 * `--no-flag` (false), in kebab-case, snake_case or camelCase. Only lists may be repeated; a list takes all values that
 * follow.
 */
export function readFlags(argv: readonly string[], options: readonly OptionInfo[]): Reading {
  const optionOf = new Map(options.flatMap((option) => spellings(option).map((name) => [name, option] as const)));
  const { _: strays, ...flags } = parse(argv, options);
  const settings = new Map<OptionInfo, Setting>();
  const problems: string[] = [];

  for (const [key, value] of Object.entries(flags)) {
    const option = optionOf.get(key);
    if (option) {
      settings.set(option, settingOf(option, key, value, settings.get(option)));
    } else {
      problems.push(unknownOption(dashed(key), 'flag', suggest(key, options)?.flag));
    }
  }
  for (const stray of [strays].flat()) problems.push(`${String(stray)} (argument) belongs to no flag, see --help`);
  return { settings: [...settings.values()], problems };
}

/** Declares no types except arrays: values stay text, `true` is a flag without a value, an array is a repeated flag. */
function parse(argv: readonly string[], options: readonly OptionInfo[]): Record<string, unknown> {
  return parseArguments([...argv], {
    array: options.filter(({ kind }) => kind === 'list').flatMap(spellings),
    configuration: {
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    },
  });
}

function spellings({ name, aliases }: OptionInfo): string[] {
  const names = [name, ...aliases.map((alias) => alias.replace(/^-+/, ''))];
  return names.flatMap((each) => [each, separated(each, '-'), separated(each, '_'), each.replaceAll('_', '-')]);
}

function settingOf(option: OptionInfo, key: string, given: unknown, earlier: Setting | undefined): Setting {
  const origin = earlier ? `${earlier.origin}, ${dashed(key)}` : `flag ${dashed(key)}`;
  if (option.isFileOnly) return { option, origin, value: given, fault: FILE_ONLY };
  if (option.kind === 'list') return { option, origin, value: listOf(given, earlier?.value) };

  const value = typeof given === 'string' ? fromText(option.kind, given) : given;
  const repeated = earlier !== undefined || Array.isArray(given);
  return repeated ? { option, origin, value, fault: ONLY_ONCE } : { option, origin, value };
}

/** A list flag without a value does not mean an empty list: it stays `true`, which the rule of the list rejects. */
function listOf(given: unknown, earlier: unknown): unknown {
  if (!Array.isArray(given) || given.length === 0) return true;
  return Array.isArray(earlier) ? [...(earlier as unknown[]), ...(given as unknown[])] : given;
}

import { type OptionInfo, type OptionsClass, optionsOf } from './option.js';
import { plain } from './plain.js';

export interface OptionDescription extends Pick<
  OptionInfo,
  | 'name'
  | 'flag'
  | 'aliases'
  | 'env'
  | 'envAliases'
  | 'isFileOnly'
  | 'unit'
  | 'doc'
  | 'allowed'
  | 'section'
  | 'reloadable'
> {
  /** JSON, followed by the unit. */
  default: string;
}

/** Returns the documentation of all options of a class, in the order of declaration. */
export function describeConfig(Type: OptionsClass): OptionDescription[] {
  const defaults = new Type();
  return optionsOf(Type).map((option) => {
    const value = JSON.stringify(plain(Reflect.get(defaults, option.name)));
    return { ...option, default: option.unit === undefined ? value : `${value} ${option.unit}` };
  });
}

/** Groups options by section, in order. */
export function bySection(options: readonly OptionDescription[]): Map<string, OptionDescription[]> {
  const sections = new Map<string, OptionDescription[]>();
  for (const option of options) sections.set(option.section, [...(sections.get(option.section) ?? []), option]);
  return sections;
}

/** Returns a Markdown heading and table for each section, aligned as Prettier wants it. */
export function renderMarkdown(options: readonly OptionDescription[]): string {
  return [...bySection(options)].map(([section, members]) => `## ${section}\n\n${renderTable(members)}`).join('\n\n');
}

function renderTable(options: readonly OptionDescription[]): string {
  const head = ['Option', 'Default', 'Reloadable', 'Meaning'];
  const rows = options.map((option) => [
    namesOf(option).map(code).join('<br>'),
    code([option.default]),
    reloadableText(option),
    `${option.doc} Must be ${option.allowed}.`.replaceAll('|', '\\|'),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows]
    .map((row) => `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`)
    .join('\n');
}

function namesOf({ name, flag, aliases, env, envAliases, isFileOnly }: OptionDescription): string[][] {
  return isFileOnly ? [[name]] : [[name], [flag, ...aliases], [env, ...envAliases]];
}

function reloadableText({ reloadable }: OptionDescription): string {
  if (typeof reloadable === 'boolean') return reloadable ? 'yes' : 'no';
  return code(reloadable);
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

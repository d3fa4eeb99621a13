import { readFileSync } from 'node:fs';
import type { MemberProblem, OptionInfo, ValueRule } from './option.js';
import { isReadableFile } from './readable-file.js';
import { fromText, pairOf, type Setting } from './setting.js';

const UNREADABLE = 'must be the path of a file that can be read';

/**
 * Puts the setting that a file holds in the place of the one that names the file. A source must not have a value for
 * both.
 */
export function withFileContents(
  settings: readonly Setting[],
  options: readonly OptionInfo[],
  readFile: (path: string) => string,
): Setting[] {
  return settings.map((setting) => {
    const { option, value } = setting;
    const filled = options.find(({ name }) => name === option.fills);
    if (!filled || !isReadableFile(value)) return setting;
    if (settings.some((other) => other.option.name === filled.name))
      return { ...setting, fault: notBeside(filled.name) };
    try {
      const text = readFile(value);
      return { option: filled, value: valueIn(text, filled), origin: `file ${value}` };
    } catch (cause) {
      return { ...setting, fault: `cannot be read: ${(cause as Error).message}` };
    }
  });
}

/**
 * Puts the values that files hold in the place of the members that name the files.
 * @param ruleFor returns the rule of a member
 */
export function withMemberContents(
  given: object,
  ruleFor: (member: string) => ValueRule | undefined,
): { readonly members: ReadonlyMap<string, unknown>; readonly problems: readonly MemberProblem[] } {
  const members = new Map<string, unknown>();
  const problems: MemberProblem[] = [];
  for (const [name, path] of Object.entries(given) as [string, unknown][]) {
    const filled = ruleFor(name)?.fills;
    if (filled === undefined) members.set(name, path);
    else if (path === undefined || path === '') continue;
    else if (filled in given) problems.push({ path: `.${name}`, message: notBeside(filled) });
    else if (!isReadableFile(path)) problems.push({ path: `.${name}`, message: UNREADABLE });
    else members.set(filled, valueIn(readFileSync(path, 'utf8'), ruleFor(filled)));
  }
  return { members, problems };
}

/** Returns the text of a file without line breaks at its end. */
export function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function notBeside(name: string): string {
  return `must not be given together with ${name}`;
}

function valueIn(text: string, rule: Pick<ValueRule, 'kind' | 'isLines'> | undefined): unknown {
  const { kind = 'text', isLines = kind === 'list' } = rule ?? {};
  const content = withoutLineEnd(text);
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (isLines) return lines;
  return kind === 'map' ? new Map(lines.map(pairOf)) : fromText(kind, content);
}

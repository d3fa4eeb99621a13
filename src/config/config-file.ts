import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { OptionInfo } from './option.js';
import { ONLY_ONCE, type Reading, type Setting, unknownOption } from './setting.js';
import { suggest } from './suggest.js';

const require = createRequire(import.meta.url);

/** Reads a YAML or JSON file: a mapping from option names to values. The file may be empty. */
export function readConfigFile(path: string, text: string, options: readonly OptionInfo[]): Reading {
  // Loaded with the first file: applications that embed the server need none.
  const { isMap, parseDocument } = require('yaml') as typeof Yaml;
  const origin = `file ${path}`;
  const document = parseDocument(text, { schema: 'core', uniqueKeys: false });
  // A warning is an unknown tag, whose value would silently be read as another type.
  const [error] = [...document.errors, ...document.warnings];
  if (error) return broken(origin, error);
  const { contents } = document;
  if (contents === null) return { settings: [], problems: [] };

  let values: unknown;
  try {
    values = document.toJS({ mapAsMap: true });
  } catch (cause) {
    // An alias without an anchor, or so many aliases that the file is a bomb.
    return broken(origin, { message: (cause as Error).message });
  }
  if (!isMap(contents) || !(values instanceof Map)) {
    return { settings: [], problems: [`${origin} must hold a mapping of options`] };
  }
  return settingsOf(values, repeatedKeys(contents), origin, options);
}

function settingsOf(
  values: Map<unknown, unknown>,
  repeated: Set<string>,
  origin: string,
  options: readonly OptionInfo[],
): Reading {
  const settings: Setting[] = [];
  const problems: string[] = [];
  for (const [key, value] of values) {
    const name = String(key);
    const option = options.find((each) => each.name === name);
    if (!option) problems.push(unknownOption(name, origin, suggest(name, options)?.name));
    else if (repeated.has(name)) settings.push({ option, value, origin, fault: ONLY_ONCE });
    else settings.push({ option, value: option.kind === 'json' ? plain(value) : value, origin });
  }
  return { settings, problems };
}

/** Converts maps to objects, at any depth. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([key, its]) => [String(key), plain(its)]));
}

function repeatedKeys(mapping: Yaml.YAMLMap): Set<string> {
  const keys = mapping.items.map(({ key }) => String(key));
  return new Set(keys.filter((key, i) => keys.indexOf(key) !== i));
}

/**
 * Reports the parser's message up to its first colon. After it the parser quotes the file, which may contain secrets.
 */
function broken(origin: string, { message, linePos }: Pick<Yaml.YAMLError, 'message' | 'linePos'>): Reading {
  const [reason] = message.split(/[:;\n]| at line /, 1);
  const place = linePos ? ` at line ${linePos[0].line}, column ${linePos[0].col}` : '';
  return { settings: [], problems: [`${origin} is not valid YAML or JSON: ${reason}${place}`] };
}

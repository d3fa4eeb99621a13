import { ENV_PREFIX, type OptionInfo } from './option.js';
import { FILE_ONLY, fromText, type Reading, type Setting, unknownOption } from './setting.js';
import { suggest } from './suggest.js';

/**
 * Reads environment variables. Every `SIGNALBOX_*` variable must be an option; others are read only if an option
 * declares them.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, options: readonly OptionInfo[]): Reading {
  const settings = options.flatMap((option) => settingOf(env, option) ?? []);
  const known = new Set(options.map((option) => option.env));
  const problems = Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.has(name))
    .map((name) => {
      const meant = suggest(name.slice(ENV_PREFIX.length), options);
      return unknownOption(name, 'environment variable', meant?.env);
    });
  return { settings, problems };
}

function settingOf(env: NodeJS.ProcessEnv, option: OptionInfo): Setting | undefined {
  for (const name of [option.env, ...option.envAliases]) {
    const text = env[name];
    if (text === undefined) continue;
    const origin = `environment variable ${name}`;
    if (option.isFileOnly) return { option, value: text, origin, fault: FILE_ONLY };
    return { option, value: fromText(option.kind, text), origin };
  }
  return undefined;
}

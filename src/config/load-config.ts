import { readFileSync } from 'node:fs';
import { Validator } from '../common/class-validator.js';
import { ConfigError } from './config-error.js';
import { readConfigFile } from './config-file.js';
import { readEnvironment } from './environment.js';
import { readFlags } from './flags.js';
import { Invocation } from './invocation.js';
import { isMasked } from './mask.js';
import { type OptionInfo, type OptionsClass, optionsOf } from './option.js';
import { withFileContents } from './secret-files.js';
import { type Reading, refused, type Setting, unknownOption } from './setting.js';

export { ConfigError };

/** Origin of the values passed to `configOf`. */
const PROGRAM = 'option of the application';

export interface ConfigSources {
  /** Arguments without the program name. */
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  /** @throws Error if the file cannot be read */
  readFile: (path: string) => string;
}

export interface LoadedConfig<T> {
  config: T;
  /** Source of each option's value: `default`, `file signalbox.yaml`, `environment variable PORT`, `flag --port`. */
  origins: ReadonlyMap<string, string>;
  /** Files that the values come from, and that they name: the configuration file, certificates, secrets. */
  files: readonly string[];
}

/**
 * Loads the configuration. Flags override environment variables, which override the file (`--config` or
 * SIGNALBOX_CONFIG), which overrides the defaults. Overridden values are validated, too.
 * @throws {ConfigError} with all problems of all sources
 */
export function loadConfig<T extends object>(Type: OptionsClass<T>, sources: ConfigSources): LoadedConfig<T> {
  const { readings, file } = readAll(optionsOf(Type), sources);
  const loaded = applied(Type, readings, sources.readFile);
  return { ...loaded, files: [...(file === undefined ? [] : [file]), ...loaded.files] };
}

/**
 * Returns the configuration of an application: the given values, and defaults for those that are undefined.
 * @throws {ConfigError} with all problems
 */
export function configOf<T extends object>(Type: OptionsClass<T>, values: Partial<T>): T {
  // An application in JavaScript, or a factory without `return`, may pass anything.
  if (typeof values !== 'object' || (values as object | null) === null || Array.isArray(values)) {
    throw new ConfigError([`the options of the application must be an object, got ${kindOf(values)}`]);
  }
  const options = optionsOf(Type);
  const reading: Reading = { settings: [], problems: [] };
  for (const [name, value] of Object.entries(values)) {
    const option = options.find((candidate) => candidate.name === name);
    if (!option) reading.problems.push(unknownOption(name, PROGRAM, undefined));
    else if (value !== undefined) reading.settings.push({ option, value, origin: PROGRAM });
  }
  return applied(Type, [reading], (path) => readFileSync(path, 'utf8')).config;
}

/** Names what a value is. The value itself may be secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function applied<T extends object>(
  Type: OptionsClass<T>,
  readings: readonly Reading[],
  readFile: ConfigSources['readFile'],
): LoadedConfig<T> {
  const options = optionsOf(Type);
  const problems: string[] = [];

  const config = new Type();
  const files: string[] = [];
  const origins = new Map(options.map(({ name }) => [name, 'default']));
  for (const reading of readings) {
    problems.push(...reading.problems);
    for (const { option, value } of reading.settings) files.push(...(option.files?.(value) ?? []));
    for (const setting of withFileContents(reading.settings, options, readFile)) {
      const found = problemsOf(setting);
      problems.push(...found);
      if (setting.option.owner !== Type) continue;
      // Rules between options skip a rejected value, so that one mistake gives one line.
      Reflect.set(config, setting.option.name, found.length > 0 ? undefined : kept(setting));
      origins.set(setting.option.name, setting.origin);
    }
  }
  problems.push(...problemsBetween(config, options, origins));
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, origins, files };
}

/** Returns file, environment and flags, in the order of increasing precedence, and the path of the file. */
function readAll(
  options: OptionInfo[],
  { argv, env, readFile }: ConfigSources,
): { readings: readonly Reading[]; file?: string } {
  const invocation = optionsOf(Invocation);
  const environment = readEnvironment(env, [...invocation.filter(({ name }) => name === 'config'), ...options]);
  const flags = readFlags(argv, [...invocation, ...options]);
  const path = [...environment.settings, ...flags.settings].findLast(
    ({ option }) => option.owner === Invocation && option.name === 'config',
  );
  if (!path || problemsOf(path).length > 0) return { readings: [environment, flags] };
  return { readings: [readFileAt(path, readFile, options), environment, flags], file: String(path.value) };
}

function readFileAt(path: Setting, readFile: ConfigSources['readFile'], options: OptionInfo[]): Reading {
  const name = String(path.value);
  let text: string;
  try {
    text = readFile(name);
  } catch (cause) {
    return { settings: [], problems: [`config (${path.origin}) cannot be read: ${(cause as Error).message}`] };
  }
  return readConfigFile(name, text, options);
}

function problemsOf(setting: Setting): string[] {
  const { option, value } = setting;
  if (setting.fault) return [refused(setting, setting.fault)];
  if (option.secret && isMasked(option, value)) return [refused(setting, 'must be the secret itself, not its mask')];
  if (option.problems) return option.problems(value).map(({ path, message }) => refused(setting, message, path));

  const alone: object = Object.assign(Object.create(option.owner.prototype as object) as object, {
    [option.name]: value,
  });
  const [reason] = failures(alone);
  return reason ? [refused(setting, reason.message)] : [];
}

/** Returns the normalised form of an accepted value. */
function kept({ option: { normalise }, value }: Setting): unknown {
  return normalise ? normalise(value) : value;
}

function problemsBetween(config: object, options: OptionInfo[], origins: ReadonlyMap<string, string>): string[] {
  return failures(config).flatMap(({ property, message }) => {
    const option = options.find(({ name }) => name === property);
    const origin = origins.get(property) ?? 'default';
    return option ? refused({ option, value: Reflect.get(config, property), origin }, message) : [];
  });
}

function failures(object: object): { property: string; message: string }[] {
  return new Validator()
    .validateSync(object, { skipUndefinedProperties: true })
    .flatMap(({ property, constraints = {} }) => Object.values(constraints).map((message) => ({ property, message })));
}

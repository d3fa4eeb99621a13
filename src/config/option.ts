import 'reflect-metadata';
import { getMetadataStorage } from '../common/class-validator.js';

/** Type of a value. It decides how the text of an environment variable or a flag is parsed. */
export type OptionKind = 'integer' | 'flag' | 'text' | 'list' | 'map' | 'trust' | 'json';

/** A rule for the value of an option. `allowed` completes the sentence "must be …". */
export interface ValueRule {
  kind: OptionKind;
  allowed: string;
  /** Normalises an accepted value. */
  normalise?: (value: unknown) => unknown;
  /** Returns the problems of the members of an object; absent for values that are checked as a whole. */
  problems?: (value: unknown) => readonly MemberProblem[];
  /** Name of the field whose value is in the file that this one names. */
  fills?: string;
  /** Whether a file holds the value as a list of lines. Default: lists are. */
  isLines?: boolean;
  /** Returns the paths of the files that an accepted value names; absent for values that name none. */
  files?: (value: unknown) => readonly string[];
}

/** What is wrong with a member of a value. */
export interface MemberProblem {
  /** Path of the member below the value, such as `.jwt.issuer`; empty for the value itself. */
  path: string;
  /** Follows the path in a sentence: "must be …". */
  message: string;
}

export interface OptionSpec {
  /** Starts a section of `--help` with this option. */
  section?: string;
  unit?: string;
  /**
   * Hides the value in `--print-config` and in messages. With names, `--print-config` hides only members with these
   * names, at any depth.
   */
  secret?: true | readonly string[];
  /**
   * A reload may change the value. With names, for an option of objects by name: only these members of each object. The
   * classes that read the option take a new value from the section that they have injected, or from
   * `LiveConfig.onChange`.
   */
  reloadable?: true | readonly string[];
  /** Other names of the flag; a single letter is a short flag. */
  aliases?: readonly string[];
  /** Other environment variables, read if the option's own variable is not set. */
  envAliases?: readonly string[];
  /** Refuses the flag and the environment variable: the value is too large for them. */
  fileOnly?: true;
}

/** A class whose fields are options and whose initializers are their defaults. */
export type OptionsClass<T extends object = object> = new () => T;

export interface OptionInfo {
  owner: OptionsClass;
  name: string;
  doc: string;
  section: string;
  unit: string | undefined;
  secret: boolean;
  /** Names of the members that `--print-config` hides; undefined means the whole value. */
  secretMembers: readonly string[] | undefined;
  /** Whether a reload may change the value, or the members of its objects that it may change. */
  reloadable: boolean | readonly string[];
  kind: OptionKind;
  allowed: string;
  normalise?: (value: unknown) => unknown;
  problems?: (value: unknown) => readonly MemberProblem[];
  fills?: string;
  isLines?: boolean;
  files?: (value: unknown) => readonly string[];
  /** With dashes, as in `--help`. */
  flag: string;
  /** Other flags, with dashes. */
  aliases: readonly string[];
  env: string;
  envAliases: readonly string[];
  /** Whether the flag and the environment variable are refused. */
  isFileOnly: boolean;
}

export const ENV_PREFIX = 'SIGNALBOX_';

const OPTIONS = Symbol('options');
const RULE = Symbol('rule');

interface Declaration {
  name: string;
  doc: string;
  spec: OptionSpec;
}

/**
 * Declares a field as an option. `doc` is its text in `--help` and docs/configuration.md. The field also needs a value
 * rule.
 */
export function Option(doc: string, spec: OptionSpec = {}): PropertyDecorator {
  return (prototype, property) => {
    const declared = declarationsOf(prototype);
    Reflect.defineMetadata(OPTIONS, [...declared, { name: String(property), doc, spec }], prototype);
  };
}

/** Stores the rule of a field, for the decorators of value rules. */
export function declareRule(prototype: object, property: string | symbol, rule: ValueRule): void {
  Reflect.defineMetadata(RULE, rule, prototype, property);
}

/** Returns the rule of a field; undefined for a field without one. */
export function ruleOf(prototype: object, property: string): ValueRule | undefined {
  return Reflect.getMetadata(RULE, prototype, property) as ValueRule | undefined;
}

/** Returns the options of a class in the order of declaration, those of its parent first. */
export function optionsOf(owner: OptionsClass): OptionInfo[] {
  const prototype = owner.prototype as object;
  let section = 'Options';
  return declarationsOf(prototype).map(({ name, doc, spec }) => {
    const rule = ruleOf(prototype, name);
    if (!rule) throw new TypeError(`Option ${owner.name}.${name} has no value rule`);
    section = spec.section ?? section;
    return {
      owner,
      name,
      doc,
      section,
      unit: spec.unit,
      secret: spec.secret !== undefined,
      secretMembers: spec.secret === true ? undefined : spec.secret,
      reloadable: spec.reloadable ?? false,
      ...rule,
      flag: dashed(separated(name, '-')),
      aliases: (spec.aliases ?? []).map(dashed),
      env: ENV_PREFIX + separated(name, '_').toUpperCase(),
      envAliases: spec.envAliases ?? [],
      isFileOnly: spec.fileOnly ?? false,
    };
  });
}

/** Returns a base class with the options of all sections, in their order, with their defaults and rules. */
export function combined<T extends OptionsClass>(sections: readonly T[]): OptionsClass<Combination<InstanceType<T>>> {
  class Combined {
    constructor() {
      for (const Section of sections) Object.assign(this, new Section());
    }
  }
  for (const Section of sections) copyOptions(Section, Combined);
  return Combined as OptionsClass<Combination<InstanceType<T>>>;
}

/** `A & B` of `A | B`. */
type Combination<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer All) => void
  ? All & object
  : never;

function copyOptions(from: OptionsClass, to: OptionsClass): void {
  const [source, target] = [from.prototype as object, to.prototype as object];
  for (const { name, doc, spec } of declarationsOf(source)) {
    Option(doc, spec)(target, name);
    Reflect.defineMetadata(RULE, Reflect.getMetadata(RULE, source, name), target, name);
  }
  const validation = getMetadataStorage();
  for (const metadata of validation.getTargetValidationMetadatas(from, '', false, false)) {
    validation.addValidationMetadata({ ...metadata, target: to });
  }
}

/** `maxRooms` with `-`: `max-rooms`. */
export function separated(name: string, separator: '-' | '_'): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}

/** `port`: `--port`; `p`: `-p`. */
export function dashed(name: string): string {
  return (name.length === 1 ? '-' : '--') + name;
}

function declarationsOf(prototype: object): Declaration[] {
  return (Reflect.getMetadata(OPTIONS, prototype) as Declaration[] | undefined) ?? [];
}

import { areEqual } from './changes.js';
import type { LiveConfig } from './live-config.js';
import { masked } from './mask.js';
import { type OptionInfo, type OptionsClass, optionsOf } from './option.js';
import { plain } from './plain.js';

/** The kinds of sources that a value may come from. `options`: an application has set it. */
export const ORIGINS = ['default', 'file', 'environment', 'flag', 'options'] as const;
export type OriginKind = (typeof ORIGINS)[number];

/** An option with its current value. */
export interface EffectiveOption extends Pick<OptionInfo, 'name' | 'section' | 'doc' | 'unit' | 'reloadable'> {
  /** Secrets are masked, as `--print-config` masks them. */
  readonly value: unknown;
  readonly default: unknown;
  readonly origin: OriginKind;
  /** Name of the file, environment variable or flag; undefined for other origins. */
  readonly source?: string;
}

const ORIGIN = /^(?:(file|flag)|(environment) variable) (.*)$/s;

/** Returns the current values of all options in the order of the documentation. */
export function effectiveOptions(live: LiveConfig): EffectiveOption[] {
  const Type = live.current.constructor as OptionsClass;
  const defaults = new Type();
  return optionsOf(Type).map((option) => {
    const { name, section, doc, unit, reloadable } = option;
    const value: unknown = Reflect.get(live.current, name);
    const standard: unknown = Reflect.get(defaults, name);
    const origin = originOf(live.originOf(name) ?? (areEqual(value, standard) ? 'default' : 'options'));
    const values = { value: plain(masked(option, value)), default: plain(standard) };
    return { name, section, doc, unit, reloadable, ...values, ...origin };
  });
}

/** Parses the origin of a setting. */
function originOf(text: string): Pick<EffectiveOption, 'origin' | 'source'> {
  const [, ofFileOrFlag, ofEnvironment, source] = ORIGIN.exec(text) ?? [];
  const origin = ofFileOrFlag ?? ofEnvironment ?? text;
  return { origin: origin as OriginKind, ...(source !== undefined && { source }) };
}

import { changesBetween } from './changes.js';
import type { Config } from './config.js';
import { ConfigError } from './load-config.js';
import { type OptionsClass, optionsOf } from './option.js';

/** What a class derives from a new configuration, before it takes effect. */
export interface Prepared {
  /** Puts it into effect. Must not throw. */
  apply(): void;
  /** Releases it, because the configuration is refused. */
  discard?(): void;
}

/**
 * Derives what a class needs from a new configuration, and reads the files that it names. The sections still have the
 * former values.
 * @throws ConfigError for a configuration that cannot be used
 */
export type Prepare = (next: Config) => Prepared | Promise<Prepared>;

/**
 * The configuration of a running server. Its objects, and those of its sections, live as long as the server: a change
 * assigns new values to them, so that a class that reads an option at use sees the new value. A class that keeps
 * something derived from options also registers with `onChange`.
 */
export class LiveConfig {
  private readonly sections = new Map<OptionsClass, object>();
  private readonly preparations: Prepare[] = [];
  private origins?: ReadonlyMap<string, string>;

  constructor(readonly current: Config) {}

  /** Notes the sources of the current values, by name of the option, as `loadConfig` returns them. */
  noteOrigins(origins: ReadonlyMap<string, string>): void {
    this.origins = origins;
  }

  /** Returns the source of an option's value, such as `flag --port`; undefined if an application has set the options. */
  originOf(name: string): string | undefined {
    return this.origins?.get(name);
  }

  /** Returns the options of one section. */
  section(Section: OptionsClass): object {
    let section = this.sections.get(Section);
    if (!section) {
      section = new Section();
      assign(section, this.current, namesOf(Section));
      this.sections.set(Section, section);
    }
    return section;
  }

  /** Calls a function for each change, before it takes effect, even if only a file has changed. */
  onChange(prepare: Prepare): void {
    this.preparations.push(prepare);
  }

  /**
   * Puts a valid configuration into effect, all of it or nothing.
   * @param origins the sources of its values, if they are known
   * @returns names of the options that have changed
   * @throws ConfigError if an option has changed that only a restart may change, or a class cannot use the configuration
   */
  async change(next: Config, origins?: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const { changed, problems } = changesBetween(this.current, next);
    if (problems.length > 0) throw new ConfigError(problems);
    const prepared = await this.prepare(next);
    const names = changed.map(({ name }) => name);
    assign(this.current, next, names);
    for (const [Section, section] of this.sections) {
      const own = namesOf(Section);
      assign(
        section,
        next,
        names.filter((name) => own.includes(name)),
      );
    }
    for (const each of prepared) each.apply();
    if (origins) this.noteOrigins(origins);
    return names;
  }

  private async prepare(next: Config): Promise<readonly Prepared[]> {
    const outcomes = await Promise.allSettled(this.preparations.map(async (prepare) => prepare(next)));
    const prepared = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (errors.length === 0) return prepared;
    for (const each of prepared) each.discard?.();
    const unexpected = errors.find((error) => !(error instanceof ConfigError));
    if (unexpected !== undefined) throw new Error('the configuration cannot be prepared', { cause: unexpected });
    throw new ConfigError([...new Set((errors as ConfigError[]).flatMap(({ problems }) => problems))]);
  }
}

function namesOf(Section: OptionsClass): readonly string[] {
  return optionsOf(Section).map(({ name }) => name);
}

function assign(target: object, source: object, names: readonly string[]): void {
  for (const name of names) Reflect.set(target, name, Reflect.get(source, name));
}

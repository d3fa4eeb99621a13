/** Reports all problems of a configuration, one line each, without control characters. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const lines = problems.map((problem) => problem.replace(/\p{Cc}+/gu, ' '));
    super(lines.join('\n'));
    this.problems = lines;
  }
}

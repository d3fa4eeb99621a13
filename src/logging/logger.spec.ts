import { Logger, type LogLevel, type LogThreshold } from './logger.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

function logged(threshold: LogThreshold, write: (logger: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(new Logger(threshold, (line) => void lines.push(line)));
  for (const line of lines) expect(line).toMatch(/^\{.*\}\n$/);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('Logger', () => {
  it('writes level, time, members and message in that order', () => {
    const before = Date.now();
    const [line] = logged('info', (logger) => logger.info({ port: 9000, host: undefined, urls: ['a'] }, 'listening'));
    expect(Object.entries(line ?? {})).toEqual([
      ['level', 30],
      ['time', expect.any(Number)],
      ['port', 9000],
      ['urls', ['a']],
      ['msg', 'listening'],
    ]);
    expect(line?.time).toBeGreaterThanOrEqual(before);
  });

  it.each<[LogThreshold, LogLevel[]]>([
    ['trace', [...LEVELS]],
    ['warn', ['warn', 'error', 'fatal']],
    ['fatal', ['fatal']],
    ['silent', []],
  ])('from %s on writes %j', (threshold, written) => {
    const lines = logged(threshold, (logger) => LEVELS.forEach((level) => logger[level]({}, level)));
    expect(lines.map(({ msg }) => msg)).toEqual(written);
    expect(lines.map(({ level }) => level)).toEqual(written.map((level) => 10 * (1 + LEVELS.indexOf(level))));
  });

  it('writes from another level on once it is changed', () => {
    const lines = logged('info', (logger) => {
      expect([logger.level, logger.isOn('debug'), logger.isOn('info')]).toEqual(['info', false, true]);
      logger.debug({}, 'before');
      logger.level = 'debug';
      expect([logger.level, logger.isOn('trace'), logger.isOn('debug')]).toEqual(['debug', false, true]);
      logger.debug({}, 'after');
    });
    expect(lines.map(({ msg }) => msg)).toEqual(['after']);
  });

  it('serialises the error in err', () => {
    const [line] = logged('info', (logger) => logger.error({ err: new TypeError('no port') }, 'failed'));
    expect(line).toMatchObject({ err: { type: 'TypeError', message: 'no port' }, msg: 'failed' });
  });

  it('keeps a line whose members are no JSON', () => {
    const circular: Record<string, unknown> = { count: 7n };
    circular.self = circular;
    const [line] = logged('info', (logger) => logger.warn(circular, 'odd'));
    expect(line).toMatchObject({ level: 40, msg: 'odd' });
    expect(line?.fields).toContain('count: 7n');
  });
});

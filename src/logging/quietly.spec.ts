import { setImmediate as turn } from 'node:timers/promises';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { quietly } from './quietly.js';

class Lines extends ConsoleLogger {
  readonly lines: unknown[] = [];

  override log(message: unknown): void {
    this.lines.push(message);
  }

  override error(message: unknown): void {
    this.lines.push(message);
  }
}

/** Returns the logger that Nest writes to. */
const inForce = (): unknown => new Logger('test').localInstance;

describe('quietly', () => {
  let log: Lines;
  const logger = new Logger('test');

  beforeEach(() => {
    log = new Lines();
    Logger.overrideLogger(log);
  });
  afterAll(() => {
    Logger.overrideLogger(new ConsoleLogger());
  });

  it('drops the lines of the work, except for errors', async () => {
    const result = await quietly(async () => {
      logger.log('before');
      await turn();
      logger.log('after');
      logger.error('wrong');
      return 7;
    });
    logger.log('later');
    expect(result).toBe(7);
    expect(log.lines).toEqual(['wrong', 'later']);
    expect(inForce()).toBe(log);
  });

  it('lets lines of other work pass meanwhile', async () => {
    const work = quietly(() => turn());
    logger.log('other');
    await work;
    expect(log.lines).toEqual(['other']);
  });

  it('restores the logger after an error', async () => {
    await expect(quietly(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(inForce()).toBe(log);
  });

  it('keeps a logger that the application sets meanwhile', async () => {
    const other = new Lines();
    await quietly(async () => {
      await turn();
      Logger.overrideLogger(other);
    });
    expect(inForce()).toBe(other);
  });

  it.each([
    [1, 3],
    [3, 1],
  ])('restores the logger after two overlapping works of %i and %i turns', async (first, second) => {
    const work = async (turns: number): Promise<void> => {
      for (let i = 0; i < turns; i++) await turn();
      logger.log('dropped');
    };
    await Promise.all([quietly(() => work(first)), quietly(() => work(second))]);
    expect(log.lines).toEqual([]);
    logger.log('later');
    expect(log.lines).toEqual(['later']);
  });

  it('does not turn logging on', async () => {
    Logger.overrideLogger(false);
    await quietly(() => turn());
    expect(inForce()).toBeUndefined();
  });
});

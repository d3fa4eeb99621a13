import { jest } from '@jest/globals';
import { Log } from '../../logging/log.js';
import { Logger } from '../../logging/logger.js';
import { StandardOutput } from '../../logging/standard-output.js';
import { OutageLog } from './outage-log.js';

describe('OutageLog', () => {
  let lines: Record<string, unknown>[];
  let outage: OutageLog;

  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
    const logger = new Logger('info', (line) => {
      lines.push({ ...(JSON.parse(line) as object), time: undefined });
    });
    outage = new OutageLog(new Log(logger, new StandardOutput()), 'a:1');
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('logs the start at once, a reminder with the reason each minute, and the end once', () => {
    for (let second = 0; second < 150; second++) {
      outage.reportDown(second < 90 ? 'refused' : 'wrong password');
      jest.advanceTimersByTime(1000);
    }
    outage.reportUp();
    outage.reportUp();
    const redis = 'a:1';
    expect(lines).toEqual([
      { level: 50, redis, reason: 'refused', msg: 'Redis cannot be reached' },
      { level: 50, redis, reason: 'refused', forSeconds: 60, msg: 'Redis still cannot be reached' },
      { level: 50, redis, reason: 'wrong password', forSeconds: 120, msg: 'Redis still cannot be reached' },
      { level: 30, redis, afterSeconds: 150, msg: 'Redis can be reached again' },
    ]);
  });

  it('logs nothing without an outage, and each outage anew', () => {
    outage.reportUp();
    outage.reportDown('refused');
    outage.reportUp();
    outage.reportDown('refused');
    expect(lines.map(({ msg }) => msg)).toEqual([
      'Redis cannot be reached',
      'Redis can be reached again',
      'Redis cannot be reached',
    ]);
  });
});

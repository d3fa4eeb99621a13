import { jest } from '@jest/globals';
import { Counters } from '../counters/counters.js';
import type { Log } from '../logging/log.js';
import { DeliveryReport } from './delivery-report.js';
import { WebhookEndpoint } from './webhook-endpoint.js';

describe('DeliveryReport', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('logs the first loss at once, and further ones at most every ten seconds', () => {
    const lines: number[] = [];
    const log = { logger: { error: ({ events }: { events: number }) => lines.push(events) } } as unknown as Log;
    const [endpoint] = WebhookEndpoint.all([{ url: 'https://app.example/hooks' }]);
    const report = new DeliveryReport(endpoint!, new Counters(), log);
    report.lost(1);
    jest.advanceTimersByTime(1000);
    report.lost(2);
    expect(lines).toEqual([1]);
    jest.advanceTimersByTime(9500);
    report.lost(4);
    expect(lines).toEqual([1]);
    jest.advanceTimersByTime(500);
    expect(lines).toEqual([1, 6]);
    report.lost(8);
    report.close();
    expect([lines, jest.getTimerCount()]).toEqual([[1, 6, 8], 0]);
  });
});

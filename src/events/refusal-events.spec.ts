import { jest } from '@jest/globals';
import type { Refusal } from '../logging/refusal-log.js';
import { RefusalEvents } from './refusal-events.js';
import type { ClientRefused } from './server-event.js';

describe('RefusalEvents', () => {
  const emitted: ClientRefused[] = [];
  const log = { onRefusal: (_address: string, _refusal: Refusal): void => undefined };
  let reports: RefusalEvents;

  beforeEach(() => {
    jest.useFakeTimers();
    emitted.length = 0;
    reports = new RefusalEvents({ emit: (event: ClientRefused) => emitted.push(event) } as never, log as never);
  });
  afterEach(() => jest.useRealTimers());

  const refuse = (count: number, refusal: Refusal = { status: 429, isConnection: true }): void => {
    for (let at = 0; at < count; at++) log.onRefusal(`::${at}`, refusal);
  };
  const suppressed = (): number => emitted.reduce((sum, event) => sum + event.suppressed, 0);

  it('emits at most ten events a second, which count all refusals', () => {
    refuse(1000);
    expect(emitted).toHaveLength(10);
    expect(suppressed()).toBe(0);
    jest.advanceTimersByTime(1000);
    expect(emitted).toHaveLength(11);
    expect(emitted[10]).toMatchObject({ address: '::999', reason: '429', suppressed: 989 });
    refuse(20);
    expect(emitted).toHaveLength(20);
    jest.advanceTimersByTime(1000);
    expect(emitted).toHaveLength(21);
    expect(suppressed() + emitted.length).toBe(1020);
    jest.advanceTimersByTime(5000);
    expect(emitted).toHaveLength(21);
  });

  it('emits the rest at the shutdown', () => {
    refuse(15);
    reports.onApplicationShutdown();
    expect(suppressed() + emitted.length).toBe(15);
  });

  it.each([
    [
      { protocol: 'peerjs', code: 'ID_TAKEN' },
      { protocol: 'peerjs', reason: 'ID_TAKEN', realm: '' },
    ],
    [
      { protocol: 'easyrtc', realm: 'acme', code: 'UNAUTHENTICATED', reason: 'expired' },
      { protocol: 'easyrtc', reason: 'UNAUTHENTICATED: expired', realm: 'acme' },
    ],
    [
      { status: 503, path: '/?access_token=secret' },
      { reason: '503', realm: '' },
    ],
  ])('tells why: %j', (refusal, told) => {
    refuse(1, { ...refusal, isConnection: true });
    expect(emitted).toEqual([{ type: 'client.refused', address: '::0', suppressed: 0, ...told }]);
  });

  it('tells nothing of other requests', () => {
    refuse(1, { status: 404 });
    expect(emitted).toEqual([]);
  });
});

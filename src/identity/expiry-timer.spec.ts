import { jest } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { configOf } from '../config/load-config.js';
import { Realms } from '../realms/realms.js';
import { ExpiryTimer } from './expiry-timer.js';

const SECOND_MS = 1000;

describe('ExpiryTimer', () => {
  let ended: string[];
  let timer: ExpiryTimer;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000_000_500 });
    ended = [];
    timer = new ExpiryTimer(new Realms(new LiveConfig(new Config())));
  });

  afterEach(() => {
    timer.onApplicationShutdown();
    jest.useRealTimers();
  });

  function client(id: string, inMs?: number): Client & { identity: { expiresAt?: number } } {
    const expiresAt = inMs === undefined ? undefined : Date.now() + inMs;
    const end = (reason: string): void => void ended.push(`${id}: ${reason}`);
    return { id, realm: 'default', identity: { expiresAt }, end } as unknown as Client;
  }

  it('ends each client at its time, with one timer for all', () => {
    for (const [id, inMs] of [['a', 2500], ['b', 500], ['c', 1500], ['d', undefined]] as const) timer.watch(client(id, inMs)); // prettier-ignore
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(500);
    expect(ended).toEqual(['b: expired']);
    jest.advanceTimersByTime(999);
    expect(ended).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(ended).toEqual(['b: expired', 'c: expired']);
    jest.advanceTimersByTime(SECOND_MS);
    expect(ended).toHaveLength(3);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends no client early, and one that has expired already at once', () => {
    timer.watch(client('later', 501));
    timer.watch(client('past', -5000));
    jest.advanceTimersByTime(500);
    expect(ended).toEqual(['past: expired']);
    jest.advanceTimersByTime(SECOND_MS);
    expect(ended).toHaveLength(2);
  });

  it('counts from the new identity of a client that has renewed its token', () => {
    const renewing = client('a', 500);
    timer.watch(renewing);
    Object.assign(renewing, { identity: { expiresAt: Date.now() + 1500 } });
    timer.watch(renewing);
    jest.advanceTimersByTime(500);
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(SECOND_MS);
    expect(ended).toEqual(['a: expired']);
  });

  it('waits for the clock tolerance of tokens', () => {
    const auth = { mode: 'jwt', jwt: { secret: 'x'.repeat(16), clockToleranceS: 3 } } as const;
    const tolerant = new ExpiryTimer(new Realms(new LiveConfig(configOf(Config, { auth }))));
    tolerant.watch(client('a', 500));
    jest.advanceTimersByTime(3499);
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ended).toEqual(['a: expired']);
  });

  it('forgets clients that have gone', () => {
    const gone = client('a', 500);
    timer.watch(gone);
    timer.forget(gone);
    jest.advanceTimersByTime(10_000);
    expect(ended).toEqual([]);
  });

  it('outlasts a time that no timer of Node can wait for', () => {
    timer.watch(client('a', 8e15 - Date.now()));
    jest.advanceTimersByTime(60_000);
    expect(ended).toEqual([]);
  });
});

import { jest } from '@jest/globals';
import { FORMER_ID_MS, MAX_FORMER_IDS } from '../../clients/client-directory.js';
import { FormerIds } from './former-ids.js';

describe('FormerIds', () => {
  let now = 0;

  beforeEach(() => {
    now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  it('keeps an id from other protocols for a while', () => {
    const former = new FormerIds();
    former.remember('r', 'x', 'p');
    now += FORMER_ID_MS - 1;
    expect(['p', 'q'].map((protocol) => former.isKeptFrom(protocol, 'r', 'x'))).toEqual([false, true]);
    now += 1;
    expect(former.isKeptFrom('q', 'r', 'x')).toBe(false);
  });

  it('tells realms and ids apart', () => {
    const former = new FormerIds();
    former.remember('r1', 'x', 'p');
    expect(former.isKeptFrom('q', 'r', '1x')).toBe(false);
    expect(former.isKeptFrom('q', 'r1', 'x')).toBe(true);
  });

  it('forgets what has expired, and the oldest of too many', () => {
    const former = new FormerIds();
    for (let at = 0; at < 10; at++) former.remember('r', `old-${at}`, 'p');
    now += FORMER_ID_MS;
    former.remember('r', 'first', 'p');
    expect(former.size).toBe(1);
    for (let at = 1; at < MAX_FORMER_IDS; at++) former.remember('r', `x-${at}`, 'p');
    former.remember('r', 'first', 'p');
    former.remember('r', 'last', 'p');
    expect(former.size).toBe(MAX_FORMER_IDS);
    expect(['first', 'x-1', 'x-2', 'last'].map((id) => former.isKeptFrom('q', 'r', id))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

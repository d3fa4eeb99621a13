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

  it('reserves an id for its protocol until FORMER_ID_MS have passed', () => {
    const former = new FormerIds();
    former.reserve('r', 'x', 'p');
    now += FORMER_ID_MS - 1;
    expect(['p', 'q'].map((protocol) => former.isReservedFrom(protocol, 'r', 'x'))).toEqual([false, true]);
    now += 1;
    expect(former.isReservedFrom('q', 'r', 'x')).toBe(false);
  });

  it('distinguishes realms from ids', () => {
    const former = new FormerIds();
    former.reserve('r1', 'x', 'p');
    expect(former.isReservedFrom('q', 'r', '1x')).toBe(false);
    expect(former.isReservedFrom('q', 'r1', 'x')).toBe(true);
  });

  it('drops expired reservations, and the oldest beyond MAX_FORMER_IDS', () => {
    const former = new FormerIds();
    for (let at = 0; at < 10; at++) former.reserve('r', `old-${at}`, 'p');
    now += FORMER_ID_MS;
    former.reserve('r', 'first', 'p');
    expect(former.size).toBe(1);
    for (let at = 1; at < MAX_FORMER_IDS; at++) former.reserve('r', `x-${at}`, 'p');
    former.reserve('r', 'first', 'p');
    former.reserve('r', 'last', 'p');
    expect(former.size).toBe(MAX_FORMER_IDS);
    expect(['first', 'x-1', 'x-2', 'last'].map((id) => former.isReservedFrom('q', 'r', id))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

import { selectProtocol } from './direct-server.js';

describe('the subprotocol', () => {
  it.each([
    [['one', 'two'], 'one'],
    [['one', 'signalbox'], 'one'],
    [['signalbox', 'bearer.abc'], 'signalbox'],
    [['bearer.abc', 'signalbox'], 'signalbox'],
    [['bearer.abc', 'one', 'signalbox'], 'signalbox'],
    [['bearer.abc', 'one'], 'one'],
    [['bearer.abc'], false],
    [['bearer.'], false],
    [['BEARER.abc'], false],
  ])('of %j is %s', (offered, selected) => {
    expect(selectProtocol(new Set(offered))).toBe(selected);
  });
});

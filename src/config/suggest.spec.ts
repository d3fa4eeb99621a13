import { Config } from './config.js';
import { optionsOf } from './option.js';
import { suggest } from './suggest.js';

const options = optionsOf(Config);

describe('suggest', () => {
  it.each([
    ['prot', 'port'],
    ['max_rooms', 'maxRooms'],
    ['MAXROOMS', 'maxRooms'],
    ['max-room', 'maxRooms'],
    ['maxFrameSize', 'maxFrameBytes'],
    ['pingIntervallMs', 'pingIntervalMs'],
    ['expire-timout', 'queueTtlMs'],
  ])('suggests for %s the option %s', (word, name) => {
    expect(suggest(word, options)?.name).toBe(name);
  });

  it.each(['x', '', 'banana', 'metrics', 'redisUrl', '__proto__'])('suggests nothing for %p', (word) => {
    expect(suggest(word, options)).toBeUndefined();
  });

  it('is fast for a very long word', () => {
    expect(suggest('x'.repeat(1_000_000), options)).toBeUndefined();
  });
});

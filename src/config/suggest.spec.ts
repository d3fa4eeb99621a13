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
  ])('takes %s for %s', (word, name) => {
    expect(suggest(word, options)?.name).toBe(name);
  });

  it.each(['x', '', 'banana', 'metrics', 'redisUrl', '__proto__'])('has no idea what %p may mean', (word) => {
    expect(suggest(word, options)).toBeUndefined();
  });

  it('is not slowed down by a very long word', () => {
    expect(suggest('x'.repeat(1_000_000), options)).toBeUndefined();
  });
});

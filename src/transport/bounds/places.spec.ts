import { BlocksHere } from '../../blocks/blocks-here.js';
import { Config } from '../../config/config.js';
import { LiveConfig } from '../../config/live-config.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import type { MemoryBudget } from './memory-budget.js';
import { Place, Places } from './places.js';

const STRANGER = '203.0.113.7';

function placesOf(options: Partial<LimitOptions> = {}): Places {
  const limits = Object.assign(new LimitOptions(), options);
  return new Places(limits, { isExceeded: false } as MemoryBudget, new BlocksHere(), new LiveConfig(new Config()));
}

function take(places: Places, address: string, isSpared = false): Place {
  const place = places.take(address, isSpared);
  if (!(place instanceof Place)) throw new Error(`refused with ${place}`);
  return place;
}

describe('the budget of an address group', () => {
  it('is shared by all its connections, later ones included', () => {
    const places = placesOf();
    const first = take(places, '2001:db8::1');
    const second = take(places, '2001:db8::2');
    expect(second.budget).toBe(first.budget);
    expect(take(places, STRANGER).budget).not.toBe(first.budget);

    first.budget?.take(1000, performance.now());
    first.giveBack();
    second.giveBack();
    places.forgetAbsent();
    expect(take(places, '2001:db8::3').budget).toBe(first.budget);
  });

  it('is dropped with the last connection once it is full', () => {
    const places = placesOf();
    const place = take(places, STRANGER);
    places.forgetAbsent();
    expect(take(places, STRANGER).budget).toBe(place.budget);

    const alone = placesOf();
    const only = take(alone, STRANGER);
    only.giveBack();
    alone.forgetAbsent();
    expect(take(alone, STRANGER).budget).not.toBe(only.budget);
  });

  it('does not exist for addresses without a connection limit', () => {
    expect(take(placesOf(), '127.0.0.1', true).budget).toBeUndefined();
    expect(take(placesOf({ maxConnectionsPerIp: 0 }), STRANGER).budget).toBeUndefined();
  });
});

import type { Client } from './client.js';
import { ClientsHere } from './clients-here.js';

describe('ClientsHere', () => {
  const client = (realm: string, protocol: string): Client => ({ realm, protocol }) as Client;

  it('counts clients that connect, are replaced and disconnect', () => {
    const here = new ClientsHere();
    const counts = (): object => {
      return Object.fromEntries(
        [...here.byProtocol()].map(([protocol, byRealm]) => [protocol, Object.fromEntries(byRealm)]),
      );
    };
    here.set('a', '1', client('a', 'x'));
    here.set('a', '2', client('a', 'x'));
    here.set('b', '1', client('b', 'x'));
    here.set('a', '3', client('a', 'y'));
    expect(counts()).toEqual({ x: { a: 2, b: 1 }, y: { a: 1 } });
    here.set('a', '1', client('a', 'y'));
    expect(counts()).toEqual({ x: { a: 1, b: 1 }, y: { a: 2 } });
    expect(here.delete('b', '1')).toBe(true);
    expect(here.delete('b', '1')).toBe(false);
    expect(here.delete('b', '2')).toBe(false);
    expect(counts()).toEqual({ x: { a: 1 }, y: { a: 2 } });
    expect(here.size).toBe(3);
  });
});

import type { Client } from '../clients/client.js';
import type { Identity } from '../common/identity.js';
import { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { Realms } from '../realms/realms.js';
import { AccessHooks } from './access-hooks.js';
import { Permissions, type SharedRooms } from './permissions.js';

const REFUSED = expect.objectContaining({ code: 'NOT_AUTHORIZED' }) as Error;

const clientWith = (identity: Identity): Client =>
  ({ identity, realm: 'default', view: { id: 'a' } }) as unknown as Client;

const ROOMS: SharedRooms = { sharesRoom: (_, id) => id === 'peer' };

/** Whether a check passes. */
const passes = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toEqual(REFUSED);
    return false;
  }
};

describe('rooms.create', () => {
  it.each<['anyone' | 'permitted' | 'nobody', Identity['rooms'], boolean]>([
    ['anyone', undefined, true],
    ['permitted', undefined, false],
    ['permitted', { join: ['r'] }, false],
    ['permitted', { create: ['r'] }, true],
    ['permitted', { create: ['other'] }, false],
    ['nobody', { create: ['r'] }, false],
    ['nobody', undefined, false],
  ])('%s lets a client with the rooms %j create one: %p', (create, rooms, may) => {
    const realms = new Realms(new LiveConfig(Object.assign(new Config(), { rooms: { create } })));
    const permissions = new Permissions(new AccessHooks(), realms);
    const client = clientWith({ rooms });
    expect(passes(() => permissions.mayCreateRoom(client, 'r'))).toBe(may);
    expect(permissions.guardsRooms(client)).toBe(create !== 'anyone' || rooms !== undefined);
  });
});

describe('Permissions', () => {
  const permissions = new Permissions(new AccessHooks(), new Realms(new LiveConfig(new Config())));

  it.each<[Identity['rooms'], string, boolean, boolean]>([
    [undefined, 'any', true, true],
    [{}, 'any', true, true],
    [{ join: ['team-*'] }, 'team-1', true, true],
    [{ join: ['team-*'] }, 'team', false, false],
    [{ join: ['team-*'], create: ['mine'] }, 'mine', false, true],
    [{ join: ['team-*'], create: [] }, 'team-1', true, false],
    [{ create: ['mine'] }, 'other', true, false],
    [{ join: ['*'] }, 'any', true, true],
    [{ join: [] }, 'any', false, false],
    [{ join: ['a*b'] }, 'a*b', true, true],
    [{ join: ['a*b'] }, 'axb', false, false],
  ])('with the rooms %j lets a client join %s: %p, create it: %p', (rooms, room, join, create) => {
    const client = clientWith({ rooms });
    expect(passes(() => permissions.mayJoinRoom(client, room))).toBe(join);
    expect(passes(() => permissions.mayCreateRoom(client, room))).toBe(create);
  });

  it.each<[Identity['signal'], string, boolean]>([
    [undefined, 'stranger', true],
    ['any', 'stranger', true],
    ['rooms', 'peer', true],
    ['rooms', 'stranger', false],
    ['none', 'peer', false],
  ])('with signal %s lets a client send to a %s: %p', (signal, to, expected) => {
    expect(permissions.maySignal(clientWith({ signal }), to, 'offer', ROOMS)).toBe(expected);
  });
});

describe('Permissions with hooks', () => {
  it('asks them only for what the identity allows', () => {
    const asked: string[] = [];
    class Access extends AccessHooks {
      override mayJoinRoom(_: unknown, room: string): boolean {
        asked.push(room);
        return room !== 'team-2';
      }
      override maySignal(_: unknown, to: string): boolean {
        asked.push(to);
        return to !== 'bob';
      }
    }
    const permissions = new Permissions(new Access(), new Realms(new LiveConfig(new Config())));
    const client = clientWith({ rooms: { join: ['team-*'] } });
    expect(['other', 'team-1', 'team-2'].map((room) => passes(() => permissions.mayJoinRoom(client, room)))).toEqual([false, true, false]); // prettier-ignore
    expect(['bob', 'carol'].map((to) => permissions.maySignal(client, to, 'offer', ROOMS))).toEqual([false, true]);
    expect(permissions.maySignal(clientWith({ signal: 'none' }), 'dave', 'offer', ROOMS)).toBe(false);
    expect(asked).toEqual(['team-1', 'team-2', 'bob', 'carol']);
    expect(permissions.watchesSignals).toBe(true);
  });

  it('waits for promises, and takes nothing but true for a permission', async () => {
    const answers: Record<string, unknown> = { yes: true, no: false, one: 1, nothing: undefined };
    class Access extends AccessHooks {
      override mayCreateRoom(_: unknown, room: string): Promise<boolean> {
        return Promise.resolve(answers[room] as boolean);
      }
      override maySignal(_: unknown, to: string): boolean {
        return answers[to] as boolean;
      }
    }
    const permissions = new Permissions(new Access(), new Realms(new LiveConfig(new Config())));
    await permissions.mayCreateRoom(clientWith({}), 'yes');
    for (const room of ['no', 'one', 'nothing']) {
      await expect(permissions.mayCreateRoom(clientWith({}), room)).rejects.toThrow(REFUSED);
      expect(permissions.maySignal(clientWith({}), room, 'offer', ROOMS)).toBe(false);
    }
  });
});

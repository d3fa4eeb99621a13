import { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { configOf } from '../config/load-config.js';
import { Realms } from './realms.js';

function realmsOf(options: Partial<Config>): Realms {
  return new Realms(new LiveConfig(configOf(Config, options)));
}

const UNKNOWN = expect.objectContaining({ code: 'REALM_UNKNOWN' }) as Error;

describe('the flat rules', () => {
  it('hold for every realm if none is configured', () => {
    const realms = realmsOf({ cors: ['https://a.example'], maxRoomMembers: 7, rooms: { create: 'nobody' } });
    expect(realms.get('any')).toEqual({
      name: 'any',
      auth: { mode: 'none', required: true },
      ice: { servers: new Config().iceServers },
      limits: { maxRoomMembers: 7, framesPerSecond: 200 },
      rooms: { create: 'nobody' },
      origins: ['https://a.example'],
    });
    expect(realms.all().map(({ name }) => name)).toEqual(['default']);
  });

  it('fill in the defaults of nested options, and make lists of single texts', () => {
    const { auth } = realmsOf({ auth: { mode: 'jwt', jwt: { secret: 'x'.repeat(16) } } }).get('default');
    expect(auth).toMatchObject({ mode: 'jwt', required: true, jwt: { secret: ['x'.repeat(16)], clockToleranceS: 5 } });
  });
});

describe('the flat doors', () => {
  it('lead into the realms of their options', () => {
    const realms = realmsOf({ connectorPath: '/rtc', connectorRealm: 'acme', keys: new Map([['k', 'beta']]) });
    expect(realms.ofConnectorPath('/rtc')).toBe('acme');
    expect(realms.ofPeerJsKey('k')).toBe('beta');
    expect(realms.ofApplication('default')).toBe('default');
    expect(realms.ofApplication('any')).toBe('any');
    expect(() => realms.ofPeerJsKey('peerjs')).toThrow(UNKNOWN);
  });

  it('let no application into the realm of a key, or of Peer2Peer Connector, by its name alone', () => {
    const realms = realmsOf({ connectorRealm: 'acme', keys: new Map([['k', 'beta']]) });
    expect(() => realms.ofApplication('acme')).toThrow(UNKNOWN);
    expect(() => realms.ofApplication('beta')).toThrow(UNKNOWN);
  });
});

describe('the doors of realms', () => {
  const realms = realmsOf({
    realms: {
      acme: { connectorPath: '/acme', peerjsKeys: ['acme-key'], easyrtcApplications: ['acme-app'] },
      default: { peerjsKeys: ['k'] },
    },
  });

  it('lead into their realms', () => {
    expect(realms.ofConnectorPath('/acme')).toBe('acme');
    expect(realms.ofPeerJsKey('acme-key')).toBe('acme');
    expect(realms.ofApplication('acme-app')).toBe('acme');
  });

  it('are the flat ones for what the realm default does not name', () => {
    expect(realms.ofConnectorPath('/')).toBe('default');
    expect(realms.ofApplication('default')).toBe('default');
    expect(() => realms.ofPeerJsKey('peerjs')).toThrow(UNKNOWN);
  });

  it('are the only ones', () => {
    expect(() => realms.ofApplication('acme')).toThrow(UNKNOWN);
    const alone = realmsOf({ realms: { acme: {} } });
    expect(() => alone.ofConnectorPath('/')).toThrow(UNKNOWN);
    expect(() => alone.ofPeerJsKey('peerjs')).toThrow(UNKNOWN);
    expect(() => alone.ofApplication('default')).toThrow(UNKNOWN);
  });
});

describe('the rules of a realm', () => {
  it('are those of the flat options for what it does not give', () => {
    const realms = realmsOf({
      auth: { mode: 'jwt', jwt: { secret: 'x'.repeat(16) } },
      ice: { turn: { urls: 'turn:t.example', secret: 's' } },
      maxRoomMembers: 7,
      cors: ['https://a.example'],
      realms: {
        acme: {
          auth: { required: false },
          ice: { servers: [{ urls: 'stun:acme.example' }] },
          limits: { maxClients: 3, framesPerSecond: 9 },
          origins: 'https://acme.example',
        },
      },
    });
    expect(realms.get('acme')).toMatchObject({
      name: 'acme',
      auth: { mode: 'jwt', required: false, jwt: { secret: ['x'.repeat(16)] } },
      ice: { servers: [{ urls: 'stun:acme.example' }], turn: { urls: ['turn:t.example'], ttlS: 3600 } },
      limits: { maxClients: 3, maxRoomMembers: 7, framesPerSecond: 9 },
      rooms: { create: 'anyone' },
      origins: ['https://acme.example'],
    });
    expect(realms.all().map(({ name }) => name)).toEqual(['acme']);
  });
});

describe('a change of the configuration', () => {
  const auth = { mode: 'jwt', jwt: { secret: ['a secret of 16 or more'] } } as const;

  it('replaces the rules, and keeps the objects of those that are the same', async () => {
    const live = new LiveConfig(configOf(Config, { auth, realms: { acme: {}, other: {} } }));
    const changed = new Realms(live);
    const [acme, other] = [changed.get('acme'), changed.get('other')];
    const rooms = { create: 'nobody' } as const;
    const next = configOf(Config, { auth, realms: { acme: { rooms }, other: { auth: { required: false } } } });
    const [acmeUnder, otherUnder] = changed.allUnder(next);
    expect(changed.get('acme')).toBe(acme);
    await live.change(next);
    expect([changed.get('acme'), changed.get('other')]).toEqual([acmeUnder, otherUnder]);
    expect(changed.get('acme').rooms).toEqual(rooms);
    expect(changed.get('acme').auth).toBe(acme.auth);
    expect(changed.get('other').auth).not.toBe(other.auth);
    expect(changed.get('other').auth).toBe(otherUnder?.auth);
  });
});

import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { DEFAULT_REALM, type Doors, flatDoors, namedDoors } from '../config/realm-doors.js';
import type { Realm } from './realm.js';
import { RealmRules } from './realm-rules.js';

/** The realms of the configuration: their doors and their rules. Without the option `realms`, all have the flat rules. */
@Injectable()
export class Realms {
  private rules: RealmRules;
  /** Rules of configurations that are about to take effect. */
  private readonly rulesBy = new WeakMap<Config, RealmRules>();
  private readonly doors: Doors;
  /** Realms that no application may enter by its name alone: those of keys, and of Peer2Peer Connector. */
  private readonly guarded: ReadonlySet<string>;

  constructor(live: LiveConfig) {
    const config = live.current;
    this.rules = new RealmRules(config);
    live.onChange((next) => {
      const rules = this.rulesUnder(next);
      return { apply: () => (this.rules = rules) };
    });
    this.doors = this.areNamed ? namedDoors(config) : flatDoors(config);
    const { peerJsKeys, connectorPaths } = this.doors;
    const guarded = [...(config.keys.size > 0 ? peerJsKeys.values() : []), ...connectorPaths.values()];
    this.guarded = new Set(guarded.filter((realm) => realm !== DEFAULT_REALM));
  }

  /** Whether the option `realms` names the realms. */
  get areNamed(): boolean {
    return this.rules.named.size > 0;
  }

  /** The rules of a realm. A realm that is not configured has the flat ones. */
  get(name: string): Realm {
    const { named, flat } = this.rules;
    return named.get(name) ?? (name === DEFAULT_REALM ? flat : { ...flat, name });
  }

  /** The realms of the option `realms`; without it, the realm `default`. */
  all(): readonly Realm[] {
    return this.rules.all;
  }

  /** The realms under a configuration that is about to take effect, with the same objects as afterwards. */
  allUnder(config: Config): readonly Realm[] {
    return this.rulesUnder(config).all;
  }

  /** Names of the realms that the configuration names, and, without the option `realms`, of the realm `default`. */
  get names(): ReadonlySet<string> {
    const { connectorPaths, peerJsKeys, applications } = this.doors;
    const behind = [connectorPaths, peerJsKeys, applications].flatMap((doors) => [...doors.values()]);
    return new Set([...this.all().map(({ name }) => name), ...behind]);
  }

  /** Whether a realm exists. Without the option `realms`, every name is one. */
  isServed(name: string): boolean {
    return !this.areNamed || this.rules.named.has(name);
  }

  /** The paths at which clients of Peer2Peer Connector connect. */
  get connectorPaths(): readonly string[] {
    return [...this.doors.connectorPaths.keys()];
  }

  /**
   * A path at which clients of Peer2Peer Connector enter a realm; undefined if there is none.
   * @param realm without it, a path of the realm `default`, or else of the first realm that has one
   */
  connectorPathOf(realm?: string): string | undefined {
    const paths = [...this.doors.connectorPaths];
    const pathOf = (name: string): string | undefined => paths.find(([, its]) => its === name)?.[0];
    return realm === undefined ? (pathOf(DEFAULT_REALM) ?? paths[0]?.[0]) : pathOf(realm);
  }

  /**
   * The realm of Peer2Peer Connector clients that connect at a path.
   * @throws DomainError REALM_UNKNOWN
   */
  ofConnectorPath(path: string): string {
    return realmAt(this.doors.connectorPaths, path);
  }

  /** Whether a PeerJS key leads into a realm. */
  hasPeerJsKey(key: string): boolean {
    return this.doors.peerJsKeys.has(key);
  }

  /**
   * The realm of PeerJS clients with a key.
   * @throws DomainError REALM_UNKNOWN
   */
  ofPeerJsKey(key: string): string {
    return realmAt(this.doors.peerJsKeys, key);
  }

  /**
   * The realm of EasyRTC clients of an application.
   * @throws DomainError REALM_UNKNOWN
   */
  ofApplication(name: string): string {
    return this.doors.isOpen && !this.guarded.has(name) ? name : realmAt(this.doors.applications, name);
  }

  private rulesUnder(config: Config): RealmRules {
    let rules = this.rulesBy.get(config);
    if (!rules) this.rulesBy.set(config, (rules = new RealmRules(config, this.rules)));
    return rules;
  }
}

/** @throws DomainError REALM_UNKNOWN */
function realmAt(doors: ReadonlyMap<string, string>, name: string): string {
  const realm = doors.get(name);
  if (realm === undefined) throw new DomainError('REALM_UNKNOWN', {});
  return realm;
}

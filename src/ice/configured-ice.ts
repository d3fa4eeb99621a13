import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LiveConfig } from '../config/live-config.js';
import { ConfigError } from '../config/load-config.js';
import type { TurnOptions } from '../config/sections/ice.options.js';
import { Log } from '../logging/log.js';
import type { Realm } from '../realms/realm.js';
import { Realms } from '../realms/realms.js';
import { HostedIce } from './hosted-ice.js';
import { type IceConfig, IceProvider, type IceRequest } from './ice-provider.js';
import { turnCredential } from './turn-credential.js';
import { TurnSecret } from './turn-secret.js';

/** Time of servers whose credentials do not expire. Clients ask again after it, so that they hear of new servers. */
const STATIC_TTL_S = 3600;

/** The dynamic parts of a realm's ICE servers. */
interface Sources {
  readonly turn?: TurnOptions & { readonly shared: TurnSecret };
  readonly hosted?: HostedIce;
}

/**
 * The ICE servers of the options: static ones, TURN servers that check a shared secret (coturn), and those of a hosted
 * service.
 */
@Injectable()
export class ConfiguredIce extends IceProvider {
  /** By the ICE options, which all realms without their own ones share. */
  private readonly sources = new WeakMap<Realm['ice'], Sources>();

  /**
   * @throws ConfigError if a TURN server has no secret
   * @internal
   */
  constructor(
    private readonly realms: Realms,
    private readonly log: Log,
    live: LiveConfig,
  ) {
    super();
    for (const realm of realms.all()) this.sourcesOf(realm);
    live.onChange((next) => {
      for (const realm of realms.allUnder(next)) this.sourcesOf(realm);
      // Realms find their sources by their options, which are about to change.
      return { apply: () => undefined };
    });
  }

  /** @throws DomainError UNAVAILABLE if a hosted service gives no answer */
  override async iceServers({ realm: name, id, user }: IceRequest): Promise<IceConfig> {
    const realm = this.realms.get(name);
    const { turn, hosted } = this.sourcesOf(realm);
    // Clients without a name get different ones, so that no quota of the TURN server counts them as one.
    const configs = await Promise.all([
      ...(turn ? [turnServers(turn, user ?? id ?? randomUUID())] : []),
      ...(hosted ? [hosted.iceServers()] : []),
    ]);
    return {
      iceServers: [...realm.ice.servers, ...configs.flatMap(({ iceServers }) => iceServers)],
      ttl: configs.length > 0 ? Math.min(...configs.map(({ ttl }) => ttl)) : STATIC_TTL_S,
    };
  }

  private sourcesOf({ name, ice }: Realm): Sources {
    let sources = this.sources.get(ice);
    if (!sources) this.sources.set(ice, (sources = this.open(name, ice)));
    return sources;
  }

  private open(realm: string, { turn, http }: Realm['ice']): Sources {
    const reportFault = (what: string) => (reason: string) => {
      this.log.logger.warn({ realm, reason }, what);
    };
    try {
      if (turn?.urls.length === 0) throw new Error('turn needs urls');
      return {
        turn: turn && { ...turn, shared: new TurnSecret(turn, reportFault('the secret of TURN cannot be read')) },
        hosted: http && new HostedIce(http, reportFault('the service of ICE servers gives no answer')),
      };
    } catch (error) {
      throw new ConfigError([`ice of the realm ${realm} cannot be used: ${(error as Error).message}`]);
    }
  }
}

async function turnServers({ urls, ttlS, shared }: NonNullable<Sources['turn']>, user: string): Promise<IceConfig> {
  return { iceServers: [{ urls, ...turnCredential(await shared.current(), user, ttlS) }], ttl: ttlS };
}

import type { Client } from '../clients/client.js';
import type { IceServer } from '../config/sections/ice.options.js';

/** Who asks for ICE servers. */
export interface IceRequest {
  readonly realm: string;
  /** The client's protocol; `http` for a request to one of the HTTP endpoints. */
  readonly protocol: string;
  /** Id of the client; undefined over HTTP. */
  readonly id?: string;
  /** The user (`sub`), if the realm authenticates clients; else the name that an HTTP request gives, if it gives one. */
  readonly user?: string;
  /** IP address. */
  readonly address: string;
}

/** STUN and TURN servers for a client. */
export interface IceConfig {
  readonly iceServers: readonly IceServer[];
  /** Seconds for which the credentials are valid. */
  readonly ttl: number;
}

/**
 * Returns the ICE servers for clients of all protocols and for the HTTP endpoints. By default they are those of the
 * options. To replace them, provide a class that extends this one:
 * `SignalboxModule.forRoot({ extensions: [{ provide: IceProvider, useClass: MyIceProvider }] })`. It may inject
 * `ConfiguredIce`, which returns those of the options.
 */
export abstract class IceProvider {
  /**
   * Called for each login of an EasyRTC client and each time that a client asks.
   * @throws DomainError UNAVAILABLE if there is no answer at the moment. Another error is logged, and the client gets a
   *   general failure.
   */
  abstract iceServers(request: IceRequest): IceConfig | Promise<IceConfig>;
}

/** Returns the request of a connected client. */
export function iceRequestOf({ realm, protocol, id, identity, address }: Client): IceRequest {
  return { realm, protocol, id, user: identity.sub, address };
}

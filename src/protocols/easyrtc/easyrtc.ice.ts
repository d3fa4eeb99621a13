import { Injectable } from '@nestjs/common';
import { isUnavailable } from '../../common/domain-error.js';
import type { IceServer } from '../../config/sections/ice.options.js';
import { IceProvider, iceRequestOf } from '../../ice/ice-provider.js';
import { Realms } from '../../realms/realms.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';

/** The ICE servers for EasyRTC clients: those of the hooks, or else of the provider. */
@Injectable()
export class EasyRtcIce {
  constructor(
    private readonly hooks: EasyRtcHooks,
    private readonly provider: IceProvider,
    private readonly realms: Realms,
  ) {}

  /**
   * Returns the ICE servers for a client.
   * @throws DomainError UNAVAILABLE if the provider has none at the moment
   */
  servers(client: EasyRtcClient): Promise<readonly IceServer[]> {
    return client.ask(async () => {
      const own = await this.hooks.iceServers(client.peer);
      return own ?? (await this.provider.iceServers(iceRequestOf(client))).iceServers;
    });
  }

  /**
   * Returns the ICE servers for the token of a client. If the provider has none at the moment, they are the static ones,
   * because a login must not depend on another service. The client library asks again before a call.
   */
  async forToken(client: EasyRtcClient): Promise<readonly IceServer[]> {
    try {
      return await this.servers(client);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return this.realms.get(client.realm).ice.servers;
    }
  }
}

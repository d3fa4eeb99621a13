import { Injectable } from '@nestjs/common';
import type { Room } from '../../common/room.js';
import { token } from './easyrtc.answers.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks, type EasyRtcIdentity } from './easyrtc.hooks.js';
import { EasyRtcIce } from './easyrtc.ice.js';
import type { LoginRequest } from './easyrtc.messages.js';
import { joined, sharedFields } from './easyrtc.room-data.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';

/** Answers logins with a token, and brings the clients into the rooms that they name. */
@Injectable()
export class EasyRtcWelcome {
  constructor(
    private readonly hooks: EasyRtcHooks,
    private readonly rooms: EasyRtcRooms,
    private readonly ice: EasyRtcIce,
  ) {}

  /** Applies a login to its client, and answers it. */
  async give(client: EasyRtcClient, { msgData, answer }: LoginRequest, details: EasyRtcIdentity): Promise<void> {
    client.username = details.username;
    client.groups = details.groups ?? client.identity.groups ?? [];
    client.setPresence(msgData.setPresence ?? {});
    const tokenFor = await this.prepareToken(client, details, msgData.easyrtcsid);
    await this.rooms.replaceAll(client, msgData.roomJoin, (rooms) => answer(tokenFor(rooms)));
  }

  /** Asks all hooks first, so that the token shows the rooms as they are when it is written. */
  private async prepareToken(
    client: EasyRtcClient,
    { fields, sessionFields }: EasyRtcIdentity,
    easyrtcsid: string | undefined,
  ): Promise<(rooms: readonly Room[]) => object> {
    const { id: easyrtcid, application: applicationName } = client;
    const applicationFields = await client.ask(() => this.hooks.applicationFields(applicationName));
    const application = { applicationName, field: sharedFields(applicationFields) };
    const iceConfig = { iceServers: await this.ice.forToken(client) };
    const sessionData = easyrtcsid === undefined ? undefined : { easyrtcsid, field: sharedFields(sessionFields) };
    return (rooms) =>
      token({
        roomData: joined(rooms),
        application,
        easyrtcid,
        iceConfig,
        serverTime: Date.now(),
        field: sharedFields(fields),
        sessionData,
      });
  }
}

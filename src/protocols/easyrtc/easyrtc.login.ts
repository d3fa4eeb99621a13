import { Injectable } from '@nestjs/common';
import type { Room } from '../../common/room.js';
import type { IceServer } from '../../config/sections/ice.options.js';
import { Realms } from '../../realms/realms.js';
import { Newcomers } from '../newcomers.js';
import { Renewals } from '../renewals.js';
import { tokenOf } from '../token-of.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { token } from './easyrtc.answers.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks, type EasyRtcIdentity } from './easyrtc.hooks.js';
import { DEFAULT_APPLICATION, EASYRTC, type LoginRequest } from './easyrtc.messages.js';
import { joined, sharedFields } from './easyrtc.room-data.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import type { EasyRtcSession } from './easyrtc.session.js';

/** Logs clients in: asks the hooks who they are, and brings them into the rooms that they name. */
@Injectable()
export class EasyRtcLogin {
  constructor(
    private readonly realms: Realms,
    private readonly admission: EasyRtcAdmission,
    private readonly rooms: EasyRtcRooms,
    private readonly hooks: EasyRtcHooks,
    private readonly newcomers: Newcomers,
    private readonly renewals: Renewals,
  ) {}

  /**
   * Logs a session in for the first time or again, and answers with the token. If it fails, nothing has changed.
   * @throws DomainError REALM_UNKNOWN, UNAUTHENTICATED, NOT_AUTHORIZED, ROOM_NOT_FOUND, LIMIT_REACHED, UNAVAILABLE
   */
  async login(session: EasyRtcSession, request: LoginRequest): Promise<void> {
    const { connection, client } = session;
    const { applicationName: application = DEFAULT_APPLICATION, username, easyrtcsid, credential } = request.msgData;
    const realm = this.realms.ofApplication(application);
    const { address } = connection;
    const who = { protocol: EASYRTC, realm, token: tokenOf(credential), username, credential, address };
    const identity = await connection.whileOpen(() => this.newcomers.identify(connection.request, who));
    const attempt = { application, username: identity.name ?? username, easyrtcsid, credential, address };
    const details = await connection.whileOpen(() => this.hooks.authenticate(attempt));
    if (client?.realm === realm) {
      await this.renewals.apply(client, identity);
      client.application = application;
      await this.welcome(client, request, details);
    } else {
      await this.admission.enter(session, { application, realm, identity }, (entered) =>
        this.welcome(entered, request, details),
      );
    }
  }

  /** Returns the ICE servers for a client. */
  iceServers(client: EasyRtcClient): Promise<readonly IceServer[]> {
    return client.ask(() => this.hooks.iceServers(client.peer));
  }

  /** Applies a login to its client, and answers it. */
  private async welcome(
    client: EasyRtcClient,
    { msgData, answer }: LoginRequest,
    details: EasyRtcIdentity,
  ): Promise<void> {
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
    const iceConfig = { iceServers: await this.iceServers(client) };
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

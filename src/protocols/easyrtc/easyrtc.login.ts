import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { IdGenerator } from '../../common/ids.js';
import type { Room } from '../../common/room.js';
import { SignalingService } from '../../signaling/signaling.service.js';
import { DEFAULT_APPLICATION, EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks, type EasyRtcIdentity } from './easyrtc.hooks.js';
import { token, type LoginRequest } from './easyrtc.messages.js';
import { joined, sharedFields } from './easyrtc.room-data.js';
import { EasyRtcRooms } from './easyrtc.rooms.js';
import type { EasyRtcSession } from './easyrtc.session.js';

/** A login makes a client of a connection, in all the rooms that it names; if anything fails, nothing is left of it. */
@Injectable()
export class EasyRtcLogin {
  constructor(
    private readonly applications: EasyRtcApplications,
    private readonly signaling: SignalingService,
    private readonly rooms: EasyRtcRooms,
    private readonly hooks: EasyRtcHooks,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Logs in, or in again, and answers with the token.
   * @throws DomainError REALM_UNKNOWN, NOT_AUTHORIZED, ROOM_NOT_FOUND, LIMIT_REACHED
   */
  async login(session: EasyRtcSession, { msgData, answer }: LoginRequest): Promise<void> {
    const {
      applicationName: application = DEFAULT_APPLICATION,
      username,
      easyrtcsid,
      credential,
      setPresence,
    } = msgData;
    const { connection, client: before } = session;
    const realm = this.applications.realmOf(application);
    const attempt = { application, username, easyrtcsid, credential, address: connection.address };
    const identity = await this.hooks.authenticate(attempt);
    // Gone, or sent away, in the meantime.
    if (connection.endReason !== undefined) throw new DomainError('NOT_AUTHORIZED', {});

    const settle = async (client: EasyRtcClient): Promise<void> => {
      client.username = identity.username;
      client.groups = identity.groups ?? [];
      client.presence = { ...client.presence, ...setPresence };
      const rooms = await this.rooms.settle(client, msgData.roomJoin);
      answer(await this.tokenFor(client, rooms, identity, easyrtcsid));
    };
    if (before?.realm === realm) {
      await settle(before);
      return;
    }

    // Its id stays the same in another application, too, unless somebody has it there.
    const ids = before ? [before.id] : [];
    const client = await this.signaling.connectNew(
      () => new EasyRtcClient(ids.pop() ?? this.ids.easyRtcClient(), realm, application, connection),
      settle,
    );
    session.loggedIn(client);
    if (before) await this.leave(before);
    this.hooks.authenticated(client);
  }

  /** A client has gone. */
  async leave(client: EasyRtcClient): Promise<void> {
    await this.signaling.disconnect(client);
    this.hooks.disconnected(client);
  }

  private async tokenFor(
    client: EasyRtcClient,
    rooms: readonly Room[],
    { fields, sessionFields }: EasyRtcIdentity,
    easyrtcsid: string | undefined,
  ): Promise<object> {
    const { application: applicationName } = client;
    return token({
      roomData: joined(rooms),
      application: { applicationName, field: sharedFields(await this.hooks.applicationFields(applicationName)) },
      easyrtcid: client.id,
      iceConfig: { iceServers: await this.hooks.iceServers(client) },
      serverTime: Date.now(),
      field: sharedFields(fields),
      sessionData: easyrtcsid === undefined ? undefined : { easyrtcsid, field: sharedFields(sessionFields) },
    });
  }
}

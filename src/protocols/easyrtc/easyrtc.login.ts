import { Injectable } from '@nestjs/common';
import type { EndReason } from '../../common/end-reason.js';
import { IdGenerator } from '../id-generator.js';
import type { Room } from '../../common/room.js';
import { Log } from '../../logging/log.js';
import { PresenceService } from '../../signaling/presence.service.js';
import { DEFAULT_APPLICATION, EasyRtcApplications } from './easyrtc.applications.js';
import { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
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
    private readonly presence: PresenceService,
    private readonly rooms: EasyRtcRooms,
    private readonly hooks: EasyRtcHooks,
    private readonly ids: IdGenerator,
    private readonly log: Log,
    private readonly codec: EasyRtcCodec,
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
      setPresence = {},
    } = msgData;
    const { connection, client: before } = session;
    const realm = this.applications.realmOf(application);
    const attempt = { application, username, easyrtcsid, credential, address: connection.address };
    const identity = await connection.whileOpen(() => this.hooks.authenticate(attempt));

    const settle = async (client: EasyRtcClient): Promise<void> => {
      client.application = application;
      client.username = identity.username;
      client.groups = identity.groups ?? [];
      client.setPresence(setPresence);
      const tokenFor = await this.prepareToken(client, identity, easyrtcsid);
      await this.rooms.settle(client, msgData.roomJoin, (rooms) => answer(tokenFor(rooms)));
    };
    if (before?.realm === realm) {
      await settle(before);
      return;
    }

    // Its id stays the same in another application, too, unless somebody has it there.
    const ids = before ? [before.id] : [];
    const client = await this.presence.connectNew(() => {
      const id = ids.pop() ?? this.ids.easyRtcClient();
      return new EasyRtcClient(id, realm, application, connection, this.codec);
    }, settle);
    session.loggedIn(client);
    if (before) await this.leave(before, 'left');
    this.tell(() => this.hooks.authenticated(client));
  }

  /** A client has gone. */
  async leave(client: EasyRtcClient, reason: EndReason): Promise<void> {
    await this.presence.disconnect(client, reason);
    this.tell(() => this.hooks.disconnected(client));
  }

  /** What a hook that only listens makes of it is none of the client's business. */
  private tell(hook: () => void | Promise<void>): void {
    void Promise.resolve()
      .then(hook)
      .catch((error: unknown) => {
        this.log.pino.error({ err: error }, 'a hook has failed');
      });
  }

  /** Asks for all that takes time, so that the rooms in the token are those of the moment in which it is written. */
  private async prepareToken(
    client: EasyRtcClient,
    { fields, sessionFields }: EasyRtcIdentity,
    easyrtcsid: string | undefined,
  ): Promise<(rooms: readonly Room[]) => object> {
    const { id: easyrtcid, application: applicationName } = client;
    const fieldsOfAll = await client.ask(() => this.hooks.applicationFields(applicationName));
    const application = { applicationName, field: sharedFields(fieldsOfAll) };
    const iceConfig = { iceServers: await client.ask(() => this.hooks.iceServers(client)) };
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

import type { Realms } from '../../realms/realms.js';
import type { RoomsService } from '../../rooms/rooms.service.js';
import type { SignalingService } from '../../signaling/signaling.service.js';
import type { EasyRtcFields, EasyRtcServerMessage } from './easyrtc.hooks.js';
import type { Content } from './easyrtc.messages.js';
import { type MessageTarget, nativeMembers } from './easyrtc.native.js';
import { sharedFields } from './easyrtc.room-data.js';

/** Lets an application send messages to EasyRTC clients of all nodes. */
export class EasyRtcService {
  /** @internal */
  constructor(
    private readonly realms: Realms,
    private readonly signaling: SignalingService,
    private readonly rooms: RoomsService,
    private readonly payloadOf: (value: unknown) => Content,
  ) {}

  /**
   * Sends a message from the server to a client.
   * @throws DomainError REALM_UNKNOWN, CLIENT_NOT_FOUND
   */
  async sendToClient(application: string, easyrtcid: string, message: EasyRtcServerMessage): Promise<void> {
    await this.signaling.sendFromServer(this.realms.ofApplication(application), easyrtcid, {
      kind: 'message',
      ...this.contentOf(message, { targetEasyrtcid: easyrtcid }),
    });
  }

  /**
   * Sends a message from the server to all members of a room.
   * @throws DomainError REALM_UNKNOWN, ROOM_NOT_FOUND
   */
  async sendToRoom(application: string, room: string, message: EasyRtcServerMessage): Promise<void> {
    await this.signaling.sendFromServerToRoom(this.realms.ofApplication(application), room, {
      kind: 'message',
      ...this.contentOf(message, { targetRoom: room }),
    });
  }

  /**
   * Tells a client to open another page.
   * @throws DomainError REALM_UNKNOWN, CLIENT_NOT_FOUND
   */
  async forwardToUrl(
    application: string,
    easyrtcid: string,
    url: string,
    { newWindow }: { newWindow?: true } = {},
  ): Promise<void> {
    await this.notify(application, easyrtcid, 'forwardToUrl', { forwardToUrl: { url }, newWindow });
  }

  /**
   * Sets the fields of a client's session. Only shared fields reach the client.
   * @throws DomainError REALM_UNKNOWN, CLIENT_NOT_FOUND
   */
  async setSessionFields(
    application: string,
    easyrtcid: string,
    easyrtcsid: string,
    fields: EasyRtcFields,
  ): Promise<void> {
    const sessionData = { easyrtcsid, sessionStatus: 'update', field: sharedFields(fields) ?? {} };
    await this.notify(application, easyrtcid, 'sessionData', { sessionData });
  }

  /**
   * Sets the fields of a room. Shared fields reach its members, including clients that join later.
   * @throws DomainError REALM_UNKNOWN, ROOM_NOT_FOUND
   */
  async setRoomFields(application: string, room: string, fields: EasyRtcFields): Promise<void> {
    const realm = this.realms.ofApplication(application);
    await this.rooms.setAttributes(realm, room, { field: sharedFields(fields) ?? {} });
  }

  private async notify(application: string, easyrtcid: string, msgType: string, msgData: object): Promise<void> {
    await this.signaling.sendFromServer(this.realms.ofApplication(application), easyrtcid, {
      kind: 'notice',
      ...this.contentOf({ msgType, msgData }),
    });
  }

  private contentOf({ msgType, msgData }: EasyRtcServerMessage, target?: MessageTarget) {
    return { native: nativeMembers(msgType, target), ...this.payloadOf(msgData) };
  }
}

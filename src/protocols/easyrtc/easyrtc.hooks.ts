import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { IceServer } from '../../config/sections/easyrtc.options.js';

/** A field of an application, a connection or a room. Only those that are shared reach clients. */
export interface EasyRtcField {
  readonly fieldValue: unknown;
  readonly fieldOption?: { readonly isShared?: boolean };
}

/** Fields by their names. */
export type EasyRtcFields = Readonly<Record<string, EasyRtcField>>;

/** What a client shows when it logs in; its form is checked, its content is anybody's claim. */
export interface EasyRtcLoginAttempt {
  readonly application: string;
  readonly username?: string;
  readonly easyrtcsid?: string;
  readonly credential?: object;
  /** IP address. */
  readonly address: string;
}

/** What an authenticator makes of a login. */
export interface EasyRtcIdentity {
  /** In place of what the client claims. */
  readonly username?: string;
  /** Groups that the client is put into; only their members can send to them. */
  readonly groups?: readonly string[];
  /** Fields of the connection. */
  readonly fields?: EasyRtcFields;
  /** Fields of the session, if the client named one. */
  readonly sessionFields?: EasyRtcFields;
}

/** A client that is logged in, or about to be. */
export interface EasyRtcPeer {
  readonly id: string;
  readonly application: string;
  readonly username?: string;
  readonly groups: readonly string[];
  readonly address: string;
}

/** A message to the server, or the server's answer to one. */
export interface EasyRtcServerMessage {
  readonly msgType: string;
  readonly msgData?: unknown;
}

/**
 * What an application decides for EasyRTC clients. It extends this class and overrides what it cares for:
 * `SignalboxModule.forRoot(options, [{ provide: EasyRtcHooks, useClass: MyHooks }])`. Every method may return a promise;
 * what the client sends meanwhile waits. An error that is no DomainError is logged, and the client hears of a general
 * failure.
 */
@Injectable()
export class EasyRtcHooks {
  constructor(protected readonly config: Config) {}

  /**
   * Says who logs in.
   * @throws DomainError NOT_AUTHORIZED to refuse it (LOGIN_BAD_AUTH)
   */
  authenticate({ username }: EasyRtcLoginAttempt): EasyRtcIdentity | Promise<EasyRtcIdentity> {
    return { username };
  }

  /** A client has logged in. */
  authenticated(_client: EasyRtcPeer): void | Promise<void> {
    return;
  }

  /** A client has gone. */
  disconnected(_client: EasyRtcPeer): void | Promise<void> {
    return;
  }

  /** The ICE servers for a client, in its token and whenever it asks. */
  iceServers(_client: EasyRtcPeer): readonly IceServer[] | Promise<readonly IceServer[]> {
    return this.config.iceServers;
  }

  /** The fields of an application. */
  applicationFields(_application: string): EasyRtcFields | Promise<EasyRtcFields> {
    return {};
  }

  /** Whether a client may make a room that does not exist yet. */
  mayCreateRoom(_client: EasyRtcPeer, _room: string, _parameter?: object): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a client may join a room. */
  mayJoinRoom(_client: EasyRtcPeer, _room: string, _parameter?: object): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a client that asks for the list of rooms hears of a room. It is asked about each room that the option `easyrtcRoomList` leaves. */
  mayListRoom(_client: EasyRtcPeer, _room: string): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a client may leave a room. */
  mayLeaveRoom(_client: EasyRtcPeer, _room: string): boolean | Promise<boolean> {
    return true;
  }

  /** A client has sent the server a message. What is returned is the answer; nothing is a plain `ack`. */
  serverMessage(
    _client: EasyRtcPeer,
    _message: EasyRtcServerMessage,
  ): EasyRtcServerMessage | void | Promise<EasyRtcServerMessage | void> {
    return undefined;
  }
}

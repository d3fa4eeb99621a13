import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { IceServer } from '../../config/sections/ice.options.js';

/** A field of an application, a connection or a room. Only shared fields reach clients. */
export interface EasyRtcField {
  readonly fieldValue: unknown;
  readonly fieldOption?: { readonly isShared?: boolean };
}

/** Fields by name. */
export type EasyRtcFields = Readonly<Record<string, EasyRtcField>>;

/** A client's login. Its form is validated; its content is only the client's claim. */
export interface EasyRtcLoginAttempt {
  readonly application: string;
  readonly username?: string;
  readonly easyrtcsid?: string;
  readonly credential?: object;
  /** IP address. */
  readonly address: string;
}

/** The result of `EasyRtcHooks.authenticate`. */
export interface EasyRtcIdentity {
  /** Replaces the name that the client claims. */
  readonly username?: string;
  /** Groups that the client becomes a member of. Only members can send to a group. */
  readonly groups?: readonly string[];
  /** Fields of the connection. */
  readonly fields?: EasyRtcFields;
  /** Fields of the session, if the client has named one. */
  readonly sessionFields?: EasyRtcFields;
}

/** A client during or after its login. */
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
 * The decisions of an application about EasyRTC clients. An application extends this class and overrides some methods:
 * `SignalboxModule.forRoot({ extensions: [{ provide: EasyRtcHooks, useClass: MyHooks }] })`. Every method may return a
 * promise, and messages of the client wait until it resolves. An error other than a DomainError is logged, and the
 * client gets a general failure.
 */
@Injectable()
export class EasyRtcHooks {
  constructor(protected readonly config: Config) {}

  /**
   * Returns the identity of a client that logs in.
   * @throws DomainError NOT_AUTHORIZED to refuse it (LOGIN_BAD_AUTH)
   */
  authenticate({ username }: EasyRtcLoginAttempt): EasyRtcIdentity | Promise<EasyRtcIdentity> {
    return { username };
  }

  /** Called after a login. */
  authenticated(_client: EasyRtcPeer): void | Promise<void> {
    return;
  }

  /** Called after a client has disconnected. */
  disconnected(_client: EasyRtcPeer): void | Promise<void> {
    return;
  }

  /**
   * Returns the ICE servers for a client: for its token, and each time that it asks for them. Undefined stands for those
   * of `IceProvider`.
   */
  iceServers(_client: EasyRtcPeer): readonly IceServer[] | undefined | Promise<readonly IceServer[] | undefined> {
    return undefined;
  }

  /** Returns the fields of an application. */
  applicationFields(_application: string): EasyRtcFields | Promise<EasyRtcFields> {
    return {};
  }

  /** Whether a client may create a room. */
  mayCreateRoom(_client: EasyRtcPeer, _room: string, _parameter?: object): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a client may join a room. */
  mayJoinRoom(_client: EasyRtcPeer, _room: string, _parameter?: object): boolean | Promise<boolean> {
    return true;
  }

  /**
   * Whether the list of rooms for a client contains a room. Called for each room that the option `easyrtcRoomList`
   * allows.
   */
  mayListRoom(_client: EasyRtcPeer, _room: string): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a client may leave a room. */
  mayLeaveRoom(_client: EasyRtcPeer, _room: string): boolean | Promise<boolean> {
    return true;
  }

  /** Called with a client's message to the server. Returns the answer; undefined stands for a plain `ack`. */
  serverMessage(
    _client: EasyRtcPeer,
    _message: EasyRtcServerMessage,
  ): EasyRtcServerMessage | void | Promise<EasyRtcServerMessage | void> {
    return undefined;
  }
}

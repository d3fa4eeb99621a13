import { Injectable } from '@nestjs/common';
import { DomainError, type DomainErrorTable, translate } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import { DomainErrorFilter } from '../../transport/endpoint/domain-error.filter.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import { type EasyRtcIncoming, EasyRtcMessage } from './easyrtc.messages.js';
import type { EasyRtcSession } from './easyrtc.session.js';
import { PATTERNS } from './easyrtc.validators.js';

const WILL_END = 'Socket will be disconnected.';
const REJECTED = 'Message rejected.';

/** The protocol's error codes and their texts (PROTOCOL.md, "Error texts"). */
export const EASYRTC_ERROR_TEXTS = {
  LOGIN_APP_AUTH_FAIL: `Authentication for application failed. ${WILL_END}`,
  LOGIN_BAD_AUTH: `Authentication for application failed. ${WILL_END}`,
  LOGIN_BAD_ROOM: `Requested room is invalid or does not exist. ${WILL_END}`,
  LOGIN_BAD_STRUCTURE: `Authentication for application failed. The provided structure is improper. ${WILL_END}`,
  LOGIN_GEN_FAIL: `Authentication failed. ${WILL_END}`,
  LOGIN_TIMEOUT: `Login has timed out. ${WILL_END}`,
  MSG_REJECT_BAD_DATA: `${REJECTED} The provided msgData is improper.`,
  MSG_REJECT_BAD_ROOM: `${REJECTED} Requested room is invalid or does not exist.`,
  MSG_REJECT_BAD_SIZE: `${REJECTED} Packet size is too large.`,
  MSG_REJECT_BAD_STRUCTURE: `${REJECTED} The provided structure is improper.`,
  MSG_REJECT_BAD_TYPE: `${REJECTED} The provided msgType is unsupported.`,
  MSG_REJECT_GEN_FAIL: `${REJECTED} General failure occurred.`,
  MSG_REJECT_NO_AUTH: `${REJECTED} Not logged in or client not authorized.`,
  MSG_REJECT_TARGET_EASYRTCID: `${REJECTED} Target easyrtcid is invalid, not using same application, or no longer online.`,
  MSG_REJECT_TARGET_GROUP: `${REJECTED} Target group is invalid or not defined.`,
  MSG_REJECT_TARGET_ROOM: `${REJECTED} Target room is invalid or not created.`,
  SERVER_SHUTDOWN: `Server is being shutdown. ${WILL_END}`,
} as const;

/** The code of the error with an administrator's reason for a disconnect, which is its text. */
export const DISCONNECTED = 'DISCONNECTED';

export type EasyRtcErrorCode = keyof typeof EASYRTC_ERROR_TEXTS;

const gives = (code: EasyRtcErrorCode) => () => code;
const failsLogin = gives('LOGIN_GEN_FAIL');
const fails = gives('MSG_REJECT_GEN_FAIL');
const badRoom = gives('MSG_REJECT_BAD_ROOM');
const badType = gives('MSG_REJECT_BAD_TYPE');
const notAuthorized = gives('MSG_REJECT_NO_AUTH');

const codeOr =
  (fallback: EasyRtcErrorCode) =>
  ({ code }: { code?: string }): EasyRtcErrorCode =>
    isCode(code) ? code : fallback;

const isCode = (code?: string): code is EasyRtcErrorCode =>
  code !== undefined && Object.hasOwn(EASYRTC_ERROR_TEXTS, code);

/** Returns the error for a request that breaks a rule of the protocol. */
export function invalidRequest(code: EasyRtcErrorCode, reason: string): DomainError {
  return new DomainError('INVALID_REQUEST', { code, reason });
}

/** Ids of other protocols may have other forms. Such an id is malformed here if no client has it. */
const isOwnId = (id: string): boolean => PATTERNS.name.test(id);

/** The error code of a refused login (PROTOCOL.md, "Login"). */
export const LOGIN_ERRORS: DomainErrorTable<EasyRtcErrorCode> = {
  CREDENTIALS_MISSING: gives('LOGIN_BAD_AUTH'),
  UNAUTHENTICATED: gives('LOGIN_BAD_AUTH'),
  NOT_AUTHORIZED: gives('LOGIN_BAD_AUTH'),
  REALM_UNKNOWN: gives('LOGIN_APP_AUTH_FAIL'),
  ROOM_NOT_FOUND: gives('LOGIN_BAD_ROOM'),
  INVALID_REQUEST: codeOr('LOGIN_BAD_STRUCTURE'),
  INVALID_MESSAGE: gives('LOGIN_BAD_STRUCTURE'),
  CLIENTS_LIMIT_REACHED: failsLogin,
  CLIENT_NOT_FOUND: failsLogin,
  ID_TAKEN: failsLogin,
  ROOM_EXISTS: failsLogin,
  ALREADY_IN_ROOM: failsLogin,
  NOT_IN_ROOM: failsLogin,
  NOT_ROOM_CREATOR: failsLogin,
  UNKNOWN_EVENT: failsLogin,
  UNSUPPORTED_BY_TARGET: failsLogin,
  LIMIT_REACHED: failsLogin,
  TARGET_BUSY: failsLogin,
  RATE_EXCEEDED: failsLogin,
  UNAVAILABLE: failsLogin,
  INTERNAL: failsLogin,
};

/** The error code of a refused command (PROTOCOL.md, "Commands"). */
export const COMMAND_ERRORS: DomainErrorTable<EasyRtcErrorCode> = {
  CREDENTIALS_MISSING: notAuthorized,
  UNAUTHENTICATED: gives('LOGIN_BAD_AUTH'),
  NOT_AUTHORIZED: notAuthorized,
  REALM_UNKNOWN: fails,
  CLIENTS_LIMIT_REACHED: fails,
  CLIENT_NOT_FOUND: ({ id }) => (isOwnId(id) ? 'MSG_REJECT_TARGET_EASYRTCID' : 'MSG_REJECT_BAD_STRUCTURE'),
  ID_TAKEN: fails,
  ROOM_NOT_FOUND: badRoom,
  ROOM_EXISTS: badRoom,
  ALREADY_IN_ROOM: badRoom,
  NOT_IN_ROOM: badRoom,
  NOT_ROOM_CREATOR: badRoom,
  LIMIT_REACHED: badRoom,
  INVALID_MESSAGE: gives('MSG_REJECT_BAD_STRUCTURE'),
  INVALID_REQUEST: codeOr('MSG_REJECT_BAD_STRUCTURE'),
  UNKNOWN_EVENT: badType,
  UNSUPPORTED_BY_TARGET: fails,
  RATE_EXCEEDED: fails,
  TARGET_BUSY: fails,
  UNAVAILABLE: fails,
  INTERNAL: fails,
};

const badTarget = ({ room }: { room: string }): EasyRtcErrorCode =>
  isGroupRoom(room) ? 'MSG_REJECT_TARGET_GROUP' : 'MSG_REJECT_TARGET_ROOM';

/** The error code of a refused `easyrtcMsg` (PROTOCOL.md, "Messages"). */
export const MESSAGE_ERRORS: DomainErrorTable<EasyRtcErrorCode> = {
  ...COMMAND_ERRORS,
  CLIENT_NOT_FOUND: ({ id }) => (isOwnId(id) ? 'MSG_REJECT_GEN_FAIL' : 'MSG_REJECT_TARGET_EASYRTCID'),
  ROOM_NOT_FOUND: badTarget,
  NOT_IN_ROOM: badTarget,
  LIMIT_REACHED: fails,
};

const TABLES: Readonly<Record<EasyRtcMessage, DomainErrorTable<EasyRtcErrorCode>>> = {
  [EasyRtcMessage.Authenticate]: LOGIN_ERRORS,
  [EasyRtcMessage.Command]: COMMAND_ERRORS,
  [EasyRtcMessage.Message]: MESSAGE_ERRORS,
};

/** Answers errors of the gateway. A client whose login fails is also disconnected. */
@Injectable()
export class EasyRtcExceptionFilter extends DomainErrorFilter<
  SocketIoConnection<EasyRtcSession>,
  EasyRtcIncoming | undefined
> {
  protected override answer(
    connection: SocketIoConnection<EasyRtcSession>,
    error: DomainError,
    message: EasyRtcIncoming | undefined,
  ): void {
    const code = translate(error, message ? TABLES[message.name] : COMMAND_ERRORS);
    if (!message) {
      emitError(connection, code);
      return;
    }
    message.answer({ msgType: 'error', serverTime: Date.now(), msgData: errorData(code) });
    if (message.name === EasyRtcMessage.Authenticate) connection.session?.refuse();
  }
}

/** Emits an error that answers no message. */
export function emitError(connection: SocketIoConnection, code: EasyRtcErrorCode): void;
export function emitError(connection: SocketIoConnection, code: typeof DISCONNECTED, text: string): void;
export function emitError(
  connection: SocketIoConnection,
  code: EasyRtcErrorCode | typeof DISCONNECTED,
  errorText = code === DISCONNECTED ? '' : EASYRTC_ERROR_TEXTS[code],
): void {
  const error = {
    msgType: 'error',
    msgData: { errorCode: code, errorText },
    easyrtcid: connection.clientId,
    serverTime: Date.now(),
  };
  connection.emit(EasyRtcMessage.Command, { head: JSON.stringify(error) });
}

function errorData(errorCode: EasyRtcErrorCode): object {
  return { errorCode, errorText: EASYRTC_ERROR_TEXTS[errorCode] };
}

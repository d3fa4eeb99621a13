import { Injectable } from '@nestjs/common';
import { type DomainError, type DomainErrorTable, translate } from '../../common/domain-error.js';
import { DomainErrorFilter } from '../../transport/endpoint/domain-error.filter.js';
import type { Connection } from '../../transport/websocket/connection.js';
import { errorFrame, REQUESTS } from './connector.messages.js';

interface ErrorEnvelope {
  readonly event: string;
  readonly data: object;
}

const says = (event: string, message: string): ErrorEnvelope => ({ event, data: { message } });

/** The answer to each domain error (PROTOCOL.md, "Error texts"). */
export const CONNECTOR_ERRORS: DomainErrorTable<ErrorEnvelope> = {
  CREDENTIALS_MISSING: () => says('Unauthorised', 'Credentials are missing.'),
  REALM_UNKNOWN: () => says('Unauthorised', 'There is nothing of this name.'),
  UNAUTHENTICATED: () => says('Unauthorised', 'A valid token is required.'),
  NOT_AUTHORIZED: () => says('Unauthorised', 'You are not allowed to do this.'),
  CLIENTS_LIMIT_REACHED: ({ limit }) => says('Limit_Exceeded', `No more than ${limit} clients are allowed.`),
  CLIENT_NOT_FOUND: ({ id }) => says('Not_Found', `Client with given ${id} not found`),
  ID_TAKEN: ({ id }) => says('Id_Taken', `Client with given ${id} already exists.`),
  ROOM_NOT_FOUND: ({ room }) => says('Not_Found', `Room with Id ${room} does not exist.`),
  ROOM_EXISTS: ({ room }) => says('Duplicate_Room', `${room} already exist`),
  ALREADY_IN_ROOM: () => says('Already_Exists', 'Client already exists in the room.'),
  NOT_IN_ROOM: () => says('Not_Found', 'Client does not exists in the room.'),
  NOT_ROOM_CREATOR: () => says('Unauthorised', 'You need to be creator of room to delete it.'),
  INVALID_MESSAGE: ({ reason }) => says('Invalid_Message', reason),
  INVALID_REQUEST: ({ reason }) => says('Missing_Fields', reason),
  UNKNOWN_EVENT: () => ({ event: 'Unsupported_Event', data: { events: REQUESTS } }),
  UNSUPPORTED_BY_TARGET: ({ kind }) => says('Unsupported_Event', `The protocol of the client has no ${kind}.`),
  LIMIT_REACHED: ({ what, limit }) => says('Limit_Exceeded', `No more than ${limit} ${what} are allowed.`),
  TARGET_BUSY: ({ id }) => says('Limit_Exceeded', `Too much of what you have sent still waits for ${id}.`),
  RATE_EXCEEDED: ({ framesPerSecond }) =>
    says('Limit_Exceeded', `No more than ${framesPerSecond} messages per second are allowed.`),
  UNAVAILABLE: () => says('Unavailable', 'The service is not available at the moment.'),
  INTERNAL: () => says('Server_Error', 'The message could not be handled.'),
};

/** Answers errors of the gateway and of the admission with an error envelope. */
@Injectable()
export class ConnectorExceptionFilter extends DomainErrorFilter<Connection> {
  protected override answer(connection: Connection, error: DomainError): void {
    const { event, data } = translate(error, CONNECTOR_ERRORS);
    connection.write(errorFrame(event, data));
  }
}

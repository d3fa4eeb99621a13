import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, translate, type DomainErrorTable } from '../../common/domain-error.js';
import { Log } from '../../logging/log.js';
import { Counters } from '../../metrics/counters.js';
import type { Connection } from '../../transport/connection.js';
import { DomainErrorFilter } from '../../transport/domain-error.filter.js';
import type { Frame } from '../../transport/text-frame.js';
import { errorFrame, ID_TAKEN } from './peerjs.messages.js';

const INVALID_KEY = 'Invalid key provided';
/** The frame is dropped: the client library ends its peer at any answer. */
const nothing = (): undefined => undefined;

/** What a client gets for each domain error (PROTOCOL.md, "Connecting"). Whoever gets a frame is disconnected, too. */
export const PEERJS_ERRORS: DomainErrorTable<Frame | undefined> = {
  CREDENTIALS_MISSING: () => errorFrame('No id, token, or key supplied to websocket server'),
  REALM_UNKNOWN: () => errorFrame(INVALID_KEY),
  NOT_AUTHORIZED: () => errorFrame('Invalid token provided'),
  ID_TAKEN: () => ID_TAKEN,
  CLIENTS_LIMIT_REACHED: () => errorFrame('Server has reached its concurrent user limit'),
  LIMIT_REACHED: ({ what, limit }) => errorFrame(`No more than ${limit} ${what} are allowed`),
  RATE_EXCEEDED: ({ framesPerSecond }) => errorFrame(`No more than ${framesPerSecond} messages per second are allowed`),
  CLIENT_NOT_FOUND: nothing,
  ROOM_NOT_FOUND: nothing,
  ROOM_EXISTS: nothing,
  ALREADY_IN_ROOM: nothing,
  NOT_IN_ROOM: nothing,
  NOT_ROOM_CREATOR: nothing,
  INVALID_MESSAGE: nothing,
  INVALID_REQUEST: nothing,
  UNKNOWN_EVENT: nothing,
  UNAVAILABLE: nothing,
  INTERNAL: nothing,
};

/** Answers what the gateway throws, if anything. */
@Injectable()
export class PeerJsExceptionFilter extends DomainErrorFilter {
  constructor(counters: Counters, log: Log) {
    super(counters, log);
  }

  protected override answer(connection: Connection, error: DomainError): void {
    const frame = translate(error, PEERJS_ERRORS);
    if (frame) connection.write(frame);
  }
}

/** Answers what the controller throws: text, with status 401. */
@Catch(DomainError)
export class PeerJsHttpExceptionFilter implements ExceptionFilter<DomainError> {
  catch(error: DomainError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    response
      .status(401)
      .type('text/plain')
      .send(error.code === 'REALM_UNKNOWN' ? INVALID_KEY : 'Unauthorized');
  }
}

import { Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { asDomainError, type DomainError } from '../../common/domain-error.js';
import { Log } from '../../logging/log.js';
import { Counters } from '../../counters/counters.js';

/**
 * Base of the protocols' exception filters. Domain errors are counted and answered; anything else is logged once with
 * its stack and answered as INTERNAL, so that its text does not leave the server.
 */
@Injectable()
export abstract class DomainErrorFilter<Connection, Message = undefined> implements ExceptionFilter {
  constructor(
    private readonly counters: Counters,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const domainError = asDomainError(error);
    if (domainError.code === 'INTERNAL') this.log.pino.error({ err: error }, 'a frame could not be handled');
    this.counters.rejectedFrames.add(domainError.code);
    const context = host.switchToWs();
    this.answer(context.getClient<Connection>(), domainError, context.getData<Message>());
  }

  /**
   * Tells the client in its protocol's own envelope.
   * @param message what was being handled, where the endpoint says so
   */
  protected abstract answer(connection: Connection, error: DomainError, message: Message): void;
}

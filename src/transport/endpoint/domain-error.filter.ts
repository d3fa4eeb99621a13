import { type ArgumentsHost, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import { asDomainError, type DomainError } from '../../common/domain-error.js';
import { Counters } from '../../counters/counters.js';
import { Log } from '../../logging/log.js';

/**
 * Base of the protocols' exception filters. It counts and answers domain errors. It logs all other errors once with
 * their stack and answers them as INTERNAL, so that their text does not leave the server.
 */
@Injectable()
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- subclasses name the types of their answers
export abstract class DomainErrorFilter<Connection, Message = undefined> implements ExceptionFilter {
  // Properties, so that a subclass may have a constructor of its own.
  @Inject(Counters) private readonly counters!: Counters;
  @Inject(Log) private readonly log!: Log;

  catch(error: unknown, host: ArgumentsHost): void {
    const domainError = asDomainError(error);
    if (domainError.code === 'INTERNAL') this.log.logger.error({ err: error }, 'a frame could not be handled');
    this.counters.rejectedFrames.add(domainError.code);
    const context = host.switchToWs();
    this.answer(context.getClient<Connection>(), domainError, context.getData<Message>());
  }

  /**
   * Answers an error in the protocol's own envelope.
   * @param message the message that has failed, if the endpoint passes it
   */
  protected abstract answer(connection: Connection, error: DomainError, message: Message): void;
}

import {
  Catch,
  type ExceptionFilter,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IsString } from 'class-validator';
import type { DomainError } from '../../common/domain-error.js';
import { DomainErrorFilter } from './domain-error.filter.js';
import { messageHandlersOf } from './message-handlers.js';

class Request {
  @IsString()
  readonly text!: string;
}

interface Shape {
  readonly text: string;
}

class Filter extends DomainErrorFilter<object> {
  protected override answer(): void {
    // Nothing is sent.
  }
}

@Catch()
class ForeignFilter implements ExceptionFilter {
  catch(): void {
    // Neither counts nor logs.
  }
}

class Guard {
  canActivate = (): boolean => true;
}

class Interceptor {
  intercept = (): never => {
    throw new Error('never called');
  };
}

@UseFilters(Filter)
class Base {
  @SubscribeMessage('upper')
  upper(@ConnectedSocket() _client: object, @MessageBody() { text }: Request): object {
    return { text: text.toUpperCase() };
  }

  @SubscribeMessage('same')
  same(_client: object, { text }: Request): object {
    return { text };
  }
}

class Derived extends Base {
  override same(_client: object, _request: Request): object {
    return { text: 'overridden, and no handler without its decorator' };
  }
}

class NoBody extends Base {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object): void {
    // Never called.
  }
}

class NoClass extends Base {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object, @MessageBody() _body: Shape): void {
    // Never called.
  }
}

class Text extends Base {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object, @MessageBody() _body: string): void {
    // Never called.
  }
}

class Swapped extends Base {
  @SubscribeMessage('x')
  x(@MessageBody() _body: Request, @ConnectedSocket() _client: Request): void {
    // Never called.
  }
}

class Member extends Base {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object, @MessageBody('text') _text: Request): void {
    // Never called.
  }
}

class Piped extends Base {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object, @MessageBody(ValidationPipe) _body: Request): void {
    // Never called.
  }
}

class Twice extends Base {
  @SubscribeMessage('same')
  x(_client: object, _body: Request): void {
    // Never called.
  }
}

class Nameless extends Base {
  @SubscribeMessage({ event: 'x' })
  x(_client: object, _body: Request): void {
    // Never called.
  }
}

class Guarded extends Base {
  @UseGuards(Guard)
  @SubscribeMessage('x')
  x(_client: object, _body: Request): void {
    // Never called.
  }
}

class Filtered extends Base {
  @UseFilters(Filter)
  @SubscribeMessage('x')
  x(_client: object, _body: Request): void {
    // Never called.
  }
}

const call = (gateway: object, event: string, body: unknown) =>
  messageHandlersOf(gateway).handlers.get(event)!({}, body);

describe('the handlers of a gateway', () => {
  it('are its methods, inherited ones included, unless they are overridden without a decorator', () => {
    expect([...messageHandlersOf(new Base()).handlers.keys()]).toEqual(['upper', 'same']);
    expect([...messageHandlersOf(new Derived()).handlers.keys()]).toEqual(['upper']);
    expect(call(new Derived(), 'upper', { text: 'a' })).toEqual({ text: 'A' });
  });

  it.each([undefined, null, 'text', 5, {}, []])('refuse the body %p', (body) => {
    expect(() => call(new Base(), 'same', body)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }) as DomainError,
    );
  });

  it.each([
    ['without a body', NoBody, /NoBody.x has no DTO/],
    ['with an interface as its DTO', NoClass, /NoClass.x has no DTO/],
    ['with a text as its body', Text, /Text.x has no DTO/],
    [
      'with its parameters the other way round',
      Swapped,
      /Swapped.x must take \(@ConnectedSocket\(\) client, @MessageBody\(\) body\)/,
    ],
    ['with a member of the body as a parameter', Member, /Member.x must take/],
    ['with a pipe of a parameter', Piped, /Piped.x must take/],
    ['for the event of another handler', Twice, /subscribes to same, as another method/],
    ['for an event without a name', Nameless, /Nameless.x must subscribe to an event by its name/],
    ['with a guard', Guarded, /Guarded.x has @UseGuards/],
    ['with a filter of its own', Filtered, /Filtered.x has a filter of its own/],
  ])('are refused at the start: one %s', (_, Gateway, error) => {
    expect(() => messageHandlersOf(new Gateway())).toThrow(error);
  });

  it.each([
    ['no filter', () => undefined],
    ['two filters', UseFilters(Filter, ForeignFilter)],
    ["a filter that is no subclass of the server's", UseFilters(ForeignFilter)],
    ['an instance of a filter', UseFilters(new ForeignFilter())],
  ])('are refused at the start with %s', (_, decorate) => {
    class Gateway {}
    decorate(Gateway);
    expect(() => messageHandlersOf(new Gateway())).toThrow('Gateway needs exactly one filter');
  });

  it.each([
    ['@UseGuards', UseGuards(Guard)],
    ['@UseInterceptors', UseInterceptors(Interceptor)],
    ['@UsePipes', UsePipes(ValidationPipe)],
  ])('are refused at the start with %s on the gateway', (decorator, decorate) => {
    @decorate
    class Gateway extends Base {}
    expect(() => messageHandlersOf(new Gateway())).toThrow(`Gateway has ${decorator}`);
  });
});

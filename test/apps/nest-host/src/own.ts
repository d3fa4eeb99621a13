// What the application has of its own.
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';

@Controller({ path: 'own', version: '1' })
export class OwnController {
  @Get('hello')
  hello(): string {
    return 'hello';
  }

  @Get('limited')
  limited(): string {
    return 'not too often';
  }
}

@Controller({ path: 'closed', version: '1' })
export class ClosedController {
  @Get()
  closed(): string {
    return 'nobody gets this';
  }
}

/** Denies all HTTP requests but those for one controller. */
@Injectable()
export class DenyAllGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.getType() !== 'http' || context.getClass() === OwnController;
  }
}

@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Catch()
export class CatchAllFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    host.switchToHttp().getResponse<Response>().status(status).json({ host: status });
  }
}

@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): { event: string; data: string } {
    return { event: 'shouted', data: text.toUpperCase() };
  }
}

import type { AddressInfo } from 'node:net';
import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  Post,
  type Type,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import compression from 'compression';
import type { Request, Response } from 'express';
import helmet from 'helmet';
import { map, type Observable } from 'rxjs';
import { configureApp } from '../../src/configure-app.js';
import { atTeardown } from './teardown.js';

/** Number of requests that the throttler of the hostile application allows. */
export const REQUESTS_ALLOWED = 20;

@Controller({ path: 'own', version: '1' })
class OwnController {
  @Get('hello')
  hello(): string {
    return 'hello';
  }

  @Get('fail')
  fail(): never {
    throw new Error('a secret');
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

/** Denies all HTTP requests but those for the application's own controller. */
@Injectable()
class DenyAllGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.getType() !== 'http' || context.getClass() === OwnController;
  }
}

@Injectable()
class ThrottlerGuard implements CanActivate {
  private requests = 0;

  canActivate(): boolean {
    if (++this.requests > REQUESTS_ALLOWED) throw new HttpException('slow down', 429);
    return true;
  }
}

@Injectable()
class EnvelopeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Catch()
class CatchAllFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    host.switchToHttp().getResponse<Response>().status(status).json({ host: status });
  }
}

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): { event: string; data: string } {
    return { event: 'shouted', data: text.toUpperCase() };
  }
}

/**
 * Starts an application whose global prefix, versioning, guards, pipe, interceptor, filter and middleware would break the
 * routes of the protocols if they acted on them.
 */
export function startHostileHost(imports: NonNullable<ModuleMetadata['imports']>): Promise<Host> {
  @Module({
    imports,
    controllers: [OwnController],
    providers: [
      ChatGateway,
      { provide: APP_GUARD, useClass: ThrottlerGuard },
      { provide: APP_GUARD, useClass: DenyAllGuard },
      { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, forbidUnknownValues: true }) },
      { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
      { provide: APP_FILTER, useClass: CatchAllFilter },
    ],
  })
  class HostileModule {}

  return startHost(HostileModule, (app) => {
    app.setGlobalPrefix('api');
    app.enableVersioning({ type: VersioningType.URI });
    app.use(helmet({ xPoweredBy: true }), compression({ threshold: 0 }));
    app.use((_request: Request, response: Response, next: () => void) => {
      response.setHeader('X-Host', 'touched');
      next();
    });
    app.enableCors({ origin: 'https://host.example', credentials: true });
  });
}

/** An application with Signalbox in it. */
export interface Host {
  readonly app: INestApplication;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** Starts an application on a free port of this machine, and closes it after the test or the file. */
export async function startHost(
  module: Type,
  configure: (app: NestExpressApplication) => void = () => undefined,
): Promise<Host> {
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: false, abortOnError: false });
  atTeardown(() => app.close());
  configure(app);
  configureApp(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}` };
}

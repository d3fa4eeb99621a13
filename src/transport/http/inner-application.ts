import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  type DynamicModule,
  type INestApplication,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import { newNestFactory } from '../../common/nest-factory.js';
import { protect } from '../../common/security-headers.js';
import { Log } from '../../logging/log.js';
import { quietly } from '../../logging/quietly.js';
import { AdminPort } from './admin-port.js';
import { Admission } from './admission.js';
import { Cors, type PathTest } from './cors.js';
import { PlainExpressAdapter } from './plain-express.adapter.js';
import { internalTarget, pathOf } from './request-path.js';

/** Controllers of a protocol. All paths are decoded and have no slash at the end. */
export interface HttpRoutes {
  /**
   * Module with the controllers. It gets providers of the server as values, which must have no lifecycle hooks: Nest
   * would call them a second time.
   */
  readonly module: DynamicModule | Type;
  /** Whether GET requests for a path never reach the application. */
  readonly owns: PathTest;
  /** Whether GET requests for a path are answered if the application has no route for it. */
  readonly ownsUnclaimed?: PathTest;
  /** Whether the routes are for operators: with `adminPort`, they are on that port, and all others are not. */
  readonly isForOperators?: boolean;
}

/**
 * The HTTP routes that unmodified clients need, in a Nest application of their own: prefix, versioning, guards, pipes,
 * interceptors, filters and middleware of the application around it act on its own routes alone. The inner application
 * is created for its first request. It does not listen, and logs only warnings and errors.
 */
@Injectable()
export class InnerApplication implements OnModuleInit, OnApplicationShutdown {
  /** Decides which answers at unclaimed paths pages of other origins may read. */
  readonly corsOfUnclaimed: Cors;

  private readonly routes: HttpRoutes[] = [];
  private created?: Promise<INestApplication>;
  private listener?: RequestListener;

  constructor(
    admission: Admission,
    private readonly outer: HttpAdapterHost,
    private readonly adminPort: AdminPort,
    private readonly log: Log,
  ) {
    this.corsOfUnclaimed = new Cors(admission);
  }

  /** Adds controllers. Called before the application listens. */
  register(routes: HttpRoutes): void {
    this.routes.push(routes);
  }

  /** Returns the application, which it creates if needed. */
  get(): Promise<INestApplication> {
    return (this.created ??= quietly(() => create(this.routes.map(({ module }) => module))));
  }

  /** Whether a request is for a path that never belongs to the application around it. */
  owns(request: IncomingMessage, path: string): boolean {
    return (
      isReading(request.method) && this.routes.some((routes) => routes.owns(path) && this.areHere(routes, request))
    );
  }

  /** Answers a request for an owned path. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    protect(response);
    if (this.listener) this.listener(request, response);
    else void this.answerFirst(request, response);
  }

  /** Adds the unclaimed paths to the application, after all its own routes and before its answer to unknown paths. */
  onModuleInit(): void {
    const adapter = this.outer.httpAdapter as ExpressAdapter | undefined;
    // An application context serves no HTTP.
    if (!adapter) return;
    const setNotFoundHandler = adapter.setNotFoundHandler.bind(adapter);
    // Nest has no hook for this moment: modules add routes (files, for example) in hooks that run after this one.
    adapter.setNotFoundHandler = (...handler) => {
      adapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) =>
        this.answerUnclaimed(request, response, next),
      );
      setNotFoundHandler(...handler);
    };
  }

  async onApplicationShutdown(): Promise<void> {
    const application = await this.created?.catch(() => undefined);
    await application?.close();
  }

  private async answerFirst(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.listener = (await this.get()).getHttpAdapter().getInstance() as RequestListener;
    } catch (error) {
      this.log.logger.error({ err: error }, 'the HTTP routes of the protocols cannot be created');
      response.writeHead(500).end();
      return;
    }
    this.answer(request, response);
  }

  private answerUnclaimed(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const target = internalTarget(request.url ?? '/', '');
    const path = pathOf(target);
    this.corsOfUnclaimed.apply(path, request, response, () => {
      const isOurs =
        isReading(request.method) &&
        this.routes.some((routes) => routes.ownsUnclaimed?.(path) && this.areHere(routes, request));
      if (!isOurs) return next();
      request.url = target;
      this.answer(request, response);
    });
  }

  /** Whether routes are on the port that a request came to. */
  private areHere({ isForOperators = false }: HttpRoutes, request: IncomingMessage): boolean {
    return isForOperators ? !this.adminPort.hides(request) : !this.adminPort.has(request);
  }
}

function isReading(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function create(imports: (DynamicModule | Type)[]): Promise<INestApplication> {
  const adapter = new PlainExpressAdapter();
  const options = { abortOnError: false, autoFlushLogs: false, bodyParser: false };
  const application = await newNestFactory().create({ module: InnerModule, imports }, adapter, options);
  return application.init();
}

class InnerModule {}

import { createRequire } from 'node:module';
import { type HttpServer, type INestApplication, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { ConfigModule } from './config/config.module.js';
import { isSignalboxGateway } from './transport/signalbox-gateway.js';
import type { SignalboxWsAdapter } from './transport/signalbox-ws.adapter.js';

const NEST = 12;
const BEFORE = 'before app.listen() and app.init()';

/**
 * Checks how an application has installed the server. What is wrong rejects `app.init` and `app.listen`, before Nest
 * begins to load gateways: an error of its own, for example of a missing adapter, would end the process.
 */
@Injectable()
export class AppSetup implements OnModuleInit {
  private adapter?: SignalboxWsAdapter;
  private hasStarted = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly modules: ModulesContainer,
  ) {
    // In tests of Nest, the application gets its adapter after its providers.
    host.init$.subscribe(() => this.watch(host.httpAdapter as HttpServer | undefined));
  }

  /**
   * Checks an application before `configureApp` changes it.
   * @throws Error
   */
  check(): void {
    if (this.hasStarted) throw new Error(`configureApp comes too late: call it ${BEFORE}`);
    if (this.adapter) throw new Error('configureApp has been called already: call it once for each application');
    this.checkEnvironment();
  }

  /** Notes the adapter that `configureApp` has installed. */
  configured(adapter: SignalboxWsAdapter): void {
    this.adapter = adapter;
  }

  /** @throws Error if the gateways of the protocols went to another adapter */
  onModuleInit(): void {
    if (!this.adapter || this.adapter.hasEndpoints || !this.hasGateways) return;
    throw new Error(
      'app.useWebSocketAdapter has replaced the adapter of Signalbox: pass yours to configureApp(app, { gateways })',
    );
  }

  /** Whether a protocol is served. */
  private get hasGateways(): boolean {
    const providers = [...this.modules.values()].flatMap((module) => [...module.providers.values()]);
    return providers.some(({ metatype }) => typeof metatype === 'function' && isSignalboxGateway(metatype));
  }

  /** Nest initialises the adapter of an application before everything else. */
  private watch(adapter: HttpServer | undefined): void {
    if (!adapter) return;
    const init = adapter.init?.bind(adapter);
    adapter.init = async () => {
      this.checkEnvironment();
      if (!this.adapter) throw new Error(`Signalbox is not installed yet: call configureApp(app) ${BEFORE}`);
      this.hasStarted = true;
      await init?.();
    };
  }

  /** @throws Error */
  private checkEnvironment(): void {
    const { version } = createRequire(import.meta.url)('@nestjs/core/package.json') as { version: string };
    if (Number.parseInt(version, 10) !== NEST) {
      throw new Error(
        `Signalbox needs Nest ${NEST}, and this is Nest ${version}: update the packages @nestjs/* to ^12`,
      );
    }
    const type = this.host.httpAdapter.getType();
    if (type !== 'express') {
      throw new Error(`Signalbox needs Nest's adapter for Express, and this application uses the one for ${type}`);
    }
    const servers = [...this.modules.values()].filter(({ metatype }) => metatype === ConfigModule);
    if (servers.length > 1) {
      throw new Error(
        `This application imports SignalboxModule.forRoot ${servers.length} times: import it once, and the bare ` +
          'SignalboxModule in other modules that inject its services (or set isGlobal)',
      );
    }
  }
}

/**
 * Checks an application and gives it a WebSocket adapter.
 * @throws Error for an application without SignalboxModule, or in which the server cannot run
 */
export function installAdapter(app: INestApplication, create: () => SignalboxWsAdapter): void {
  const setup = setupOf(app.get(ModulesContainer));
  setup.check();
  const adapter = create();
  app.useWebSocketAdapter(adapter);
  setup.configured(adapter);
}

/** @throws Error for an application without SignalboxModule */
function setupOf(modules: ModulesContainer): AppSetup {
  for (const { providers } of modules.values()) {
    const setup: unknown = providers.get(AppSetup)?.instance;
    if (setup instanceof AppSetup) return setup;
  }
  throw new Error('configureApp needs an application that imports SignalboxModule.forRoot or forRootAsync');
}

import { Injectable, Logger, type LoggerService, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { configureApp, type ConfigureOptions, ServerEvents, SignalboxModule } from '../../../src/index.js';
import { Log } from '../../../src/logging/log.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { rootModule } from '../../support/host-application.js';
import { until } from '../../support/peerjs-socket.js';
import { atTeardown } from '../../support/teardown.js';

type Line = readonly [method: string, message: unknown, context: unknown];

/** A logger of an application. */
class HostLogger implements LoggerService {
  readonly lines: Line[] = [];

  log = (message: unknown, ...rest: unknown[]): void => void this.lines.push(['log', message, rest.at(-1)]);
  warn = (message: unknown, ...rest: unknown[]): void => void this.lines.push(['warn', message, rest.at(-1)]);
  error = (message: unknown, ...rest: unknown[]): void => void this.lines.push(['error', message, rest.at(-1)]);

  /** Returns the lines with a context. */
  of(context: string): Line[] {
    return this.lines.filter((line) => line[2] === context);
  }
}

/** A provider of the application that logs and listens. */
@Injectable()
class Lobby implements OnModuleInit {
  private readonly logger = new Logger('Lobby');

  constructor(events: ServerEvents) {
    events.on('client.connected', () => {
      throw new Error('the lobby is full');
    });
  }

  onModuleInit(): void {
    this.logger.log('open');
  }
}

async function start(options?: ConfigureOptions): Promise<{ url: string; logger: HostLogger; written: string[] }> {
  const logger = new HostLogger();
  const module = rootModule({ imports: [SignalboxModule.forRoot({ logFormat: 'json' })], providers: [Lobby] });
  const app = await NestFactory.create(module, { logger, abortOnError: false });
  atTeardown(async () => {
    await app.close();
    Logger.overrideLogger(false);
  });
  const written: string[] = [];
  const { output } = app.get(Log, { strict: false });
  output.write = (line) => void written.push(line);
  configureApp(app, options);
  await app.listen(0, '127.0.0.1');
  return { url: (await app.getUrl()).replace('http', 'ws'), logger, written };
}

afterEach(() => ConnectorClient.closeAll());

describe('configureApp with logger: host', () => {
  it("leaves the application's logger in force, and passes the server's lines to it", async () => {
    const { url, logger, written } = await start({ logger: 'host' });
    const { id } = await ConnectorClient.connect(url);
    await until(() => logger.of('Signalbox').length >= 2);
    const lines = logger.of('Signalbox');
    expect(lines).toContainEqual([
      'log',
      expect.objectContaining({ msg: 'connected', client: id, protocol: 'peer2peer-connector' }),
      'Signalbox',
    ]);
    expect(lines).toContainEqual([
      'error',
      expect.objectContaining({ err: expect.objectContaining({ message: 'the lobby is full' }) as object }),
      'Signalbox',
    ]);
    expect(logger.of('Lobby')).toEqual([['log', 'open', 'Lobby']]);
    expect(written).toEqual([]);
  });
});

describe('configureApp', () => {
  it('by default leaves the lines of Nest to its logger, and those of the server to its log', async () => {
    const { url, logger, written } = await start();
    const { id } = await ConnectorClient.connect(url);
    await until(() => written.some((line) => line.includes(id)));
    expect(logger.of('Lobby')).toEqual([['log', 'open', 'Lobby']]);
    expect(logger.of('Signalbox')).toEqual([]);
    expect(written.filter((line) => line.includes('open'))).toEqual([]);
  });

  it("with logger: server makes the server's log the logger of Nest", async () => {
    const { url, logger, written } = await start({ logger: 'server' });
    const { id } = await ConnectorClient.connect(url);
    await until(() => written.some((line) => line.includes(id)));
    expect(written.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      expect.arrayContaining(['open', 'connected']),
    );
    expect([...logger.of('Lobby'), ...logger.of('Signalbox')]).toEqual([]);
  });
});

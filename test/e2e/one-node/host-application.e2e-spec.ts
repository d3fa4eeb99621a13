import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { Body, Controller, Get, Logger, Module, Post, Req, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ServeStaticModule } from '@nestjs/serve-static';
import type { Request } from 'express';
import { Logger as PinoLogger, LoggerModule } from 'nestjs-pino';
import { WebSocket } from 'ws';
import { AdminModule } from '../../../src/admin/admin.module.js';
import type { Config } from '../../../src/config/config.js';
import { configureApp } from '../../../src/configure-app.js';
import { MonitoringModule } from '../../../src/monitoring/monitoring.module.js';
import { IdGenerator } from '../../../src/protocols/id-generator.js';
import { SignalboxModule } from '../../../src/signalbox.module.js';
import { InnerApplication } from '../../../src/transport/http/inner-application.js';
import { becomes } from '../../support/becomes.js';
import { type Host, REQUESTS_ALLOWED, startHost, startHostileHost } from '../../support/hostile-host.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { startServer, type TestServer } from '../../support/server.js';
import { atTeardown } from '../../support/teardown.js';

const ORIGIN = 'https://a.example';
const TOKEN = 'a-token-that-is-right';
const OPTIONS: Partial<Config> = { logLevel: 'silent', adminTokens: [`rudi:operate:${TOKEN}`], allowDiscovery: true };

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends a request from a page of another origin. Leaves out the header that differs from time to time. */
async function ask(url: string, method = 'GET', body?: string, encoding = 'gzip'): Promise<Answer> {
  const headers = { origin: ORIGIN, 'accept-encoding': encoding, 'content-type': 'application/json' };
  const request = httpRequest(url, { method, headers }).end(body);
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream & Answer & { statusCode: number }];
  return { status: response.statusCode, headers: { ...response.headers, date: '' }, body: await text(response) };
}

/** Resolves with the parts of an answer that the application's middleware does not change. */
async function essenceOf(url: string, method: string): Promise<unknown[]> {
  const { status, headers, body } = await ask(url, method, undefined, 'identity');
  return [status, headers['content-type'], headers['access-control-allow-origin'], body];
}

async function expectProblem(
  url: string,
  method: string,
  body: string | undefined,
  status: number,
  kind: string,
): Promise<void> {
  const answer = await ask(url, method, body, 'identity');
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
  expect(JSON.parse(answer.body)).toMatchObject({ type: `urn:signalbox:problem:${kind}`, status });
}

describe('an application with a prefix, versions, guards, a pipe, an interceptor, a filter and middleware', () => {
  let host: Host;
  let alone: TestServer;

  beforeAll(async () => {
    host = await startHostileHost([SignalboxModule.forRoot(OPTIONS), AdminModule, MonitoringModule]);
    alone = await startServer(OPTIONS);
  });

  it.each([
    ['GET', '/peerjs/peers'],
    ['HEAD', '/peerjs/peers'],
    ['GET', '/peerjs/peers/?a=b'],
    ['OPTIONS', '/peerjs/id'],
    ['GET', '/easyrtc/easyrtc.js'],
    ['HEAD', '/easyrtc/easyrtc.js'],
    ['GET', '/easyrtc/img/powered_by_easyrtc.png'],
    ['GET', '/easyrtc/nothing.js'],
    ['GET', '/easyrtc/..%2fpackage.json'],
    ['GET', '/socket.io/socket.io.js'],
    ['GET', '/socket.io/nothing.js'],
    ['GET', '/socket.io/?EIO=4&transport=nothing'],
    ['GET', '/demo'],
    ['GET', '/demo/'],
    ['GET', '/demo?room=a'],
    ['GET', '/demo/demo.js'],
    ['GET', '/demo/nothing.js'],
    ['GET', '//demo//demo.js'],
  ])('does not act on %s %s', async (method, path) => {
    expect(await ask(host.url + path, method)).toEqual(await ask(alone.url + path, method));
  });

  it('does not act on new ids', async () => {
    const [ours, theirs] = [await ask(`${host.url}/peerjs/id`), await ask(`${alone.url}/peerjs/id`)];
    expect(ours.body).toMatch(/^[0-9a-f-]{36}$/);
    expect({ ...ours.headers, etag: '' }).toEqual({ ...theirs.headers, etag: '' });
  });

  it('does not act on socket.io polling', async () => {
    const answer = await ask(`${host.url}/socket.io/?EIO=4&transport=polling`);
    expect(answer.body).toMatch(/^0\{"sid":/);
    expect(answer.headers['x-host']).toBeUndefined();
  });

  it.each([
    ['GET', '/'],
    ['HEAD', '/'],
    ['GET', '/wrong/id'],
    ['GET', '/wrong/peers'],
    ['GET', '/%20/id'],
  ])('gets the answer of PeerJS for %s %s, which it has no route for', async (method, path) => {
    expect(await essenceOf(host.url + path, method)).toEqual(await essenceOf(alone.url + path, method));
  });

  it('does not throttle the protocols', async () => {
    const paths = Array.from({ length: 2 * REQUESTS_ALLOWED }, () => `${host.url}/peerjs/id`);
    const answers = await Promise.all(paths.map((url) => ask(url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('acts on its own routes, errors and unknown paths', async () => {
    const own = `${host.url}/api/v1/own`;
    expect(await (await fetch(`${own}/hello`)).json()).toEqual({ data: 'hello' });
    const { headers } = await ask(`${own}/hello`);
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'x-host': 'touched',
      'cross-origin-opener-policy': 'same-origin',
      'access-control-allow-origin': 'https://host.example',
    });
    const answers = await Promise.all([
      fetch(`${own}/fail`),
      fetch(`${own}/nothing`),
      fetch(`${own}/echo`, { method: 'POST', body: '{"a', headers: { 'content-type': 'application/json' } }),
    ]);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { host: 500 },
      { host: 404 },
      { host: 400 },
    ]);
    const echo = await fetch(`${own}/echo`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await echo.json()).toEqual({ data: { a: 1 } });
  });

  it('serves its own gateway', async () => {
    const chat = new WebSocket(`ws://127.0.0.1:${host.port}/chat`);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await once(chat, 'open', { signal });
    chat.send('{"event":"shout","data":"hey"}');
    const [answer] = (await once(chat, 'message', { signal })) as [Buffer];
    chat.terminate();
    expect(JSON.parse(answer.toString())).toEqual({ event: 'shouted', data: 'HEY' });
  });

  it.each([
    ['an unreadable body', 'POST', '/rooms', '{"a', 400, 'bad-request'],
    ['a body that is too large', 'POST', '/rooms', JSON.stringify('x'.repeat(200_000)), 413, 'too-large'],
    // The guard decides as on all routes of the application.
    ['a denied request', 'GET', '/stats', undefined, 403, 'forbidden'],
    ['a denied request for an unknown path', 'GET', '/nothing', undefined, 403, 'forbidden'],
  ])('leaves the admin API its format of problems: %s', async (_, method, path, body, status, kind) => {
    await expectProblem(`${host.url}/api/admin/v1${path}`, method, body, status, kind);
  });

  it('leaves health checks and metrics their format of errors', async () => {
    for (const path of ['health/live', 'metrics']) {
      const { body } = await ask(`${host.url}/api/${path}`, 'GET', undefined, 'identity');
      expect(JSON.parse(body)).toMatchObject({ statusCode: 403, message: 'Forbidden resource' });
    }
  });
});

@Controller()
class OpenController {
  @Get()
  root(): string {
    return 'the root of the application';
  }

  @Get('users/id')
  user(): string {
    return 'a user';
  }

  @Post('peerjs/id')
  create(@Body() body: unknown, @Req() { url, app }: Request): unknown {
    return { body, url, hasApp: typeof app.get('etag fn') === 'function' };
  }

  @Get('fetch/*target')
  fetch(@Req() { url }: Request): string {
    return url;
  }

  @Get('peerjs/id/more')
  more(): string {
    return 'more';
  }

  @Get('demo/some/thing')
  thing(): string {
    return 'a thing';
  }
}

describe('an application without a prefix', () => {
  @Module({ imports: [SignalboxModule.forRoot(OPTIONS), AdminModule], controllers: [OpenController] })
  class OpenModule {}

  let host: Host;

  beforeAll(async () => {
    host = await startHost(OpenModule);
  });

  it.each([
    ['/', 'the root of the application'],
    ['/users/id', 'a user'],
    ['/peerjs/id/more', 'more'],
    ['/demo/some/thing', 'a thing'],
    ['/fetch/https://a.example//b?c=//d', '/fetch/https://a.example//b?c=//d'],
  ])('keeps its own route %s', async (path, expected) => {
    expect(await (await fetch(host.url + path)).text()).toBe(expected);
  });

  it.each(['/', '/users/id', '/peerjs/id/more', '/demo/some/thing'])('decides about CORS at %s', async (path) => {
    const { headers } = await ask(host.url + path);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['content-security-policy']).toBeUndefined();
  });

  it('gets requests as they arrived, with their body', async () => {
    const answer = await ask(`${host.url}/peerjs/id?a=1`, 'POST', '{"a":[1]}');
    expect(JSON.parse(answer.body)).toEqual({ body: { a: [1] }, url: '/peerjs/id?a=1', hasApp: true });
  });

  it.each([
    ['GET', '/admin/v1/nothing'],
    ['GET', '/admin/v1'],
    ['DELETE', '/admin/v1/stats'],
  ])('lets the admin API answer %s %s, which is unknown', async (method, path) => {
    await expectProblem(host.url + path, method, undefined, 404, 'not-found');
  });

  it('answers an unreadable body itself', async () => {
    const answer = await ask(`${host.url}/peerjs/id`, 'POST', '{"a');
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { error: 'Bad Request' }]);
  });

  it('lets PeerJS answer unknown keys', async () => {
    expect((await ask(`${host.url}/wrong/id`)).body).toBe('Invalid key provided');
  });
});

describe('an application that serves files at its root', () => {
  it('keeps its root, wherever the modules stand in its list of imports', async () => {
    const files = ServeStaticModule.forRoot({ rootPath: `${import.meta.dirname}/../../../src/demo/public` });
    for (const imports of [
      [files, SignalboxModule.forRoot({ logLevel: 'silent' })],
      [SignalboxModule.forRoot({ logLevel: 'silent' }), files],
    ]) {
      @Module({ imports })
      class FilesModule {}

      const { url } = await startHost(FilesModule);
      expect((await ask(url)).body).toContain('<!doctype html>');
      expect((await ask(`${url}/peerjs/id`)).body).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('a mount path of PeerJS', () => {
  it('belongs to PeerJS with all keys, and other paths below it to the application', async () => {
    @Controller('myapp')
    class MyAppController {
      @Get('news')
      news(): string {
        return 'news';
      }
    }

    @Module({
      imports: [SignalboxModule.forRoot({ logLevel: 'silent', path: '/myapp' })],
      controllers: [MyAppController, OpenController],
    })
    class MountedModule {}

    const { url } = await startHost(MountedModule);
    const bodies = await Promise.all(
      ['/myapp/peerjs/id', '/myapp', '/myapp/wrong/id', '/myapp/news', '/', '/users/id'].map(
        async (path) => (await ask(url + path)).body,
      ),
    );
    expect(bodies).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.stringContaining('PeerJS Server'),
      'Invalid key provided',
      'news',
      'the root of the application',
      'a user',
    ]);
  });
});

describe('an application whose routes are below the mount path of PeerJS', () => {
  it('decides who may read its answers, with cookies and after a preflight, too', async () => {
    @Controller('api')
    class ApiController {
      @Post('orders')
      order(): string {
        return 'ordered';
      }
    }

    @Module({ imports: [SignalboxModule.forRoot({ logLevel: 'silent', path: '/api' })], controllers: [ApiController] })
    class ApiModule {}

    const app = await NestFactory.create<NestExpressApplication>(ApiModule, { logger: false });
    atTeardown(() => app.close());
    app.enableCors({ origin: 'https://front.example', credentials: true });
    await configureApp(app).listen(0, '127.0.0.1');
    const url = await app.getUrl();
    for (const method of ['OPTIONS', 'POST']) {
      const { headers } = await ask(`${url}/api/orders`, method);
      expect([method, headers['access-control-allow-origin']]).toEqual([method, 'https://front.example']);
      expect(headers['access-control-allow-credentials']).toBe('true');
    }
    const { headers } = await ask(`${url}/api/peerjs/id`);
    expect(headers['access-control-allow-origin']).toBe(ORIGIN);
  });
});

describe('the inner application', () => {
  function moduleWith(id: string): Type {
    class Ids extends IdGenerator {
      override peerJsClient(): string {
        return id;
      }
    }

    @Module({
      imports: [SignalboxModule.forRoot({ logLevel: 'silent', extensions: [{ provide: IdGenerator, useClass: Ids }] })],
    })
    class OwnIdsModule {}

    return OwnIdsModule;
  }

  it('belongs to its server, of which several may run in one process', async () => {
    const [one, two] = [await startHost(moduleWith('one')), await startHost(moduleWith('two'))];
    const ids = await Promise.all([one, two, one].map(async ({ url }) => (await ask(`${url}/peerjs/id`)).body));
    expect(ids).toEqual(['one', 'two', 'one']);
    await one.app.close();
    expect((await ask(`${two.url}/peerjs/id`)).body).toBe('two');
  });

  it('is created for the first request, and closes with the application around it', async () => {
    const { app, url } = await startHost(moduleWith('one'));
    const inner = app.get(InnerApplication, { strict: false });
    const get = jest.spyOn(inner, 'get');
    await ask(`${url}/nothing`);
    expect(get).not.toHaveBeenCalled();
    await ask(`${url}/peerjs/id`);
    const close = jest.spyOn((await inner.get()).getHttpAdapter(), 'close');
    await app.close();
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('the logger of the application', () => {
  it('gets no lines about the inner application, and logs requests of its own routes only', async () => {
    const lines: { context?: string; msg: string; req?: { url: string } }[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };

    @Module({
      imports: [LoggerModule.forRoot({ pinoHttp: [{ level: 'trace' }, stream] }), SignalboxModule.forRoot(OPTIONS)],
      controllers: [OpenController],
    })
    class LoggedModule {}

    const app = await NestFactory.create<NestExpressApplication>(LoggedModule, { bufferLogs: true });
    atTeardown(() => app.close());
    configureApp(app);
    app.useLogger(app.get(PinoLogger));
    await app.listen(0, '127.0.0.1');
    expect(lines.at(-1)).toMatchObject({ context: 'NestApplication' });
    lines.splice(0);
    const url = await app.getUrl();
    for (const path of ['/peerjs/id', '/demo', '/users/id']) await (await fetch(url + path)).text();
    new Logger('Own').log('still here');
    await becomes(() => lines.map(({ context, req }) => context ?? req?.url).sort(), ['/users/id', 'Own']);
  });
});

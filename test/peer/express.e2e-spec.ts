import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Express, NextFunction, Request, Response } from 'express';
import { PeerJsSocket, until } from '../support/peerjs-socket.js';
import {
  eventsOf,
  EXPRESS_VERSIONS,
  IMPORT_LINES,
  load,
  namesOf,
  newExpress,
  type PeerModule,
  programOf,
  startExpress,
} from './programs.js';

const CASES = IMPORT_LINES.flatMap((line) => EXPRESS_VERSIONS.map((version) => [line, version] as const));

const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

/** Routes of a program. */
function own(app: Express): void {
  app.get('/own', (_: Request, response: Response) => void response.send('the program'));
  app.get('/peerjs/own', (_: Request, response: Response) => void response.send('below'));
  app.post('/peerjs/id', (_: Request, response: Response) => void response.send('posted'));
  app.get('/fault', () => {
    throw new Error('of the program');
  });
  app.use((error: Error, _: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else response.status(500).send(`fault ${error.message}`);
  });
}

describe.each(CASES)('ExpressPeerServer of %s in %s', (importLine, version) => {
  let peer: PeerModule;

  beforeAll(async () => {
    peer = await load(importLine);
  });

  it.each([
    ['/', '/', ''],
    ['/', '/myapp', '/myapp'],
    ['/peerjs', '/', '/peerjs'],
    ['/peerjs', '/myapp', '/peerjs/myapp'],
    ['/a/b/', '/c/d/', '/a/b/c/d'],
  ])('mounted at %s with the path %s: serves %j', async (at, path, mount) => {
    const { url, wsUrl } = await startExpress(peer, { version, at, options: { path } });
    expect(await (await fetch(url + mount)).json()).toMatchObject({ name: 'PeerJS Server' });
    expect(await textOf(`${url}${mount}/peerjs/id`)).toMatch(UUID_V4);
    const alice = await PeerJsSocket.open(wsUrl, { id: 'alice', mount });
    const bob = await PeerJsSocket.open(wsUrl, { id: 'bob', mount });
    alice.send({ type: 'OFFER', dst: 'bob', payload: { a: 1 } });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: { a: 1 } });
  });

  it.each([
    ['before', { before: own }],
    ['after', { after: own }],
  ])('leaves all other routes to the program, which come %s it', async (_, routes) => {
    const { url } = await startExpress(peer, { version, ...routes });
    expect(await textOf(`${url}/own`)).toBe('the program');
    expect(await textOf(`${url}/peerjs/own`)).toBe('below');
    expect(await textOf(`${url}/peerjs/id`, { method: 'POST' })).toBe('posted');
    expect(await textOf(`${url}/fault`)).toContain('of the program');
    expect((await fetch(`${url}/none`)).status).toBe(404);
    expect(await textOf(`${url}/peerjs/id`)).toMatch(UUID_V4);
    expect(await (await fetch(url)).json()).toMatchObject({ name: 'PeerJS Server' });
  });

  it('leaves to the program what its request looks like', async () => {
    const seen: unknown[] = [];
    const { url } = await startExpress(peer, {
      version,
      at: '/peerjs',
      after: (app) =>
        app.use((request: Request, response: Response) => {
          seen.push(request.url, request.originalUrl, request.baseUrl, request.app === app);
          response.end();
        }),
    });
    await textOf(`${url}/peerjs/some/other?a=1`);
    expect(seen).toEqual(['/peerjs/some/other?a=1', '/peerjs/some/other?a=1', '', true]);
  });

  it('runs behind the middleware of the program', async () => {
    const { url } = await startExpress(peer, {
      version,
      before: (app) =>
        app.use((request: Request, response: Response, next: NextFunction) => {
          if (request.query.secret === 'right') next();
          else response.sendStatus(403);
        }),
    });
    expect(await textOf(`${url}/peerjs/id`)).toBe('Forbidden');
    expect(await textOf(`${url}/peerjs/id?secret=right`)).toMatch(UUID_V4);
  });

  it('is mounted on a server that listens already', async () => {
    const app = await newExpress(version);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peerServer = peer.ExpressPeerServer(server, { path: '/myapp' });
    app.use('/peerjs', peerServer);
    const { url, wsUrl } = programOf(server, peerServer);
    expect(await textOf(`${url}/peerjs/myapp/peerjs/id`)).toMatch(UUID_V4);
    await PeerJsSocket.open(wsUrl, { mount: '/peerjs/myapp' });
  });

  it('is mounted in an application that another one mounts', async () => {
    const [outer, inner] = await Promise.all([newExpress(version), newExpress(version)]);
    const server = createServer(outer);
    const peerServer = peer.ExpressPeerServer(server);
    outer.use('/outer', inner);
    inner.use('/inner', peerServer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { url, wsUrl } = programOf(server, peerServer);
    expect(await textOf(`${url}/outer/inner/peerjs/id`)).toMatch(UUID_V4);
    await PeerJsSocket.open(wsUrl, { mount: '/outer/inner' });
  });

  it('emits its events', async () => {
    const { peerServer, wsUrl } = await startExpress(peer, { version, at: '/peerjs' });
    const events = eventsOf(peerServer);
    const alice = await PeerJsSocket.open(wsUrl, { id: 'alice', mount: '/peerjs' });
    alice.send({ type: 'HEARTBEAT' });
    await until(() => events.length === 2);
    await alice.close();
    await until(() => events.length === 3);
    expect(namesOf(events)).toEqual(['connection alice', 'message alice HEARTBEAT', 'disconnect alice']);
  });

  it('has the settings of an Express application', async () => {
    const { peerServer } = await startExpress(peer, { version, at: '/peerjs' });
    expect(peerServer.path()).toBe('/peerjs');
    expect(peerServer.mountpath).toBe('/peerjs');
    peerServer.set('mine', 1);
    expect(peerServer.get('mine')).toBe(1);
  });
});

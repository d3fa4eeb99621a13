import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { WebSocket } from 'ws';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { Counters } from '../../../src/counters/counters.js';
import { AccessHooks, type Identity, SignalingService } from '../../../src/index.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { codeOf } from '../../support/secured.js';
import { startServer } from '../../support/server.js';

let asked: () => void;

/** Answers nothing, ever. */
function never<T>(): Promise<T> {
  asked();
  return new Promise(() => undefined);
}

describe('a hook that never answers', () => {
  it.each<[string, Partial<AccessHooks>, object]>([
    ['mayJoinRoom', { mayJoinRoom: () => never() }, { event: 'Join_Room', data: { room: 'r' } }],
    ['mayCreateRoom', { mayCreateRoom: () => never() }, { event: 'Create_Room', data: { room: 'r' } }],
    [
      'connect',
      { connect: ({ token }) => (token === undefined ? {} : never()) },
      { event: 'Authenticate', data: { token: 't' } },
    ],
  ])('%s leaves nothing of a client that has gone', async (_, methods, request) => {
    const hooks = Object.assign(new AccessHooks(), methods);
    const server = await startServer({}, [{ provide: AccessHooks, useValue: hooks }]);
    const clients = server.app.get(ClientsService, { strict: false });
    const client = await ConnectorClient.connect(server.wsUrl);
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    client.send(request);
    await isAsked;
    await ConnectorClient.closeAll();
    await becomes(async () => (await clients.list({ limit: 10 })).items, []);
  });
});

describe('a connect hook that never answers', () => {
  const hooks = Object.assign(new AccessHooks(), { connect: () => never<Identity>() });
  const start = () => startServer({ loginTimeoutMs: 60_000 }, [{ provide: AccessHooks, useValue: hooks }]);

  it.each(['/', '/peerjs?key=peerjs&id=a&token=t'])('keeps nothing of a client that has gone (%s)', async (path) => {
    const server = await start();
    const [{ endedConnections }] = server.everywhere(Counters);
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const socket = new WebSocket(server.wsUrl + path);
    socket.on('error', () => undefined);
    await isAsked;
    const since = performance.now();
    socket.terminate();
    await becomes(() => [...endedConnections.entries()].reduce((sum, [, count]) => sum + count, 0), 1);
    // Not because of the time limit of the hook.
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it('refuses the client after five seconds, as by a server that is not available', async () => {
    const server = await start();
    asked = () => undefined;
    const refusal = async (): Promise<unknown> => {
      const client = await EasyRtcClient.connect(server.url);
      return codeOf(await client.authenticate({ applicationName: 'default' }));
    };
    const peer = await PeerJsSocket.connect(server.wsUrl, { id: 'a' });
    await Promise.all([
      expect(ConnectorClient.connect(server.wsUrl)).rejects.toThrow('Unavailable'),
      expect(refusal()).resolves.toBe('LOGIN_GEN_FAIL'),
      expect(peer.closed).resolves.toEqual({ code: 1008, reason: 'refused' }),
    ]);
  });
});

/** Gets a service that uses the hooks. */
@Injectable()
class Greeter extends AccessHooks {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  override connect(): Identity {
    return { name: this.modules.get(SignalingService, { strict: false }).constructor.name };
  }
}

it('hooks get the services that use them from ModuleRef', async () => {
  const server = await startServer({}, [{ provide: AccessHooks, useClass: Greeter }]);
  const { id } = await ConnectorClient.connect(server.wsUrl);
  const clients = server.app.get(ClientsService, { strict: false });
  expect(clients.findHere('default', id)).toMatchObject({ name: 'SignalingService' });
});

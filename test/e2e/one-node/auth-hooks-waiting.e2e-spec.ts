import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { AccessHooks, type Identity, SignalingService } from '../../../src/index.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
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

import { WebSocket } from 'ws';
import { ConnectorClient } from '../support/connector-client.js';
import { PackedApp, type RunningApp } from '../support/packed-app.js';

describe('the example of authentication, with the packed package', () => {
  let running: RunningApp;

  beforeAll(async () => {
    const app = await PackedApp.install('examples/auth');
    await app.build();
    running = await app.start({ JWT_SECRET: 'a secret of enough characters' });
  });

  async function login(name: string, password: string): Promise<{ status: number; token: string }> {
    const body = JSON.stringify({ name, password });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${running.url}/login`, { method: 'POST', headers, body });
    const { token = '' } = (await response.json()) as { token?: string };
    return { status: response.status, token };
  }

  const connect = async (name: string, password: string): Promise<ConnectorClient> =>
    ConnectorClient.connect(`${running.wsUrl}/?access_token=${(await login(name, password)).token}`);

  it('gives a token for the right password alone', async () => {
    expect(await login('alice', 'builder')).toMatchObject({ status: 401 });
    expect(await login('alice', 'wonderland')).toMatchObject({ status: 200 });
  });

  it('refuses clients without a token', async () => {
    const socket = new WebSocket(running.wsUrl);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    expect(await closed).toBe(1008);
  });

  it('lets clients into the rooms of their teams', async () => {
    const alice = await connect('alice', 'wonderland');
    const bob = await connect('bob', 'builder');
    const create = (id: string): object => ({ event: 'Create_Room', data: { room: id } });
    expect(await alice.ask(create('red-1'))).not.toMatchObject({ event: 'Unauthorised' });
    expect(await bob.ask({ event: 'Join_Room', data: { room: 'red-1' } })).toMatchObject({ event: 'Unauthorised' });
    expect(await bob.ask(create('blue'))).toMatchObject({ event: 'Unauthorised' });
  });
});

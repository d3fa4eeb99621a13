import { PackedApp, type RunningApp } from '../support/packed-app.js';
import { PeerJsSocket, until } from '../support/peerjs-socket.js';

describe.each(['^5.2.0', '^4.22.0'])('examples/express-peer with Express %s', (express) => {
  let app: PackedApp;
  let running: RunningApp;

  beforeAll(async () => {
    app = await PackedApp.install('examples/express-peer', { dependencies: { express } });
  });

  beforeEach(async () => {
    running = await app.start();
  });

  const textOf = async (path: string): Promise<string> => (await fetch(running.url + path)).text();

  const open = (id: string): Promise<PeerJsSocket> => PeerJsSocket.open(running.wsUrl, { id, mount: '/peerjs/myapp' });

  it('serves PeerJS beside its own route', async () => {
    expect(JSON.parse(await textOf('/peerjs/myapp'))).toMatchObject({ name: 'PeerJS Server' });
    expect(await textOf('/peerjs/myapp/peerjs/id')).toMatch(/^[\da-f-]{36}$/);
    const [alice, bob] = [await open('alice'), await open('bob')];
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'hello' });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: 'hello' });
    expect(await textOf('/online')).toBe('["alice","bob"]');
    expect(await textOf('/peerjs/myapp/peerjs/peers')).toBe('["alice","bob"]');
    await alice.close();
    await until(async () => (await textOf('/online')) === '["bob"]');
  });

  it('writes nothing but its own lines', async () => {
    const alice = await open('alice');
    await alice.close();
    const lines = ['alice has connected', 'alice has gone'];
    await until(() => lines.every((line) => running.output().includes(line)));
    expect(running.output()).toBe([`listening on port ${running.port}`, ...lines, ''].join('\n'));
  });

  it('ends at SIGTERM while clients are connected', async () => {
    const alice = await open('alice');
    // It resolves when the program has ended. A program that SIGTERM kills closes no WebSocket.
    await running.stop();
    expect((await alice.closed).code).toBe(1012);
  });
});

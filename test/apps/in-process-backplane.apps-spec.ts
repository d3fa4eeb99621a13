import { ConnectorTestClient } from '../../src/entries/testing.js';
import { PackedApp } from '../support/packed-app.js';
import { until } from '../support/peerjs-socket.js';

describe('the example of an in-process backplane', () => {
  let app: PackedApp;

  beforeAll(async () => {
    app = await PackedApp.install('examples/in-process-backplane');
    await app.build();
  });

  it('passes the contract suites, and its own tests of two servers, under node:test', async () => {
    const output = await app.succeed('npm', 'test');
    const [, passed] = /^\D*pass (\d+)$/m.exec(output) ?? [];
    expect(Number(passed)).toBeGreaterThan(90);
    expect(output).toMatch(/^\D*fail 0$/m);
    expect(output).toMatch(/^\D*skipped 0$/m);
  });

  it('starts two servers whose clients reach each other', async () => {
    const running = await app.start();
    const other = `127.0.0.1:${running.port + 1}`;
    await until(() => fetch(`http://${other}`).then(Boolean, () => false));
    const ann = await ConnectorTestClient.connect(running.wsUrl);
    const ben = await ConnectorTestClient.connect(`ws://${other}`);
    ben.send({ event: 'Message', to: ann.id, data: 'hello' });
    expect(await ann.next()).toEqual({ event: 'Message', from: ben.id, data: 'hello' });
    await running.stop();
    await Promise.all([ann.closed, ben.closed]);
  });
});

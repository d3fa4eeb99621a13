import { EasyRtcService } from '../../../src/index.js';
import { EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { startServer } from '../../support/server.js';

afterEach(() => EasyRtcClient.closeAll());

it('keeps the order of concurrent messages from an application to a client and to its room', async () => {
  const server = await startServer();
  try {
    const service = server.app.get(EasyRtcService, { strict: false });
    const login = () => EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: rooms('one') });
    const [ann, bob] = [await login(), await login()];
    await ann.rest();
    const all = Array.from({ length: 100 }, (_, i) => i);
    const sent = all.map((i) =>
      i % 2
        ? service.sendToRoom('default', 'one', { msgType: 'news', msgData: i })
        : service.sendToClient('default', bob.id, { msgType: 'news', msgData: i }),
    );
    await Promise.all(sent);
    expect((await bob.rest()).map(({ msgData }) => msgData)).toEqual(all);
    expect(await ann.rest()).toHaveLength(50);
  } finally {
    await server.close();
  }
});

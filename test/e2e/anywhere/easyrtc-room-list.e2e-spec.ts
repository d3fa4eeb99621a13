import type { Config } from '../../../src/config/config.js';
import type { EasyRtcHooks } from '../../../src/index.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { type HookedServer, startWithHooks } from '../../support/hooked-server.js';

const rooms = (...names: string[]): object => Object.fromEntries(names.map((roomName) => [roomName, { roomName }]));

describe('getRoomList of EasyRTC', () => {
  let server: HookedServer;

  /** Ann in `den` and `hall`, Bob in `hall` and `attic`, Cleo in no room, and all in a group. */
  async function start(options: Partial<Config>, hooks: Partial<EasyRtcHooks> = {}): Promise<EasyRtcClient[]> {
    const authenticate: EasyRtcHooks['authenticate'] = ({ username }) => ({ username, groups: ['staff'] });
    server = await startWithHooks({ authenticate, ...hooks }, options);
    const login = (...names: string[]) => {
      return EasyRtcClient.login(server.url, {
        applicationName: 'default',
        username: names[0],
        roomJoin: rooms(...names),
      });
    };
    const clients = [await login('den', 'hall'), await login('hall', 'attic'), await login('den')];
    await clients[2].command('roomLeave', { roomLeave: rooms('den') });
    return clients;
  }

  async function listOf(client: EasyRtcClient): Promise<object> {
    const { msgType, msgData } = await client.command('getRoomList');
    expect(msgType).toBe('roomList');
    const { roomList } = msgData as { roomList: Record<string, { roomName: string; numberClients: number }> };
    for (const [name, { roomName }] of Object.entries(roomList)) expect(roomName).toBe(name);
    return Object.fromEntries(Object.entries(roomList).map(([name, { numberClients }]) => [name, numberClients]));
  }

  const all = { den: 1, hall: 2, attic: 1 };

  it.each([
    ['all', [all, all, all]],
    ['joined', [{ den: 1, hall: 2 }, { hall: 2, attic: 1 }, {}]],
    ['none', [{}, {}, {}]],
  ] as const)('with easyrtcRoomList %s lists the rooms visible to each client', async (easyrtcRoomList, lists) => {
    const clients = await start({ easyrtcRoomList });
    for (const [at, client] of clients.entries()) expect(await listOf(client)).toEqual(lists[at]);
  });

  it.each([
    ['all', { hall: 2, attic: 1 }],
    ['joined', { hall: 2 }],
    ['none', {}],
  ] as const)(
    'with easyrtcRoomList %s lists the rooms that the hook mayListRoom allows',
    async (easyrtcRoomList, list) => {
      const asked: string[] = [];
      const [ann] = await start(
        { easyrtcRoomList },
        {
          mayListRoom: ({ username }, room) => {
            asked.push(`${username} ${room}`);
            return Promise.resolve(room !== 'den');
          },
        },
      );
      expect(await listOf(ann)).toEqual(list);
      const wanted = { all: ['den', 'hall', 'attic'], joined: ['den', 'hall'], none: [] }[easyrtcRoomList];
      expect(asked.sort()).toEqual(wanted.map((room) => `den ${room}`).sort());
    },
  );

  it('omits rooms unless the hook returns true, and fails if the hook fails', async () => {
    const [ann] = await start({}, { mayListRoom: (() => 'yes') as unknown as EasyRtcHooks['mayListRoom'] });
    expect(await listOf(ann)).toEqual({});
    EasyRtcClient.closeAll();
    await server.close();
    const [eve] = await start({}, { mayListRoom: () => Promise.reject(new Error('no database')) });
    expect(await eve.command('getRoomList')).toMatchObject({
      msgType: 'error',
      msgData: { errorCode: 'MSG_REJECT_GEN_FAIL' },
    });
    expect(server.complaints).toHaveLength(1);
  });

  it('calls the hook even if lists are shared because there are many rooms', async () => {
    const [ann] = await start({}, { mayListRoom: (_, room) => room === 'room-149' });
    for (let from = 0; from < 150; from += 50) {
      const names = Array.from({ length: 50 }, (_, at) => `room-${from + at}`);
      await EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: rooms(...names) });
    }
    for (let time = 0; time < 2; time++) expect(await listOf(ann)).toEqual({ 'room-149': 1 });
  });
});

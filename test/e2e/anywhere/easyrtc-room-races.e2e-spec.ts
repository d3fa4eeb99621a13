import { RoomStore } from '../../../src/rooms/room-store.js';
import { authentication, EasyRtcClient, type Received, rooms } from '../../support/easyrtc-client.js';
import { Gate, startWithHooks } from '../../support/hooked-server.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

const login = (roomJoin: object) => EasyRtcClient.login(server.url, { roomJoin });

/** Holds the answers of the store for matching clients after it has entered them into their rooms. */
function delayed(gate: Gate, isMeant: (clientId: string) => boolean): void {
  for (const store of server.everywhere(RoomStore)) {
    const enter = store.enter.bind(store);
    store.enter = async (realm, entries, member, bounds) => {
      const entered = await enter(realm, entries, member, bounds);
      if (isMeant(member.id)) await gate.pass();
      return entered;
    };
  }
}

/** Sends a request and collects the answer and all other messages in order of arrival. */
function asked(client: EasyRtcClient, heard: Received[], event: string, message: object): Promise<Received> {
  client.socket.onAny((_, news: Received) => heard.push(news));
  return new Promise((resolve) => {
    client.send(event, message, (answer: Received) => {
      heard.push(answer);
      resolve(answer);
    });
  });
}

interface Delta {
  readonly clientList?: object;
  readonly clientListDelta?: { readonly updateClient?: object; readonly removeClient?: object };
}

/** Returns the members of a room as the client library sees them: a list replaces, a delta is merged. */
function occupants(room: string, messages: readonly Received[]): string[] {
  let ids = new Set<string>();
  for (const { msgData } of messages) {
    const { roomData = {} } = msgData as { roomData?: Readonly<Record<string, Delta>> };
    const { clientList, clientListDelta = {} } = roomData[room] ?? {};
    if (clientList) ids = new Set(Object.keys(clientList));
    for (const id of Object.keys(clientListDelta.updateClient ?? {})) ids.add(id);
    for (const id of Object.keys(clientListDelta.removeClient ?? {})) ids.delete(id);
  }
  return [...ids].sort();
}

describe('an EasyRTC client that joins a room while others come and go', () => {
  it.each(['roomJoin', 'login'] as const)('knows all members after a %s', async (way) => {
    server = await startServer();
    const ann = await login(rooms('own'));
    const bob = await login(rooms('own'));
    await ann.rest();
    const gate = new Gate();
    delayed(gate, (id) => id === ann.id);
    const heard: Received[] = [];
    const answered =
      way === 'roomJoin'
        ? asked(ann, heard, 'easyrtcCmd', { msgType: 'roomJoin', msgData: { roomJoin: rooms('room') } })
        : asked(ann, heard, 'easyrtcAuth', authentication({ roomJoin: rooms('own', 'room') }));
    await gate.reached;
    await bob.command('roomJoin', { roomJoin: rooms('room') });
    gate.open();
    await answered;
    await ann.rest();
    expect(occupants('room', heard)).toEqual([ann.id, bob.id].sort());
  });

  it.each(['first', 'second'] as const)(
    'knows all members if the ICE servers of its %s login are slow',
    async (which) => {
      const gate = new Gate();
      let isSlow = false;
      server = await startWithHooks({ iceServers: () => (isSlow ? gate.pass().then(() => []) : []) });
      const bob = await login(rooms('own'));
      const ann = await EasyRtcClient.connect(server.url);
      if (which === 'second') await ann.login({ roomJoin: rooms('room') });
      const heard: Received[] = [];
      isSlow = true;
      const answered = asked(ann, heard, 'easyrtcAuth', authentication({ roomJoin: rooms('room') }));
      await gate.reached;
      await bob.command('roomJoin', { roomJoin: rooms('room') });
      gate.open();
      const { easyrtcid } = (await answered).msgData as { easyrtcid: string };
      await ann.rest();
      expect(occupants('room', heard)).toEqual([easyrtcid, bob.id].sort());
    },
  );
});

describe('a second login of an EasyRTC client', () => {
  it('may replace all rooms by the maximum number of other rooms', async () => {
    server = await startServer({ maxRoomsJoinedPerClient: 2 });
    const ann = await login(rooms('a', 'b'));
    expect(await ann.authenticate({ roomJoin: rooms('c', 'd') })).toHaveProperty('msgType', 'token');
    expect(await ann.roomSizes()).toEqual({ c: 1, d: 1 });
  });
});

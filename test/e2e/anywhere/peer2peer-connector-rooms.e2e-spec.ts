import { ConnectorClient, envelope, errorOf, SHORT_UUID, titled } from '../../support/connector-client.js';
import { startServer, type TestServer } from '../../support/server.js';

const NO_ROOM = errorOf('Missing_Fields', "'room' field is missing in the request.");
const NO_DATA = errorOf('Missing_Fields', "'data' field is missing or is not object in the request.");
const NOT_IN_ROOM = errorOf('Not_Found', 'Client does not exists in the room.');
const NOT_CREATOR = errorOf('Unauthorised', 'You need to be creator of room to delete it.');
const ALREADY_IN = errorOf('Already_Exists', 'Client already exists in the room.');
const noRoom = (room: string) => errorOf('Not_Found', `Room with Id ${room} does not exist.`);

/** Valid room names that are names of JavaScript's own. */
const NAMES = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'default', ' ', '0', '*', '"', '\\', '\u0000', '$&'],
  ...['😀', 'é€', '\ud800', 'a:b', '{a}', '../x', 'null', '<room>', 'x'.repeat(128), '😀'.repeat(64)],
];

describe('Peer2Peer Connector: rooms', () => {
  let server: TestServer;
  let ann: ConnectorClient;
  let bob: ConnectorClient;
  let cleo: ConnectorClient;

  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(async () => {
    [ann, bob, cleo] = await ConnectorClient.connectMany(3, server.wsUrl);
  });
  afterEach(async () => {
    // The test must have read every answer and update.
    for (const client of [ann, bob, cleo]) {
      if (client.socket.readyState === client.socket.OPEN) expect(await client.drain()).toEqual([]);
    }
    await ConnectorClient.closeAll();
  });
  afterAll(() => server.close());

  const update = (event: string, clients: ConnectorClient[], room: string, name = '') =>
    envelope('update', event, { clients: clients.map(({ id }) => id), name, room });

  const left = (room: string) => envelope('info', 'Room_Left', { room });

  const created = (creator: ConnectorClient, room: string, name = '') =>
    envelope('info', 'Room_Created', { clients: [creator.id], name, room, roomId: room });

  /** Creates a room as its first member, joins the others, and reads all updates. */
  async function makeRoom(room: string, ...members: ConnectorClient[]): Promise<void> {
    expect(await members[0].ask({ event: 'Create_Room', data: { room } })).toEqual(created(members[0], room));
    for (let i = 1; i < members.length; i++) await join(members[i], room, members.slice(0, i + 1));
  }

  async function join(client: ConnectorClient, room: string, members: ConnectorClient[], name = ''): Promise<void> {
    client.send({ event: 'Join_Room', data: { room } });
    for (const member of members) expect(await member.next()).toEqual(update('Client_Added', members, room, name));
  }

  async function leave(client: ConnectorClient, room: string, remaining: ConnectorClient[]): Promise<void> {
    expect(await client.ask({ event: 'Leave_Room', data: { room } })).toEqual(left(room));
    for (const member of remaining) expect(await member.next()).toEqual(update('Client_Removed', remaining, room));
  }

  async function isGone(room: string): Promise<void> {
    for (const event of ['Join_Room', 'Leave_Room', 'End_Room']) {
      expect(await cleo.ask({ event, data: { room } })).toEqual(noRoom(room));
    }
    expect(await cleo.ask({ event: 'Message', room })).toEqual(noRoom(room));
  }

  describe('Create_Room', () => {
    it.each(['Create_Room', 'Create_Rom', 'create_room', 'CREATE_ROOM', 'cReAtE_rOm'])('accepts %s', async (event) => {
      const data = { room: event, name: 'Ann’s 😀' };
      expect(await ann.ask({ event, data })).toEqual(created(ann, event, 'Ann’s 😀'));
    });

    it.each([{}, { name: 'x' }, { room: null, name: null }, { clients: ['y'], roomId: 'y' }])(
      'generates an id for a room of %j',
      async (data) => {
        const { data: room } = await ann.ask({ event: 'Create_Room', data });
        expect(room).toEqual({
          clients: [ann.id],
          name: data.name ?? '',
          room: expect.stringMatching(SHORT_UUID) as string,
          roomId: (room as { room: string }).room,
        });
      },
    );

    it('ignores unknown members', async () => {
      const data = { room: 'extra', creator: bob.id, clients: [bob.id], members: 5, __proto: {} };
      const request = { event: 'Create_Room', to: bob.id, from: bob.id, room: 'other', type: 'error', data };
      expect(await ann.ask(request)).toEqual(created(ann, 'extra'));
    });

    it.each([undefined, null, 'x', 5, true, ['room']])('rejects the data %j', async (data) => {
      expect(await ann.ask({ event: 'Create_Room', data, room: 'x' })).toEqual(NO_DATA);
    });

    it('rejects an id in use by any creator', async () => {
      await makeRoom('taken', ann);
      for (const client of [ann, bob]) {
        const answer = await client.ask({ event: 'Create_Room', data: { room: 'taken', name: 'mine' } });
        expect(answer).toEqual(errorOf('Duplicate_Room', 'taken already exist'));
      }
      await join(bob, 'taken', [ann, bob]);
    });
  });

  describe('Join_Room', () => {
    it('notifies every member with the members in join order', async () => {
      const [dan, eve] = await ConnectorClient.connectMany(2, server.wsUrl);
      expect(await cleo.ask({ event: 'Create_Room', data: { room: 'order', name: 'n' } })).toEqual(
        created(cleo, 'order', 'n'),
      );
      const members = [cleo, eve, ann, dan, bob];
      for (let i = 1; i < members.length; i++) await join(members[i], 'order', members.slice(0, i + 1), 'n');
    });

    it('lists a returning member last', async () => {
      await makeRoom('again', ann, bob, cleo);
      await leave(bob, 'again', [ann, cleo]);
      await join(bob, 'again', [ann, cleo, bob]);
      await leave(ann, 'again', [cleo, bob]);
      await join(ann, 'again', [cleo, bob, ann]);
    });

    it('rejects a client that is already a member', async () => {
      await makeRoom('twice', ann, bob);
      for (const member of [ann, bob]) {
        expect(await member.ask({ event: 'Join_Room', data: { room: 'twice' } })).toEqual(ALREADY_IN);
      }
      await join(cleo, 'twice', [ann, bob, cleo]);
    });
  });

  describe.each(['Join_Room', 'Leave_Room', 'End_Room'])('%s', (event) => {
    it.each([event.toLowerCase(), event.toUpperCase()])('accepts the spelling %s', async (spelling) => {
      expect(await ann.ask({ event: spelling, data: { room: 'none' } })).toEqual(noRoom('none'));
    });

    it.each([undefined, null, 'x', 5, true, ['room']])('rejects the data %j', async (data) => {
      expect(await ann.ask({ event, data, room: 'x' })).toEqual(NO_DATA);
    });

    it.each([{}, { room: null }, { room: 5 }, { room: true }, { room: ['x'] }, { room: { room: 'x' } }, { Room: 'x' }])(
      'rejects %j without a room',
      async (data) => {
        expect(await ann.ask({ event, data, room: 'x' })).toEqual(NO_ROOM);
      },
    );

    it.each(titled([...NAMES, 'x'.repeat(50_000)]))('rejects the unknown room %s', async (_, room) => {
      expect(await ann.ask({ event, data: { room } })).toEqual(noRoom(room));
    });
  });

  describe('Leave_Room', () => {
    it('notifies the remaining members and removes the client', async () => {
      await makeRoom('leave', ann, bob, cleo);
      await leave(bob, 'leave', [ann, cleo]);
      expect(await bob.ask({ event: 'Leave_Room', data: { room: 'leave' } })).toEqual(NOT_IN_ROOM);
      expect(await bob.ask({ event: 'Message', room: 'leave', data: 1 })).toEqual(NOT_IN_ROOM);
      ann.send({ event: 'Message', room: 'leave', data: 1 });
      expect(await cleo.next()).toEqual({ event: 'Message', from: ann.id, room: 'leave', data: 1 });
    });

    it('deletes a room with its last member', async () => {
      await makeRoom('last', ann, bob);
      await leave(ann, 'last', [bob]);
      await leave(bob, 'last', []);
      await isGone('last');
      await makeRoom('last', bob, ann);
    });
  });

  describe('End_Room', () => {
    it('notifies every member including the creator and deletes the room', async () => {
      await makeRoom('end', ann, bob);
      ann.send({ event: 'End_Room', data: { room: 'end' } });
      for (const member of [ann, bob]) expect(await member.next()).toEqual(update('Room_Deleted', [ann, bob], 'end'));
      await isGone('end');
      for (const event of ['Leave_Room', 'End_Room']) {
        for (const client of [ann, bob])
          expect(await client.ask({ event, data: { room: 'end' } })).toEqual(noRoom('end'));
      }
      await makeRoom('end', bob, ann);
    });

    it('removes the old members from a new room of the same name', async () => {
      await makeRoom('reborn', ann, bob);
      ann.send({ event: 'End_Room', data: { room: 'reborn' } });
      for (const member of [ann, bob]) await member.next('Room_Deleted');
      await makeRoom('reborn', ann, cleo);
      expect(await bob.ask({ event: 'Message', room: 'reborn', data: 1 })).toEqual(NOT_IN_ROOM);
      for (let i = 0; i <= 100; i++) {
        await makeRoom('short', bob);
        expect(await bob.ask({ event: 'End_Room', data: { room: 'short' } })).toEqual(
          update('Room_Deleted', [bob], 'short'),
        );
      }
    });

    it('rejects members other than the creator and non-members', async () => {
      await makeRoom('theirs', ann, bob);
      for (const client of [bob, cleo]) {
        expect(await client.ask({ event: 'End_Room', data: { room: 'theirs' } })).toEqual(NOT_CREATOR);
      }
      await join(cleo, 'theirs', [ann, bob, cleo]);
    });

    it('rejects a creator that has left, even after it returns', async () => {
      await makeRoom('left', ann, bob);
      await leave(ann, 'left', [bob]);
      for (const client of [ann, bob]) {
        expect(await client.ask({ event: 'End_Room', data: { room: 'left' } })).toEqual(NOT_CREATOR);
      }
      await join(ann, 'left', [bob, ann]);
      for (const client of [ann, bob]) {
        expect(await client.ask({ event: 'End_Room', data: { room: 'left' } })).toEqual(NOT_CREATOR);
      }
    });
  });

  describe('Message to a room', () => {
    it('reaches every other member', async () => {
      await makeRoom('talk', ann, bob, cleo);
      const text = '{"event":"mesSage","r\\u006fom":"talk","from":"x","fr\\u006fm":"y","data":[1.0,1e400],"n":2.50}';
      bob.send(text);
      const frame = { event: 'mesSage', room: 'talk', from: bob.id, data: [1, Infinity], n: 2.5 };
      for (const member of [ann, cleo]) {
        expect(await member.next()).toEqual(frame);
        expect(member.texts.at(-1)).toContain('"data":[1.0,1e400]');
        expect(member.texts.at(-1)).toContain('"n":2.50');
        expect(member.texts.at(-1)?.match(/"(from|fr\\u006fm|room|r\\u006fom|to)":/g)).toHaveLength(2);
      }
      cleo.send({ event: 'Message', room: 'talk', to: null });
      for (const member of [ann, bob]) {
        expect(await member.next()).toEqual({ event: 'Message', room: 'talk', from: cleo.id });
      }
    });

    it('is accepted if the sender is alone', async () => {
      await makeRoom('alone', ann);
      ann.send({ event: 'Message', room: 'alone', data: 1 });
    });

    it('reaches a single client if it names one', async () => {
      await makeRoom('both', ann, bob, cleo);
      ann.send({ event: 'Message', room: 'both', to: bob.id, data: 1 });
      expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: 1 });
    });

    it('is rejected', async () => {
      await makeRoom('closed', ann);
      expect(await bob.ask({ event: 'Message', room: 'closed', data: 1 })).toEqual(NOT_IN_ROOM);
      expect(await bob.ask({ event: 'Message', room: 5 })).toEqual(NO_ROOM);
      for (const room of ['nowhere', ...NAMES]) expect(await bob.ask({ event: 'Message', room })).toEqual(noRoom(room));
    });

    it.each(['Offer', 'Answer', 'Candidate'])('is the only signal to a room: %s requires a client', async (event) => {
      await makeRoom(event, ann, bob);
      const answer = await ann.ask({ event, room: event, data: 1 });
      expect(answer).toEqual(errorOf('Missing_Fields', "'to' field not found"));
    });
  });

  describe('when a connection ends', () => {
    const ENDS: [string, (client: ConnectorClient) => unknown][] = [
      ['closes with 1000', (client) => client.close(1000)],
      ['closes without a code', (client) => client.close()],
      ['is cut', (client) => client.terminate()],
      ['sends what is no UTF-8', ({ socket }) => socket.send(Buffer.of(0x22, 0xff, 0x22), { binary: false })],
      ['sends a frame that is too large', ({ socket }) => socket.send('x'.repeat(2 ** 20 + 1))],
    ];

    it.each(ENDS)('notifies the other members of all its rooms if it %s', async (how, end) => {
      const rooms = [`${how} 1`, `${how} 2`, `${how} 3`];
      await makeRoom(rooms[0], bob, ann, cleo);
      await makeRoom(rooms[1], ann, cleo, bob);
      await makeRoom(rooms[2], bob);
      end(bob);
      for (const member of [ann, cleo]) {
        expect(await member.next()).toEqual(update('Client_Removed', [ann, cleo], rooms[0]));
        expect(await member.next()).toEqual(update('Client_Removed', [ann, cleo], rooms[1]));
      }
      await bob.closed;
      expect(await ann.ask({ event: 'End_Room', data: { room: rooms[0] } })).toEqual(NOT_CREATOR);
      expect(await cleo.ask({ event: 'Join_Room', data: { room: rooms[2] } })).toEqual(noRoom(rooms[2]));
      ann.send({ event: 'End_Room', data: { room: rooms[1] } });
      for (const member of [ann, cleo]) {
        expect(await member.next()).toEqual(update('Room_Deleted', [ann, cleo], rooms[1]));
      }
    });

    it("processes the client's last frames first", async () => {
      await makeRoom('hurry', ann);
      bob.send({ event: 'Join_Room', data: { room: 'hurry' } });
      bob.send({ event: 'Message', room: 'hurry', data: 'bye' });
      await bob.close();
      expect(await ann.next()).toEqual(update('Client_Added', [ann, bob], 'hurry'));
      expect(await ann.next()).toEqual({ event: 'Message', room: 'hurry', from: bob.id, data: 'bye' });
      expect(await ann.next()).toEqual(update('Client_Removed', [ann], 'hurry'));
    });
  });

  it.each(titled(NAMES))('accepts %s as a room name', async (_, room) => {
    await makeRoom(room, ann, bob);
    const duplicate = await cleo.ask({ event: 'Create_Room', data: { room } });
    expect(duplicate).toEqual(errorOf('Duplicate_Room', `${room} already exist`));
    bob.send({ event: 'Message', room, data: 1 });
    expect(await ann.next()).toEqual({ event: 'Message', room, from: bob.id, data: 1 });
    await leave(bob, room, [ann]);
    ann.send({ event: 'End_Room', data: { room } });
    expect(await ann.next()).toEqual(update('Room_Deleted', [ann], room));
    await isGone(room);
  });

  it('generates an id for an empty room name and finds no room of that name', async () => {
    const { data } = await ann.ask({ event: 'Create_Room', data: { room: '' } });
    expect((data as { room: string }).room).toMatch(SHORT_UUID);
    expect(await bob.ask({ event: 'Join_Room', data: { room: '' } })).toEqual(NO_ROOM);
    expect(await bob.ask({ event: 'Message', room: '' })).toEqual(noRoom(''));
  });
});

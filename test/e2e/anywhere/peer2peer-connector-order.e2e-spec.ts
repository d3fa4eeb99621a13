import { ConnectorClient, errorOf, type ReceivedFrame } from '../../support/connector-client.js';
import { startServer, type TestServer } from '../../support/server.js';

const CLIENTS = 20;
const MESSAGES = 400;
const ROOM = 'all';
const DONE = 'done';

/** Returns a generator of reproducible random numbers. */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed + 1;
  return (bound) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % bound;
  };
}

/** Messages sent to each target, and expected answers by kind. */
class Expectation {
  readonly numbers = new Map<string, number[]>();
  readonly strangers: string[] = [];
  readonly rooms: string[] = [];

  add(target: string, number: number): void {
    const numbers = this.numbers.get(target);
    if (numbers) numbers.push(number);
    else this.numbers.set(target, [number]);
  }
}

describe('Peer2Peer Connector: order', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ framesPerSecond: 1_000_000, frameBurst: 1_000_000, maxBufferedBytes: 2 ** 28 });
  });
  afterEach(() => ConnectorClient.closeAll());
  afterAll(() => server.close());

  /** Sends a few hundred numbered messages of one sender, mixed with requests and invalid frames. */
  async function sendMany(sender: ConnectorClient, index: number, targets: ConnectorClient[]): Promise<Expectation> {
    const expected = new Expectation();
    const random = randomFrom(index);
    const others = targets.filter((target) => target !== sender);
    for (let number = 0; number < MESSAGES; number++) {
      const { id: to } = targets[random(CLIENTS)];
      const kind = random(20);
      if (kind === 0) {
        sender.send({ event: 'Message', room: ROOM, data: number });
        for (const { id } of others) expected.add(id, number);
      } else if (kind === 1) {
        sender.send({ event: 'Connect', to, data: { sdp: number, candidate: {} } });
        expected.add(to, number);
      } else {
        sender.send({ event: ['Offer', 'Answer', 'Candidate', 'Message'][kind % 4], to, data: number });
        expected.add(to, number);
      }
      if (random(5) === 0) sendOther(sender, `${index} ${number}`, random(4), expected);
      // Yields now and then, so that the other senders interleave.
      if (random(10) === 0) await new Promise(setImmediate);
    }
    for (const { id } of targets) sender.send({ event: 'Message', to: id, data: DONE });
    return expected;
  }

  function sendOther(sender: ConnectorClient, name: string, kind: number, expected: Expectation): void {
    if (kind === 0) {
      sender.send({ event: 'Message', to: `nobody ${name}`, data: 1 });
      expected.strangers.push(`nobody ${name}`);
    } else if (kind === 1) {
      sender.send(`{"not JSON"`);
    } else if (kind === 2) {
      sender.send({ event: 'Join_Room', data: { room: ROOM } });
    } else {
      sender.send({ event: 'Create_Room', data: { room: name } });
      sender.send({ event: 'Leave_Room', data: { room: name } });
      expected.rooms.push(`Room_Created ${name}`, `Room_Left ${name}`);
    }
  }

  function numberOf({ event, type, data }: ReceivedFrame): unknown {
    const isConnect = event === 'Offer' && type === 'info';
    return isConnect ? (data as { data: { sdp: unknown } }).data.sdp : data;
  }

  function senderOf({ from, data }: ReceivedFrame): unknown {
    return from ?? (data as { from?: unknown }).from;
  }

  it('is kept for each pair of sender and target among other frames', async () => {
    const clients = await ConnectorClient.connectMany(CLIENTS, server.wsUrl);
    await clients[0].ask({ event: 'Create_Room', data: { room: ROOM } });
    for (const client of clients.slice(1)) await client.ask({ event: 'Join_Room', data: { room: ROOM } });
    for (const client of clients) await client.drain();

    const sent = await Promise.all(clients.map((client, index) => sendMany(client, index, clients)));

    for (const target of clients) {
      for (let i = 0; i < CLIENTS; i++) await target.next(({ data }) => data === DONE);
      expect(target.socket.readyState).toBe(target.socket.OPEN);
      for (const [index, sender] of clients.entries()) {
        const numbers = target.frames.filter((frame) => senderOf(frame) === sender.id).map(numberOf);
        expect(numbers).toEqual([...(sent[index].numbers.get(target.id) ?? []), DONE]);
      }
    }
  });

  it('is kept for the answers to one client', async () => {
    const [client] = await ConnectorClient.connectMany(1, server.wsUrl);
    const expected = new Expectation();
    for (let i = 0; i < MESSAGES; i++) sendOther(client, String(i), i % 4, expected);
    client.send({ event: 'Message', to: client.id, data: DONE });
    await client.next(({ data }) => data === DONE);

    const answers = client.frames.filter(({ type }) => type !== undefined).slice(1);
    const notFound = answers.filter(({ data }) => String((data as { message?: string }).message).startsWith('Client'));
    expect(notFound).toEqual(expected.strangers.map((id) => errorOf('Not_Found', `Client with given ${id} not found`)));
    const rooms = answers.filter(({ type }) => type === 'info');
    expect(rooms.map(({ event, data }) => `${String(event)} ${(data as { room: string }).room}`)).toEqual(
      expected.rooms,
    );
    const turns = answers.map(({ event }) => event);
    const turn = ['Not_Found', 'Invalid_Message', 'Not_Found', 'Room_Created', 'Room_Left'];
    expect(turns).toEqual(Array.from({ length: MESSAGES / 4 }, () => turn).flat());
  });
});

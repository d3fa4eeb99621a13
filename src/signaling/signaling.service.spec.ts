import { MemoryBackplane } from '../backplane/memory/memory-backplane.js';
import { MemoryClientDirectory } from '../backplane/memory/memory-client-directory.js';
import { MemoryHub, MemoryMessageBus } from '../backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../backplane/memory/memory-room-store.js';
import { Client } from '../clients/client.js';
import { ClientReconciliation } from '../clients/client-reconciliation.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { ClientsHere } from '../clients/clients-here.js';
import { ClientsService } from '../clients/clients.service.js';
import { Handovers } from '../clients/handovers.js';
import { OwnerChecks } from '../clients/owner-checks.js';
import type { DomainError } from '../common/domain-error.js';
import { RandomIds } from '../common/random-ids.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Protocols } from '../common/protocols.js';
import type { RoomChange } from '../common/room.js';
import { ServerEvents } from '../common/server-events.js';
import type { Traffic } from '../common/traffic.js';
import type { Signal, SignalKind } from '../common/signal.js';
import { Config } from '../config/config.js';
import { RoomEvents } from '../rooms/room-events.js';
import { RoomsHere } from '../rooms/rooms-here.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { Mailbox } from './mailbox.js';
import { PresenceService } from './presence.service.js';
import { SignalReceiver } from './signal-receiver.js';
import { SignalRouter } from './signal-router.js';
import { SignalingService } from './signaling.service.js';

/** State that several nodes share. */
class Shared {
  readonly config = Object.assign(new Config(), { queueTtlMs: 1 });
  readonly hub = new MemoryHub();
  readonly directory = new MemoryClientDirectory();
  readonly store = new MemoryRoomStore();
  readonly queue = new MemoryOfflineQueue(this.config, this.config);
}

class Node {
  readonly clients: ClientsService;
  readonly rooms: RoomsService;
  readonly mailbox: Mailbox;
  readonly presence: PresenceService;
  readonly signaling: SignalingService;
  readonly protocols = new Protocols();

  constructor(name: string, shared: Shared) {
    const identity = new NodeIdentity(name);
    const backplane = new MemoryBackplane();
    const bus = new MemoryMessageBus(shared.hub, identity);
    const events = new ServerEvents(() => undefined);
    const { config } = shared;
    const calls = new NodeCalls(bus, identity);
    const clientsHere = new ClientsHere();
    const owners = new OwnerChecks(clientsHere, calls, config);
    const registry = new ClientRegistry(shared.directory, clientsHere, owners, identity, bus, config);
    const reconciliation = new ClientReconciliation(shared.directory, clientsHere, registry, identity, bus);
    this.clients = new ClientsService(shared.directory, clientsHere, calls);
    const roomsHere = new RoomsHere(shared.store, this.clients, identity, registry, reconciliation, backplane);
    this.rooms = new RoomsService(
      shared.store,
      roomsHere,
      this.clients,
      new RandomIds(),
      new RoomEvents(events, identity),
      config,
    );
    const router = new SignalRouter(this.clients, bus, identity, calls, this.protocols);
    this.mailbox = new Mailbox(shared.queue, router, this.clients, config, config, config);
    new SignalReceiver(this.clients, router, this.mailbox, bus, identity, calls);
    this.presence = new PresenceService(
      registry,
      new Handovers(clientsHere, registry, calls, config),
      this.rooms,
      this.mailbox,
      events,
      identity,
    );
    this.signaling = new SignalingService(this.clients, this.rooms, roomsHere, router, this.mailbox, bus);
  }

  async connect(id: string, token = 't'): Promise<TestClient> {
    const client = new TestClient(id, token, this);
    await this.presence.connect(client, () => void client.heard.push('hello'));
    return client;
  }
}

class TestClient extends Client {
  override readonly signsOfLife = 0;
  override readonly hasEnded = false;
  readonly heard: string[] = [];
  ended?: Promise<void>;

  constructor(
    id: string,
    token: string,
    private readonly node: Node,
  ) {
    super(id, 'realm', 'test', '', token);
  }

  send(to: string, kind: SignalKind = 'offer'): void | Promise<void> {
    return this.node.signaling.send(this, to, { kind, from: this.id });
  }

  sendOrQueue(to: string, kind: SignalKind = 'offer'): void | Promise<void> {
    return this.node.signaling.sendOrQueue(this, to, { kind, from: this.id });
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    for (const { kind, client = '', room } of changes) {
      this.heard.push(`${room.id}: ${kind} ${client} [${room.members.map(({ id }) => id).join()}]`);
    }
    return 0;
  }

  override fail({ code }: DomainError): void {
    this.heard.push(code);
  }

  /** Disconnects at once, as a connection does. */
  override end(): void {
    this.ended = this.node.presence.disconnect(this, 'closed by client');
  }

  override get traffic(): Traffic {
    return { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, waitingBytes: 0, lastSeenAt: 0 };
  }

  override accepts({ kind }: Signal): boolean {
    return kind !== 'reject';
  }

  protected override admits(): boolean {
    return true;
  }

  protected override write({ kind, from, room }: Signal): void {
    this.heard.push(room === undefined ? `${kind} from ${from}` : `${kind} from ${from} in ${room}`);
  }
}

describe.each([1, 2])('signaling on %i nodes', (count) => {
  let shared: Shared;
  let here: Node;
  let there: Node;

  beforeEach(() => {
    shared = new Shared();
    here = new Node('here', shared);
    there = count === 1 ? here : new Node('there', shared);
  });

  const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('delivers to a connected client, and rejects with CLIENT_NOT_FOUND otherwise', async () => {
    const ann = await here.connect('ann');
    const bob = await there.connect('bob');
    await ann.send('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann']);
    await expect(ann.send('carol')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND', data: { id: 'carol' } });
    bob.end();
    await bob.ended;
    await expect(ann.send('bob')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' });
  });

  it('refuses signals that the target’s protocol does not have', async () => {
    const ann = await here.connect('ann');
    const bob = await here.connect('bob');
    expect(() => ann.send('bob', 'reject')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_BY_TARGET' }) as Error,
    );
    expect(bob.heard).toEqual(['hello']);
  });

  it('queues signals for an absent client, and delivers them after the greeting', async () => {
    const ann = await here.connect('ann');
    Object.assign(shared.config, { queueTtlMs: 60_000 });
    await ann.sendOrQueue('bob');
    await ann.sendOrQueue('bob', 'candidate');
    const bob = await there.connect('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann', 'candidate from ann']);
  });

  it('delivers queued signals before those that arrive meanwhile', async () => {
    const ann = await here.connect('ann');
    Object.assign(shared.config, { queueTtlMs: 60_000 });
    await ann.sendOrQueue('bob');
    const take = shared.queue.take.bind(shared.queue);
    shared.queue.take = async (realm, to) => {
      await here.signaling.send(ann, 'bob', { kind: 'candidate', from: 'ann' });
      return take(realm, to);
    };
    const bob = await here.connect('bob');
    expect(bob.heard).toEqual(['hello', 'offer from ann', 'candidate from ann']);
  });

  it('notifies the sender of expired signals', async () => {
    const ann = await here.connect('ann');
    await ann.sendOrQueue('bob');
    await ann.sendOrQueue('bob', 'candidate');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await there.mailbox.expireDue();
    await delivered();
    expect(ann.heard).toEqual(['hello', 'expire from bob']);
    expect((await there.connect('bob')).heard).toEqual(['hello']);
  });

  it('sends to the other members of a room', async () => {
    const [ann, bob, carol] = [await here.connect('ann'), await there.connect('bob'), await there.connect('carol')];
    await here.rooms.create(ann, { id: 'r' });
    await there.rooms.join(bob, 'r');
    await delivered();
    await here.signaling.sendToRoom(ann, 'r', { kind: 'message', from: 'ann' });
    await there.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    await delivered();
    expect(ann.heard).toEqual(['hello', 'r: joined bob [ann,bob]', 'message from bob in r']);
    expect(bob.heard).toEqual(['hello', 'r: joined bob [ann,bob]', 'message from ann in r']);
    const refused = there.signaling.sendToRoom(carol, 'r', { kind: 'message', from: 'carol' });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_IN_ROOM' });
    const nowhere = there.signaling.sendToRoom(carol, 's', { kind: 'message', from: 'carol' });
    await expect(nowhere).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it('keeps a client that takes its id over in its rooms, without a notice to other members', async () => {
    const first = await here.connect('ann');
    const bob = await here.connect('bob');
    await here.rooms.create(first, { id: 'r' });
    await here.rooms.join(bob, 'r');
    await delivered();
    const heard = bob.heard.length;
    const second = await there.connect('ann');
    await first.ended;
    expect(there.rooms.joinedBy(second)).toEqual(['r']);
    expect([...second.createdRooms]).toEqual(['r']);
    expect((await here.rooms.find('realm', 'r'))?.members.map(({ id, node }) => [id, node])).toEqual([
      ['ann', count === 1 ? 'here' : 'there'],
      ['bob', 'here'],
    ]);
    await here.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    await there.signaling.sendToRoom(second, 'r', { kind: 'message', from: 'ann' });
    await delivered();
    expect(second.heard).toEqual(['hello', 'message from bob in r']);
    expect(bob.heard.slice(heard)).toEqual(['message from ann in r']);
    await there.rooms.end(second, 'r');
    await delivered();
    expect(bob.heard.slice(heard + 1)).toEqual(['r: ended  [ann,bob]']);
  });

  it('refuses the id of another client', async () => {
    const ann = await here.connect('ann');
    await expect(there.connect('ann', 'other')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    expect(ann.ended).toBeUndefined();
  });

  it('lets a client take its own id over, and keeps the id taken', async () => {
    const first = await here.connect('ann');
    const bob = await here.connect('bob');
    const second = await there.connect('ann');
    await delivered();
    await first.ended;
    expect(first.ended).toBeDefined();
    await bob.send('ann');
    expect(first.heard).toEqual(['hello']);
    expect(second.heard).toEqual(['hello', 'offer from bob']);
    await expect(here.connect('ann', 'other')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    second.end();
    await second.ended;
    await here.connect('ann', 'other');
  });

  it('does not free an id that a client claims again while it disconnects', async () => {
    const first = await here.connect('ann');
    first.end();
    const second = await here.connect('ann');
    await first.ended;
    expect(await here.clients.locate('realm', 'ann')).toMatchObject({ session: second.session });
  });
});

describe('a signal in flight to another node', () => {
  let shared: Shared;
  let here: Node;
  let there: Node;
  let ann: TestClient;
  let bob: TestClient;

  beforeEach(async () => {
    shared = new Shared();
    [here, there] = [new Node('here', shared), new Node('there', shared)];
    ann = await here.connect('ann');
    bob = await there.connect('bob');
    await ann.send('bob');
  });

  /** Resolves when no message is in flight. */
  const delivered = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  };

  /** Sends while the target disconnects, so that it is gone when the signal reaches its node. */
  async function sendWhileBobLeaves(send: () => void | Promise<void>): Promise<void> {
    const sending = send();
    bob.end();
    await Promise.all([sending, bob.ended]);
    await delivered();
  }

  it('fails for its sender if the target has gone', async () => {
    await sendWhileBobLeaves(() => ann.send('bob'));
    expect(ann.heard).toEqual(['hello', 'CLIENT_NOT_FOUND']);
    await expect(ann.send('bob')).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND' });
  });

  it('is queued if the target has gone and the signal may wait', async () => {
    Object.assign(shared.config, { queueTtlMs: 60_000 });
    await sendWhileBobLeaves(() => ann.sendOrQueue('bob'));
    expect(ann.heard).toEqual(['hello']);
    expect((await here.connect('bob')).heard).toEqual(['hello', 'offer from ann']);
  });

  it('follows a target that has moved to another node', async () => {
    const sending = ann.send('bob');
    const moved = await new Node('elsewhere', shared).connect('bob');
    await sending;
    await delivered();
    expect(bob.heard.length + moved.heard.length).toBe(4);
    await ann.send('bob');
    await delivered();
    expect(moved.heard.at(-1)).toBe('offer from ann');
    expect(ann.heard).toEqual(['hello']);
  });

  it('is refused by the target’s node if the target does not accept it', async () => {
    await ann.send('bob', 'reject');
    await delivered();
    expect(ann.heard).toEqual(['hello', 'UNSUPPORTED_BY_TARGET']);
  });

  it('is refused by the sender’s node if that knows the protocol', () => {
    here.protocols.register({ name: 'test', accepts: ({ kind }) => kind !== 'reject' });
    expect(() => ann.send('bob', 'reject')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_BY_TARGET' }) as Error,
    );
  });

  it('fails for its sender if the target’s node is gone', async () => {
    shared.hub.nodes.delete('there');
    await ann.send('bob');
    await delivered();
    expect(ann.heard).toEqual(['hello', 'UNAVAILABLE']);
  });
});

describe('signaling', () => {
  it('keeps a client in its rooms when it takes its id over', async () => {
    const node = new Node('here', new Shared());
    const first = await node.connect('ann');
    const bob = await node.connect('bob');
    await node.rooms.create(first, { id: 'r' });
    await node.rooms.join(bob, 'r');
    const second = await node.connect('ann');
    await first.ended;
    expect((await node.rooms.find('realm', 'r'))?.members.map(({ id }) => id)).toEqual(['ann', 'bob']);
    await node.signaling.sendToRoom(bob, 'r', { kind: 'message', from: 'bob' });
    expect(second.heard).toEqual(['hello', 'message from bob in r']);
    await node.rooms.end(second, 'r');
    expect(bob.heard.at(-1)).toBe('r: ended  [ann,bob]');
    expect(second.rooms.size + second.createdRooms.size + bob.rooms.size).toBe(0);
  });
});

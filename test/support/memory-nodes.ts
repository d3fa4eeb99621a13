import { MemoryBackplane } from '../../src/backplane/memory/memory-backplane.js';
import { MemoryClientDirectory } from '../../src/backplane/memory/memory-client-directory.js';
import { MemoryEventJournal } from '../../src/backplane/memory/memory-event-journal.js';
import { MemoryHub, MemoryMessageBus } from '../../src/backplane/memory/memory-message-bus.js';
import { MemoryOfflineQueue } from '../../src/backplane/memory/memory-offline-queue.js';
import { MemoryRoomStore } from '../../src/backplane/memory/memory-room-store.js';
import { BlocksHere } from '../../src/blocks/blocks-here.js';
import { Client } from '../../src/clients/client.js';
import type { ClientConnection } from '../../src/clients/client-connection.js';
import { ClientReconciliation } from '../../src/clients/client-reconciliation.js';
import { ClientRegistry } from '../../src/clients/client-registry.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { ClientsHere } from '../../src/clients/clients-here.js';
import { Handovers } from '../../src/clients/handovers.js';
import { OwnerChecks } from '../../src/clients/owner-checks.js';
import type { DomainError } from '../../src/common/domain-error.js';
import type { Identity } from '../../src/common/identity.js';
import { NodeCalls } from '../../src/common/node-calls.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import { type Protocol, Protocols } from '../../src/common/protocols.js';
import { RandomIds } from '../../src/common/random-ids.js';
import type { RoomChange } from '../../src/common/room.js';
import type { Signal, SignalKind } from '../../src/common/signal.js';
import { Config } from '../../src/config/config.js';
import { LiveConfig } from '../../src/config/live-config.js';
import { ClusterEvents } from '../../src/events/cluster-events.js';
import { RelayedSignals } from '../../src/events/relayed-signals.js';
import { ServerEvents } from '../../src/events/server-events.js';
import { AccessHooks } from '../../src/identity/access-hooks.js';
import { ExpiryTimer } from '../../src/identity/expiry-timer.js';
import { Permissions } from '../../src/identity/permissions.js';
import { RealmPlaces } from '../../src/identity/realm-places.js';
import { Supervision } from '../../src/identity/supervision.js';
import { Log } from '../../src/logging/log.js';
import { Realms } from '../../src/realms/realms.js';
import { ClientRooms } from '../../src/rooms/client-rooms.js';
import { MembershipReports } from '../../src/rooms/membership-reports.js';
import { RoomEvents } from '../../src/rooms/room-events.js';
import { RoomLimits } from '../../src/rooms/room-limits.js';
import { RoomPermits } from '../../src/rooms/room-permits.js';
import { RoomReconciliation } from '../../src/rooms/room-reconciliation.js';
import { RoomsService } from '../../src/rooms/rooms.service.js';
import { RoomsHere } from '../../src/rooms/rooms-here.js';
import { ClientEvents } from '../../src/signaling/client-events.js';
import { Mailbox } from '../../src/signaling/mailbox.js';
import { PresenceService } from '../../src/signaling/presence.service.js';
import { SignalEvents } from '../../src/signaling/signal-events.js';
import { SignalReceiver } from '../../src/signaling/signal-receiver.js';
import { SignalRouter } from '../../src/signaling/signal-router.js';
import { SignalSender } from '../../src/signaling/signal-sender.js';

/** State that the nodes of a cluster share in the memory of this process. */
export class MemoryCluster {
  readonly config: Config;
  readonly hub = new MemoryHub();
  readonly directory = new MemoryClientDirectory();
  readonly store = new MemoryRoomStore();
  readonly queue: MemoryOfflineQueue;
  readonly journal = new MemoryEventJournal();

  constructor(options: Partial<Config> = {}) {
    this.config = Object.assign(new Config(), options);
    this.queue = new MemoryOfflineQueue(this.config, this.config);
  }
}

/** The core of a node without protocols and transport. */
export class MemoryNode {
  readonly clients: ClientsService;
  readonly rooms: ClientRooms;
  readonly allRooms: RoomsService;
  readonly roomsHere: RoomsHere;
  readonly mailbox: Mailbox;
  readonly registry: ClientRegistry;
  readonly supervision: Supervision;
  readonly presence: PresenceService;
  readonly signaling: SignalSender;
  readonly events: ServerEvents;
  readonly protocols = new Protocols();

  constructor(
    name: string,
    { config, hub, directory, store, queue, journal }: MemoryCluster,
    hooks = new AccessHooks(),
  ) {
    const node = new NodeIdentity(name);
    const bus = new MemoryMessageBus(hub, node);
    const calls = new NodeCalls(bus, node);
    const log = Log.create(config);
    const signals = new RelayedSignals(bus, calls, node);
    const events = (this.events = new ServerEvents(
      new ClusterEvents(journal, signals, log),
      journal,
      signals,
      calls,
      node,
      log,
    ));

    const here = new ClientsHere();
    const checks = new OwnerChecks(here, calls, config);
    const registry = (this.registry = new ClientRegistry(directory, here, checks, node, bus, config));
    const handovers = new Handovers(here, registry, calls, config);
    const reconciliation = new ClientReconciliation(directory, here, registry, node, bus);
    this.clients = new ClientsService(directory, here, calls);

    const roomEvents = new RoomEvents(events, node);
    const reports = new MembershipReports(roomEvents, node);
    const roomsHere = (this.roomsHere = new RoomsHere(store, here, node, reports, registry));
    new RoomReconciliation(store, here, node, reconciliation, new MemoryBackplane());
    const realms = new Realms(new LiveConfig(config));
    const permissions = new Permissions(hooks, realms);
    const places = new RealmPlaces(realms, directory);
    const supervision = (this.supervision = new Supervision(
      permissions,
      new ExpiryTimer(realms),
      places,
      realms,
      new BlocksHere(),
    ));
    const ids = new RandomIds();
    const limits = new RoomLimits(config, realms);
    const rooms = (this.rooms = new ClientRooms(
      store,
      roomsHere,
      ids,
      roomEvents,
      new RoomPermits(store, permissions),
      limits,
    ));
    this.allRooms = new RoomsService(store, ids, roomEvents, limits);

    const router = new SignalRouter(directory, here, bus, node, calls, this.protocols);
    const mailbox = (this.mailbox = new Mailbox(queue, router, here, config, config, config));
    new SignalReceiver(here, router, mailbox, bus, node, calls);
    const clientEvents = new ClientEvents(events, node, registry);
    this.presence = new PresenceService(registry, handovers, rooms, mailbox, clientEvents, supervision);
    this.signaling = new SignalSender(here, roomsHere, router, mailbox, bus, permissions);
    new SignalEvents(events, this.signaling, signals);
  }

  async connect(id: string, token = 't', identity?: Identity): Promise<MemoryClient> {
    const client = new MemoryClient(id, token, this, identity);
    await this.presence.connect(client, () => void client.heard.push('hello'));
    return client;
  }
}

/** Has a message for every signal but `reject`. */
export const TEST_PROTOCOL: Protocol = { name: 'test', accepts: ({ kind }) => kind !== 'reject' };

const NO_CONNECTION: ClientConnection = {
  address: '',
  signsOfLife: 0,
  traffic: { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, waitingBytes: 0, lastSeenAt: 0 },
  admits: () => true,
  charge: () => undefined,
  limitRate: () => undefined,
  whileOpen: async (ask) => ask(),
  failed: () => undefined,
  end: () => undefined,
};

/** A client of the test protocol without a connection. */
export class MemoryClient extends Client {
  /** One text for each write. Changes that belong together are one write. */
  readonly heard: string[] = [];
  /** Resolves when the client has disconnected; absent while it is connected. */
  ended?: Promise<void>;

  constructor(
    id: string,
    token: string,
    private readonly node: MemoryNode,
    identity?: Identity,
  ) {
    super(id, 'realm', TEST_PROTOCOL, NO_CONNECTION, token, identity);
  }

  send(to: string, kind: SignalKind = 'offer'): void | Promise<void> {
    return this.node.signaling.send(this, to, { kind, from: this.id });
  }

  sendOrQueue(to: string, kind: SignalKind = 'offer'): void | Promise<void> {
    return this.node.signaling.sendOrQueue(this, to, { kind, from: this.id });
  }

  /** Removes and returns the texts received so far. */
  news(): string[] {
    return this.heard.splice(0);
  }

  override fail({ code }: DomainError): void {
    this.heard.push(code);
  }

  /** Disconnects at once, as a connection does. */
  override end(): void {
    this.ended = this.node.presence.disconnect(this, 'closed by client');
  }

  protected override write({ kind, from, room }: Signal): void {
    this.heard.push(room === undefined ? `${kind} from ${from}` : `${kind} from ${from} in ${room}`);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    this.heard.push(changes.map(textOf).join('; '));
    return 0;
  }
}

function textOf({ kind, client, room }: RoomChange): string {
  const members = room.members.map(({ id, attributes }) => id + (attributes ? JSON.stringify(attributes) : ''));
  const subject = client ?? (room.attributes ? JSON.stringify(room.attributes) : 'all');
  return `${room.id} ${kind} ${subject} [${members.join()}]`;
}

/** Resolves when the nodes have delivered all messages to one another. */
export async function deliveries(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
}

import { Injectable } from '@nestjs/common';
import { Backplane } from '../common/backplane.js';
import { DomainError, isUnavailable } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { NodeCalls } from '../common/node-calls.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import type { Traffic } from '../common/traffic.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ClusterOptions } from '../config/sections/cluster.options.js';
import { HeartbeatOptions } from '../config/sections/heartbeat.options.js';
import type { Client } from './client.js';
import { ClientsHere } from './clients-here.js';
import { OwnerChecks } from './owner-checks.js';
import { ClientDirectory, type Claim, type ClientEntry, type ClientQuery, type OwnClaim } from './client-directory.js';

const INSPECT = 'inspect client';
const REMOVE = 'remove client';
const HAND_OVER = 'hand client over';
const CHECK_OWNER = 'check owner';

/** How much longer than the owner itself its node may take to answer: if the owner is dead, its rooms are told first. */
const CHECK_GRACE_MS = 1000;

/** How much longer than until it counts as dead another node may take to hand a client over. */
const HAND_OVER_GRACE_MS = 1000;

interface Session extends Target {
  readonly session: number;
}

/** How a client was registered. */
export interface Registration {
  /** Ids of the rooms of the client that it has replaced on another node. */
  readonly roomsElsewhere?: readonly string[];
}

/** The rooms of a client that a client of another node replaces. */
interface Handover {
  readonly rooms: readonly string[];
  /** For nodes of earlier versions. */
  readonly createdRooms: readonly string[];
}

interface Target {
  readonly realm: string;
  readonly id: string;
}

/** What only a client's own node knows of it. */
export interface ClientStatus extends Traffic {
  /** Ids of its rooms. */
  readonly rooms: readonly string[];
}

/** Called when a client loses its id to a successor: on this node, or (undefined) on another one. */
export type ReplacedListener = (client: Client, successor?: Client) => void;

/** All that is known of a client. */
export type ClientDetails = ClientEntry & ClientStatus;

/**
 * Who is connected. What answers at once knows the clients of this node; what answers with a promise knows those of all.
 */
@Injectable()
export class ClientsService {
  private readonly here = new ClientsHere();
  /** Sessions whose ids are being claimed; true for those that were taken over in the meantime. */
  private readonly claiming = new Map<number, boolean>();
  private readonly owners: OwnerChecks;
  private sessions = 0;
  private replaced?: ReplacedListener;

  constructor(
    private readonly directory: ClientDirectory,
    private readonly node: NodeIdentity,
    private readonly calls: NodeCalls,
    private readonly heartbeat: HeartbeatOptions,
    private readonly cluster: ClusterOptions,
    private readonly bus: MessageBus,
    backplane: Backplane,
  ) {
    this.owners = new OwnerChecks(heartbeat.ownerTimeoutMs);
    bus.onMessage('freed', ({ ids }) => {
      // If Redis is away again, this node agrees with it about all its clients when it is back.
      this.reclaim(ids).catch(() => undefined);
    });
    backplane.onReturn(() => this.restore());
    calls.handle(INSPECT, ({ realm, id }: Target) => this.inspectHere(realm, id));
    calls.handle(REMOVE, ({ realm, id }: Target) => this.removeHere(realm, id));
    calls.handle(HAND_OVER, (session: Session) => this.handOver(session));
    calls.handle(CHECK_OWNER, (session: Session) => this.isAliveHere(session));
  }

  /**
   * Makes a client known under its id. Whoever had the id with the same token is sent away, wherever it is; the new client
   * takes its place. An owner with another token keeps the id if it gives a sign of life in time; else it is cut first.
   * @throws DomainError ID_TAKEN, UNAVAILABLE
   */
  async register(client: Client): Promise<Registration> {
    const { realm, id } = client;
    client.session = ++this.sessions;
    this.claiming.set(client.session, false);
    try {
      const claim = await this.claimFree(client);
      if (claim.outcome === 'taken') throw new DomainError('ID_TAKEN', { id });
      const previous = this.here.get(realm, id);
      this.dismiss(previous, client);
      this.here.set(realm, id, client);
      if (this.claiming.get(client.session)) this.dismiss(client);
      if (claim.outcome === 'claimed') return {};
      const { node, session } = claim.previous;
      if (node === this.node.name) return {};
      return { roomsElsewhere: await this.takeOver(node, { realm, id, session }) };
    } finally {
      this.claiming.delete(client.session);
    }
  }

  /** Sets the listener for replaced clients. It is called before the successor is found under the id. */
  onReplaced(listener: ReplacedListener): void {
    this.replaced = listener;
  }

  /** Makes the directory agree with this node about its clients, after the two could not reach one another. */
  private async restore(): Promise<void> {
    const claims = [...this.here.all()].map((client) => this.claimOf(client));
    const { lost, freed } = await this.directory.restore(this.node.name, claims, ({ realm, id, session }) => {
      return this.claiming.has(session) || this.here.get(realm, id)?.session === session;
    });
    this.dismissAll(lost);
    if (freed.length === 0) return;
    // A claim whose answer was lost may have taken an id over from a client that still believes to have it.
    const ids = freed.map(({ realm, id }) => ({ realm, id }));
    const others = (await this.bus.nodes()).filter((node) => node !== this.node.name);
    await Promise.all(others.map((node) => this.bus.send(node, { version: 1, type: 'freed', ids })));
  }

  /** Claims again what another node has freed, as far as somebody here has it. */
  private async reclaim(ids: readonly Target[]): Promise<void> {
    const claims = ids.flatMap(({ realm, id }) => {
      const client = this.here.get(realm, id);
      return client ? this.claimOf(client) : [];
    });
    this.dismissAll(await this.directory.reclaim(claims));
  }

  private dismissAll(lost: readonly ClientEntry[]): void {
    for (const { realm, id, session } of lost) {
      const client = this.here.get(realm, id);
      if (client?.session === session) this.dismiss(client);
    }
  }

  /**
   * Makes a client known no more: from now on it is not found here.
   * @returns whether it was known, and its id is still to be released; false if another client has taken its place
   */
  hide(client: Client): boolean {
    this.sayGone(client);
    return this.here.get(client.realm, client.id) === client && this.here.delete(client.realm, client.id);
  }

  /** Frees the id of a hidden client for others. */
  async release(client: Client): Promise<void> {
    try {
      await this.directory.release(client.realm, client.id, this.node.name, client.session);
    } finally {
      client.onReleased?.();
    }
  }

  /** A client of this node. */
  findHere(realm: string, id: string): Client | undefined {
    return this.here.get(realm, id);
  }

  /** Number of clients of this node. */
  get countHere(): number {
    return this.here.size;
  }

  /** Number of clients of this node in each realm, by protocol. */
  get countsHere(): Iterable<[protocol: string, byRealm: ReadonlyMap<string, number>]> {
    return this.here.byProtocol();
  }

  /** Where a client is connected, on whatever node. */
  locate(realm: string, id: string): Promise<ClientEntry | undefined> {
    return this.directory.find(realm, id);
  }

  /**
   * All that is known of a client, wherever it is; undefined if it is nowhere.
   * @throws DomainError UNAVAILABLE if its node does not answer
   */
  async inspect(realm: string, id: string): Promise<ClientDetails | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    const status = await this.calls.call<ClientStatus | null>(entry.node, INSPECT, { realm, id });
    return status ? { ...entry, ...status } : undefined;
  }

  /**
   * Sends a client away, wherever it is. A reason for people is for whoever logs it.
   * @returns its entry; undefined if it is nowhere
   * @throws DomainError UNAVAILABLE if its node does not answer
   */
  async remove(realm: string, id: string): Promise<ClientEntry | undefined> {
    const entry = await this.directory.find(realm, id);
    if (!entry) return undefined;
    return (await this.calls.call<boolean>(entry.node, REMOVE, { realm, id })) ? entry : undefined;
  }

  /** The clients of this node. */
  clientsHere(): Iterable<Client> {
    return this.here.all();
  }

  /** The realms that have clients on any node, page by page. */
  realms(query: PageQuery): Promise<Page<RealmCount>> {
    return this.directory.realms(query);
  }

  /** Number of clients on all nodes. */
  count(): Promise<number> {
    return this.directory.count();
  }

  /** Clients of all nodes, page by page. */
  list(query: ClientQuery): Promise<Page<ClientEntry>> {
    return this.directory.list(query);
  }

  private inspectHere(realm: string, id: string): ClientStatus | null {
    const client = this.here.get(realm, id);
    if (!client) return null;
    const { since, traffic } = client;
    // Its connection is older than the client, and its clock coarse.
    const lastSeenAt = Math.max(since, traffic.lastSeenAt);
    return { rooms: [...client.rooms].filter((room) => !isGroupRoom(room)), ...traffic, lastSeenAt };
  }

  private removeHere(realm: string, id: string): boolean {
    const client = this.here.get(realm, id);
    client?.end('removed');
    return client !== undefined;
  }

  /** Claims an id; if the owner that has it turns out to be dead, again when the id is free. */
  private async claimFree(client: Client): Promise<Claim> {
    const claim = await this.claim(client);
    // Ids that the server makes are not worth waiting for, and stay their protocol's.
    if (claim.outcome !== 'taken' || client.token === undefined) return claim;
    const here = this.here.get(client.realm, client.id);
    const owner = here ? this.entryOf(here) : await this.directory.find(client.realm, client.id);
    if (owner && (owner.protocol !== client.protocol || (await this.isAlive(owner)))) return claim;
    return client.hasEnded ? claim : this.claim(client);
  }

  /** Whether the owner of an id is still there; false also if its node does not answer. */
  private async isAlive({ node, realm, id, session }: ClientEntry): Promise<boolean> {
    const timeoutMs = this.heartbeat.ownerTimeoutMs + CHECK_GRACE_MS;
    try {
      return await this.calls.call<boolean>(node, CHECK_OWNER, { realm, id, session }, timeoutMs);
    } catch (error) {
      if (isUnavailable(error)) return false;
      throw error;
    }
  }

  private async isAliveHere({ realm, id, session }: Session): Promise<boolean> {
    // It is just coming.
    if (this.claiming.has(session)) return true;
    const owner = this.here.get(realm, id);
    return owner?.session === session && (await this.owners.isAlive(owner));
  }

  private claim(client: Client): Promise<Claim> {
    const { realm, id, token } = client;
    const claim = this.directory.claim(this.entryOf(client), token);
    if (!this.cluster.serveWithoutRedis) return claim;
    return claim.catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      // Served by this node alone, until the id is claimed again when the others are back.
      const owner = this.here.get(realm, id);
      return { outcome: !owner || (token !== undefined && owner.token === token) ? 'claimed' : 'taken' };
    });
  }

  private claimOf(client: Client): OwnClaim {
    return { entry: this.entryOf(client), token: client.token };
  }

  private entryOf({ realm, id, protocol, session, address, since }: Client): ClientEntry {
    return { realm, id, protocol, node: this.node.name, session, address, since };
  }

  /** Makes another node send away whose place was taken; answers with its rooms, if there is still somebody. */
  private async takeOver(node: string, session: Session): Promise<readonly string[] | undefined> {
    const timeoutMs = this.cluster.nodeTimeoutMs + HAND_OVER_GRACE_MS;
    try {
      return (await this.calls.call<Handover | null>(node, HAND_OVER, session, timeoutMs))?.rooms;
    } catch (error) {
      // Its node is dead by now, and its rooms are given up with it.
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }

  private handOver({ realm, id, session }: Session): Handover | null {
    if (this.claiming.has(session)) this.claiming.set(session, true);
    const client = this.here.get(realm, id);
    if (client?.session !== session) return null;
    const handover = { rooms: [...client.rooms], createdRooms: [...client.createdRooms] };
    this.dismiss(client);
    return handover;
  }

  /** Nodes that remember where a client is are told that it is there no more. */
  private sayGone({ realm, id, knownTo }: Client): void {
    for (const node of knownTo ?? []) {
      // Who does not hear of it finds out, or forgets it soon.
      this.bus.send(node, { version: 1, type: 'gone', realm, id, node: this.node.name }).catch(() => undefined);
    }
  }

  /** Sends a client of this node away whose id, and place in its rooms, is somebody else's by now. */
  private dismiss(client: Client | undefined, successor?: Client): void {
    if (!client) return;
    this.sayGone(client);
    this.replaced?.(client, successor);
    this.here.delete(client.realm, client.id);
    client.end('replaced');
    client.onReleased?.();
  }
}

import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { ClientEntry } from '../clients/client-directory.js';
import { ClientsService } from '../clients/clients.service.js';
import { sharingGroup } from '../common/address-share.js';
import { asDomainError, DomainError, isBusy, isDomainError, isUnavailable } from '../common/domain-error.js';
import type { EndReason } from '../common/end-reason.js';
import { isGroupRoom } from '../common/group.js';
import { MessageBus, type BusMessageOf } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Protocols } from '../common/protocols.js';
import { RealmMap } from '../common/realm-map.js';
import type { Room } from '../common/room.js';
import { ServerEvents, type ClientEvent } from '../common/server-events.js';
import { costOf } from '../common/cost.js';
import { settled } from '../common/settled.js';
import { carriedBytes, type RoomSignal, type Signal } from '../common/signal.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { Config } from '../config/config.js';
import { OfflineQueue, type ExpiredPair, type WaitingSignal } from './offline-queue.js';

/** How many ids are made in search of one that nobody uses. */
const MAX_TRIES = 10;

/** How often a signal is sent after a client that moves from node to node. */
const MAX_MOVES = 3;

const CHASED = 'signals sent on';
/** How long what is sent to a target that has moved waits at most for what is still on its way after it. */
const CHASE_MS = 300;

interface Name {
  readonly realm: string;
  readonly id: string;
}

type SignalMessage = BusMessageOf<'signal'>;
/** What goes with a signal to another node. */
type Passage = Pick<SignalMessage, 'node' | 'mayWait' | 'moves'>;

/** Signals that could not even be put away, until their senders are told. */
interface Failure extends ExpiredPair {
  /** Of `performance.now()`. */
  readonly dueAt: number;
}

/** Gets a signal from one client to another one, to one that is still to come, or to the members of a room. */
@Injectable()
export class SignalingService {
  private expired = 0;
  private readonly failures = new Map<string, Failure>();
  /** Signals that are sent after targets which have gone from here, one after the other. */
  private readonly chases = new RealmMap<Promise<void>>();
  /** Targets that have gone from another node, until that has sent on what it still had for them. */
  private readonly moving = new RealmMap<Promise<void>>();
  private readonly mayWait: Passage;
  private readonly mayNotWait: Passage;

  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly queue: OfflineQueue,
    private readonly bus: MessageBus,
    private readonly node: NodeIdentity,
    private readonly events: ServerEvents,
    private readonly config: Config,
    private readonly calls: NodeCalls,
    private readonly protocols: Protocols,
  ) {
    this.mayWait = { node: node.name, mayWait: true, moves: 0 };
    this.mayNotWait = { node: node.name, mayWait: false, moves: 0 };
    bus.onMessage('signal', (message) => this.receive(message));
    bus.onMessage('undelivered', (message) => this.tellSenderHere(message));
    bus.onMessage('gone', (message) => this.noteGone(message));
    calls.handle(CHASED, async ({ realm, id }: Name) => void (await this.chases.get(realm, id)));
    bus.onUndelivered((message) => this.giveUp(message));
    bus.onMessage('roomSignal', ({ realm, signal }) => this.receiveForRoom(realm, signal));
  }

  /** Pairs of clients of whose signals some have waited too long, since the start of this node. */
  get expiredPairs(): number {
    return this.expired;
  }

  /** Number of signals that wait for absent clients. */
  countWaiting(): Promise<number> {
    return this.queue.count();
  }

  /**
   * Sends a signal to a client of the sender's realm. To a client of this node it is delivered before this returns.
   * @throws DomainError CLIENT_NOT_FOUND; UNSUPPORTED_BY_TARGET if the target's protocol has no such signal; TARGET_BUSY if the
   * sender has filled its share of what may wait for the target
   */
  send(from: Client, to: string, signal: Signal): void | Promise<void> {
    const target = this.clients.findHere(from.realm, to);
    if (target) target.deliver(signal);
    else if (!this.post(from, to, signal, this.mayNotWait)) return this.sendElsewhere(from.realm, to, signal);
  }

  /**
   * As `send`, but a signal to an absent client waits for it. What nobody came for in time, or is too much, comes back to
   * the sender as a signal of the kind `expire`.
   */
  sendOrQueue(from: Client, to: string, signal: Signal): void | Promise<void> {
    const target = this.clients.findHere(from.realm, to);
    if (target) deliverOrExpire(from, target, signal);
    else if (!this.post(from, to, signal, this.mayWait)) return this.sendElsewhereOrQueue(from, to, signal);
  }

  /**
   * Makes a client reachable: registers it, lets it be greeted, and hands over what has waited for it, in this order;
   * signals that come meanwhile follow.
   * @param greet writes what the client has to hear first; if it takes time, others wait
   * @returns whether it took somebody's place
   * @throws DomainError ID_TAKEN; whatever it throws, nothing is left of the client
   */
  async connect(client: Client, greet: () => void | Promise<void>): Promise<boolean> {
    client.hold();
    try {
      const { replaced, memberships } = await this.clients.register(client);
      if (memberships) await this.rooms.moveHere(client, memberships);
      const greeting = greet();
      if (greeting) await greeting;
      const waiting = await this.takeWaiting(client);
      for (const signal of waiting) noteCaller(client, signal);
      client.release(waiting);
      this.events.emit('clientConnected', this.eventOf(client));
      return replaced;
    } catch (error) {
      await this.withdraw(client);
      throw error;
    }
  }

  /**
   * As `connect`, for a client whose id the server makes.
   * @param make makes the client, each time with another id
   * @throws DomainError ID_TAKEN if every id that was made is in use
   */
  async connectNew<C extends Client>(make: () => C, greet: (client: C) => void | Promise<void>): Promise<C> {
    for (let tries = 1; ; tries++) {
      const client = make();
      try {
        await this.connect(client, () => greet(client));
        return client;
      } catch (error) {
        if (!isDomainError(error) || error.code !== 'ID_TAKEN' || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Ends what `connect` began: the client is not found any more, its rooms are told, its id is free. */
  async disconnect(client: Client, reason: EndReason): Promise<void> {
    const durationMs = Date.now() - client.since;
    this.events.emit('clientDisconnected', { ...this.eventOf(client), reason, durationMs });
    try {
      await this.withdraw(client);
    } finally {
      if (reason === 'no sign of life') await this.tellCallers(client);
    }
  }

  /** An offer that a dead client can not have seen comes back to its sender as one that has waited in vain. */
  private async tellCallers({ realm, id, unheardCallers }: Client): Promise<void> {
    await Promise.allSettled(unheardCallers.map((from) => this.forward(realm, from, { kind: 'expire', from: id })));
  }

  private eventOf({ realm, id, protocol, address }: Client): ClientEvent {
    return { realm, id, protocol, address, node: this.node.name };
  }

  private async withdraw(client: Client): Promise<void> {
    const isOwner = this.clients.hide(client);
    try {
      await this.rooms.leaveAll(client);
    } finally {
      if (isOwner) await this.clients.release(client);
    }
  }

  /** Forgets the signals that have waited too long, and tells their senders. */
  async expire(): Promise<void> {
    this.tellFailures();
    const pairs = await this.queue.expire();
    this.expired += pairs.length;
    await settled(pairs.map(({ realm, from, to }) => this.forward(realm, from, { kind: 'expire', from: to })));
  }

  /**
   * Sends a signal to all members of a room but the sender.
   * @throws DomainError ROOM_NOT_FOUND, NOT_IN_ROOM; TARGET_BUSY if members of this node have not got it, because too much of
   * the sender waits for them
   */
  async sendToRoom(from: Client, roomId: string, signal: Signal): Promise<void> {
    const room = this.rooms.findJoined(from, roomId);
    if (!room) {
      const exists = !isGroupRoom(roomId) && (await this.rooms.existing(from.realm, [roomId])).has(roomId);
      throw new DomainError(exists ? 'NOT_IN_ROOM' : 'ROOM_NOT_FOUND', { room: roomId });
    }
    const receivers = room.members.length - 1;
    from.charge(costOf({ bytes: carriedBytes(signal) * receivers, receivers }));
    await this.deliverToRoom(from.realm, room, { ...signal, room: roomId });
  }

  /**
   * Sends a client a signal of the server's own.
   * @throws DomainError CLIENT_NOT_FOUND, UNSUPPORTED_BY_TARGET
   */
  async sendFromServer(realm: string, to: string, signal: Omit<Signal, 'from'>): Promise<void> {
    await this.sendElsewhere(realm, to, { ...signal, from: '' });
  }

  /**
   * Sends all members of a room a signal of the server's own.
   * @throws DomainError ROOM_NOT_FOUND
   */
  async sendFromServerToRoom(realm: string, roomId: string, signal: Omit<Signal, 'from'>): Promise<void> {
    const room = await this.rooms.find(realm, roomId);
    if (!room) throw new DomainError('ROOM_NOT_FOUND', { room: roomId });
    await this.deliverToRoom(realm, room, { ...signal, from: '', room: roomId });
  }

  private async deliverToRoom(realm: string, room: Room, signal: RoomSignal): Promise<void> {
    const haveAllGotIt = this.deliverToRoomHere(realm, signal);
    await settled(
      this.rooms
        .otherNodesOf(room)
        .map((node) => this.bus.send(node, { version: 1, type: 'roomSignal', realm, signal })),
    );
    if (!haveAllGotIt) throw new DomainError('TARGET_BUSY', { id: signal.room });
  }

  /** False if there are members for which too much of the sender waits. */
  private deliverToRoomHere(realm: string, signal: RoomSignal): boolean {
    let haveAllGotIt = true;
    for (const client of this.rooms.membersHere(realm, signal.room)) {
      if (client.id === signal.from || !client.accepts(signal)) continue;
      try {
        client.deliver(signal);
      } catch (error) {
        if (!isBusy(error)) throw error;
        haveAllGotIt = false;
      }
    }
    return haveAllGotIt;
  }

  private receiveForRoom(realm: string, signal: RoomSignal): void {
    if (this.deliverToRoomHere(realm, signal)) return;
    const { from, room } = signal;
    const error = { code: 'TARGET_BUSY', data: { id: room } } as const;
    this.clients
      .locate(realm, from)
      .then(async (sender) => {
        if (sender) await this.bus.send(sender.node, { version: 1, type: 'undelivered', realm, from, to: room, error });
      })
      // Its node is out of reach, and the sender with it.
      .catch(() => undefined);
  }

  /**
   * Sends a signal to where its target was last seen, without waiting until it is handed over: if it cannot be, its sender is
   * told later. What goes to one node stays in order.
   * @returns false if the sender has to wait, because the target is still to be found, or its node is far behind
   * @throws DomainError UNSUPPORTED_BY_TARGET
   */
  private post(from: Client, to: string, signal: Signal, passage: Passage): boolean {
    const seen = this.clients.lastSeen(from.realm, to);
    if (!seen || this.bus.isBehind(seen.node)) return false;
    this.sendTo(seen, signal, passage)
      .then(async (wasHandedOver) => {
        if (wasHandedOver) return;
        // Its node has gone, and the client may be somewhere else.
        this.clients.forget(from.realm, to);
        await (passage.mayWait
          ? this.sendElsewhereOrQueue(from, to, signal)
          : this.sendElsewhere(from.realm, to, signal));
      })
      .catch((error: unknown) => {
        if (passage.mayWait && isUnavailable(error)) this.noteFailure(from, to);
        else from.fail(asDomainError(error));
      });
    return true;
  }

  private async sendElsewhere(realm: string, to: string, signal: Signal): Promise<void> {
    if (!(await this.forward(realm, to, signal))) throw new DomainError('CLIENT_NOT_FOUND', { id: to });
  }

  private async sendElsewhereOrQueue(from: Client, to: string, signal: Signal): Promise<void> {
    const { realm } = from;
    try {
      if (await this.forward(realm, to, signal, this.mayWait)) return;
      const address = sharingGroup(from.address);
      if (!(await this.putAway({ realm, to, signal, address }))) from.deliver({ kind: 'expire', from: to });
    } catch (error) {
      if (isBusy(error)) from.deliver({ kind: 'expire', from: to });
      else if (isUnavailable(error)) this.noteFailure(from, to);
      else throw error;
    }
  }

  /** The sender of a signal that could not even be put away is told as if it had waited in vain. */
  private noteFailure(from: Client, to: string): void {
    const { maxIdLength, maxQueued, queueTtlMs } = this.config;
    const { realm, id } = from;
    const key = JSON.stringify([realm, id, to]);
    if (this.failures.has(key)) return;
    if (to.length > maxIdLength || this.failures.size >= maxQueued) from.deliver({ kind: 'expire', from: to });
    else this.failures.set(key, { realm, from: id, to, dueAt: performance.now() + queueTtlMs });
  }

  /** False if there is no room for it. */
  private async putAway(sent: WaitingSignal): Promise<boolean> {
    const { realm, to } = sent;
    if (!(await this.queue.put(sent))) return false;
    // The target may have come, and taken what had waited, just before this was put; unless it is just coming here, or going.
    const entry = await this.clients.locate(realm, to);
    if (!entry || (entry.node === this.node.name && !this.clients.findHere(realm, to))) return true;
    for (const waiting of await this.queue.take(realm, to)) {
      if (await this.forward(realm, to, waiting, this.mayWait)) continue;
      await this.queue.put({ realm, to, signal: waiting, address: await this.groupOf(realm, waiting.from) });
    }
    return true;
  }

  /** The address group whose share a client uses up, wherever it is; undefined if nobody's, or if it has gone. */
  private async groupOf(realm: string, id: string): Promise<string | undefined> {
    return sharingGroup((await this.clients.locate(realm, id))?.address ?? '');
  }

  private takeWaiting({ realm, id }: Client): Promise<Signal[]> {
    const waiting = this.queue.take(realm, id);
    if (!this.config.serveWithoutRedis) return waiting;
    return waiting.catch((error: unknown) => {
      if (isUnavailable(error)) return [];
      throw error;
    });
  }

  private tellFailures(): void {
    const now = performance.now();
    for (const [key, { realm, from, to, dueAt }] of this.failures) {
      if (dueAt > now) break;
      this.failures.delete(key);
      this.clients.findHere(realm, from)?.deliver({ kind: 'expire', from: to });
    }
  }

  /**
   * Delivers to a client wherever it is; false if it is nowhere, or on its way here.
   * @throws DomainError UNSUPPORTED_BY_TARGET, UNAVAILABLE
   */
  private async forward(realm: string, to: string, signal: Signal, passage = this.mayNotWait): Promise<boolean> {
    const older = this.moving.get(realm, to);
    if (older) await older;
    const entry = await this.clients.locate(realm, to);
    if (!entry) return false;
    if (entry.node !== this.node.name) {
      this.clients.noteSeen(entry);
      if (!(await this.sendTo(entry, signal, passage))) throw new DomainError('UNAVAILABLE', {});
      return true;
    }
    const target = this.clients.findHere(realm, to);
    target?.deliver(signal);
    return target !== undefined;
  }

  private sendTo({ realm, id, node, protocol }: ClientEntry, signal: Signal, passage: Passage): Promise<boolean> {
    if (!this.protocols.accepts(protocol, signal)) {
      throw new DomainError('UNSUPPORTED_BY_TARGET', { kind: signal.kind });
    }
    return this.bus.send(node, { version: 1, type: 'signal', realm, to: id, signal, ...passage });
  }

  /** Takes a signal from another node. */
  private receive(message: SignalMessage): void {
    const { realm, to, signal } = message;
    const target = this.clients.findHere(realm, to);
    if (!target) {
      this.chase(message);
      return;
    }
    (target.knownTo ??= new Set()).add(message.node);
    try {
      target.deliver(signal);
      if (message.mayWait) noteCaller(target, signal);
    } catch (error) {
      this.tellSender(message, asDomainError(error));
    }
  }

  /** Sends signals after a target that has gone from here, in order, and lets their senders' node know that it has. */
  private chase(message: SignalMessage): void {
    const { realm, to, node } = message;
    const gone = { version: 1, type: 'gone', realm, id: to, node: this.node.name } as const;
    // Who does not hear of it goes on sending to this node, until it looks again.
    if (node !== this.node.name) this.bus.send(node, gone).catch(() => undefined);
    const older = this.chases.get(realm, to) ?? Promise.resolve();
    const chase = older
      .then(() => this.sendOn(message))
      .finally(() => {
        if (this.chases.get(realm, to) === chase) this.chases.delete(realm, to);
      });
    this.chases.set(realm, to, chase);
  }

  /** A client is not where it was: what is sent to it from now on follows what that node still sends on. */
  private noteGone({ realm, id, node }: BusMessageOf<'gone'>): void {
    if (this.clients.lastSeen(realm, id)?.node !== node) return;
    this.clients.forget(realm, id);
    const moving = this.calls
      .call<Name, null>(node, CHASED, { realm, id }, CHASE_MS)
      .then(
        () => undefined,
        // That node is gone, or does not answer: there is nothing to wait for.
        () => undefined,
      )
      .finally(() => {
        if (this.moving.get(realm, id) === moving) this.moving.delete(realm, id);
      });
    this.moving.set(realm, id, moving);
  }

  /** The target has gone since the signal was sent: it is sent after it, put away, or its sender is told. Never fails. */
  private async sendOn(message: SignalMessage): Promise<void> {
    const { realm, to, signal, node, mayWait, moves } = message;
    this.clients.forget(realm, to);
    try {
      if (moves < MAX_MOVES && (await this.forward(realm, to, signal, { node, mayWait, moves: moves + 1 }))) return;
      const address = mayWait ? await this.groupOf(realm, signal.from) : undefined;
      if (mayWait && (await this.putAway({ realm, to, signal, address }))) return;
      this.giveUp(message);
    } catch (error) {
      this.tellSender(message, asDomainError(error));
    }
  }

  private giveUp(message: SignalMessage): void {
    this.tellSender(message, message.mayWait ? undefined : new DomainError('CLIENT_NOT_FOUND', { id: message.to }));
  }

  private tellSender({ realm, to, signal, node, mayWait }: SignalMessage, error?: DomainError): void {
    // What the server itself has sent, and news of what has expired, is nobody's who waits for an answer.
    if (signal.from === '' || signal.kind === 'expire') return;
    // What may wait and is too much has waited in vain.
    const reason = error && !(mayWait && isBusy(error)) ? { code: error.code, data: error.data } : undefined;
    const message = { version: 1, type: 'undelivered', realm, from: signal.from, to, error: reason } as const;
    if (node === this.node.name) this.tellSenderHere(message);
    else {
      this.bus.send(node, message).catch(() => {
        // Its node is out of reach, and learns nothing more of anybody until it is back.
      });
    }
  }

  private tellSenderHere({ realm, from, to, error }: BusMessageOf<'undelivered'>): void {
    this.clients.forget(realm, to);
    const sender = this.clients.findHere(realm, from);
    if (error) sender?.fail(new DomainError(error.code, error.data));
    else if (sender) sender.deliver({ kind: 'expire', from: to });
    // It has waited, so that nobody knew any more where its sender is.
    else this.forward(realm, from, { kind: 'expire', from: to }).catch(() => undefined);
  }
}

/**
 * Delivers a signal whose sender hears if its target never came, or turns out to be dead. What is too much comes back to the
 * sender, too.
 */
function deliverOrExpire(from: Client, target: Client, signal: Signal): void {
  try {
    target.deliver(signal);
    noteCaller(target, signal);
  } catch (error) {
    if (!isBusy(error)) throw error;
    from.deliver({ kind: 'expire', from: target.id });
  }
}

function noteCaller(target: Client, { kind, from }: Signal): void {
  if (kind === 'offer') target.noteCaller(from);
}

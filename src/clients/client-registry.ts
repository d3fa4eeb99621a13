import { Injectable } from '@nestjs/common';
import { DomainError, isUnavailable } from '../common/domain-error.js';
import { userOf } from '../common/identity.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ClusterOptions } from '../config/sections/cluster.options.js';
import type { Client } from './client.js';
import { type Claim, ClientDirectory, type ClientEntry, type OwnClaim } from './client-directory.js';
import { ClientsHere } from './clients-here.js';
import { OwnerChecks } from './owner-checks.js';

/** Called when a client loses its id to a successor on this node, or (undefined) on another one. */
export type ReplacedListener = (client: Client, successor?: Client) => void;

/** Claims and frees the ids of this node's clients. Decides which of two clients with the same id keeps it. */
@Injectable()
export class ClientRegistry {
  private replaced?: ReplacedListener;
  private dismissed?: (client: Client) => void;

  constructor(
    private readonly directory: ClientDirectory,
    private readonly here: ClientsHere,
    private readonly owners: OwnerChecks,
    private readonly node: NodeIdentity,
    private readonly bus: MessageBus,
    private readonly options: ClusterOptions,
  ) {}

  /**
   * Registers a client under its id. It replaces a client that has the id with the same token. A client that has the id
   * with another token keeps it if it gives a sign of life in time or speaks another protocol; otherwise it is
   * disconnected first.
   * @returns the entry of a client of another node that was replaced, and that `Handovers` must disconnect
   * @throws DomainError ID_TAKEN, CLIENTS_LIMIT_REACHED, UNAVAILABLE
   */
  async register(client: Client): Promise<ClientEntry | undefined> {
    const { realm, id } = client;
    const session = (client.session = this.here.startClaiming(client));
    try {
      const claim = await this.claimOrReplaceDead(client);
      if (claim.outcome === 'taken') throw new DomainError('ID_TAKEN', { id });
      const previous = this.here.get(realm, id);
      if (previous) this.dismiss(previous, client);
      this.here.set(realm, id, client);
      if (this.here.hasLostClaim(session)) this.dismiss(client);
      return claim.outcome === 'replaced' && claim.previous.node !== this.node.name ? claim.previous : undefined;
    } finally {
      this.here.endClaiming(session);
    }
  }

  /**
   * Hides a client: from now on it is not found on this node.
   * @returns whether its id has to be released; false if another client has replaced it
   */
  hide(client: Client): boolean {
    this.reportGone(client);
    return this.here.get(client.realm, client.id) === client && this.here.delete(client.realm, client.id);
  }

  /** Frees the id of a hidden client. */
  async release(client: Client): Promise<void> {
    try {
      await this.directory.release(client.realm, client.id, this.node.name, client.session);
    } finally {
      client.onReleased?.();
    }
  }

  /** Sets the listener for replaced clients. It is called before the successor is found under the id. */
  onReplaced(listener: ReplacedListener): void {
    this.replaced = listener;
  }

  /** Sets the listener for clients that have lost their ids and their rooms. It is called after that of `onReplaced`. */
  onDismissed(listener: (client: Client) => void): void {
    this.dismissed = listener;
  }

  /** Disconnects a client of this node that has lost its id, and its place in its rooms, to another client. */
  dismiss(client: Client, successor?: Client): void {
    this.reportGone(client);
    this.replaced?.(client, successor);
    this.dismissed?.(client);
    this.here.delete(client.realm, client.id);
    client.end('replaced');
    client.onReleased?.();
  }

  claimOf(client: Client): OwnClaim {
    return { entry: this.entryOf(client), token: client.token, maxOfUser: client.maxOfUser };
  }

  /** Publishes the name and the attributes of a client whose identity has changed. */
  async update(client: Client): Promise<void> {
    try {
      await this.directory.update(this.claimOf(client));
    } catch (error) {
      // The reconciliation with the directory, when it is back, publishes them.
      if (!isUnavailable(error)) throw error;
    }
  }

  /**
   * Claims an id. If another client of the same protocol has it and is dead, claims it again. A client without a token
   * does not try.
   */
  private async claimOrReplaceDead(client: Client): Promise<Claim> {
    const claim = await this.claim(client);
    // Generated ids are not worth waiting for, and stay reserved for their protocol.
    if (claim.outcome !== 'taken' || client.token === undefined) return claim;
    const here = this.here.get(client.realm, client.id);
    const owner = here ? this.entryOf(here) : await this.directory.find(client.realm, client.id);
    if (owner && (owner.protocol !== client.protocol || (await this.owners.isAlive(owner)))) return claim;
    return client.hasEnded ? claim : this.claim(client);
  }

  private claim(client: Client): Promise<Claim> {
    const { realm, id, token, maxOfUser } = client;
    const claim = this.directory.claim(this.entryOf(client), token, maxOfUser);
    if (!this.options.serveWithoutRedis) return claim;
    return claim.catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      // This node alone decides, until the id is claimed again when Redis is back.
      this.checkUser(client);
      const owner = this.here.get(realm, id);
      return { outcome: !owner || (token !== undefined && owner.token === token) ? 'claimed' : 'taken' };
    });
  }

  /** @throws DomainError CLIENTS_LIMIT_REACHED if the user has too many clients on this node */
  private checkUser({ realm, id, identity, maxOfUser }: Client): void {
    if (maxOfUser === undefined || identity.sub === undefined) return;
    let others = 0;
    for (const other of this.here.of(realm)) if (other.identity.sub === identity.sub && other.id !== id) others++;
    if (others >= maxOfUser) throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: maxOfUser });
  }

  private entryOf({ realm, id, protocol, session, address, since, identity }: Client): ClientEntry {
    return { realm, id, protocol, ...userOf(identity), node: this.node.name, session, address, since };
  }

  /** Tells the nodes that have cached a client's location that it has left this node. */
  private reportGone({ realm, id, knownTo }: Client): void {
    for (const node of knownTo ?? []) {
      // A node that misses this learns it from its next signal, or its cached location expires.
      this.bus.send(node, { version: 1, type: 'gone', realm, id, node: this.node.name }).catch(() => undefined);
    }
  }
}

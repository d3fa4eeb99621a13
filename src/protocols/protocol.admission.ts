import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { ClientConnection } from '../clients/client-connection.js';
import { checkClientNames } from '../clients/client-names.js';
import { DomainError } from '../common/domain-error.js';
import type { EndReason } from '../common/end-reason.js';
import { NOBODY } from '../common/identity.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { bearerOf } from '../identity/bearer.js';
import { PresenceService } from '../signaling/presence.service.js';
import { Newcomers } from './newcomers.js';
import { tokenOf } from './token-of.js';

/**
 * Decides which connections become clients of an application's protocol. It registers them, so that clients of all nodes
 * and protocols find them, and removes all traces of them at their end.
 */
@Injectable()
export abstract class ProtocolAdmission<C extends Client, Connection extends ClientConnection> {
  /** Path at which the clients connect, with a leading slash. No two protocols may have the same. */
  abstract readonly path: string;

  // Properties, so that a subclass may have a constructor of its own.
  @Inject(PresenceService) private readonly presence!: PresenceService;
  @Inject(Newcomers) private readonly newcomers!: Newcomers;
  @Inject(LimitOptions) private readonly limits!: LimitOptions;

  /**
   * Creates the client of a new connection. Its messages wait until it is registered and greeted.
   *
   * If another client has the id, and the new one has not its token, this is called again, up to ten times, and should
   * return a client with another id. If it returns the same id, the connection is refused with ID_TAKEN. It is refused
   * with LIMIT_REACHED if the id has more than `maxIdLength` characters, and with INVALID_REQUEST if it is empty.
   *
   * In a realm that checks tokens, the request must have a valid one (or `auth.token`, over socket.io). The client gets
   * its identity after this method has created it.
   * @param request the HTTP request that has opened the connection
   * @param auth over socket.io: what the client has sent for its authentication
   * @throws DomainError to refuse the connection: the filter answers, and the connection is closed
   */
  protected abstract create(connection: Connection, request: IncomingMessage, auth?: unknown): C | Promise<C>;

  /**
   * Writes the client's first messages. The client is registered already: signals that arrive meanwhile follow.
   * @throws DomainError to refuse the connection
   */
  protected greet(_client: C): void | Promise<void> {
    // A protocol need not greet its clients.
  }

  /** Called by the endpoint when a connection opens. */
  connect(connection: Connection, request: IncomingMessage, auth?: unknown): Promise<C> {
    let triedId: string | undefined;
    return this.presence.connectNew(
      async () => {
        const client = await this.create(connection, request, auth);
        checkClientNames(client.realm, client.id, this.limits);
        if (client.id === triedId) throw new DomainError('ID_TAKEN', { id: triedId });
        triedId = client.id;
        client.source = this.newcomers.sourceOf(request);
        if (client.identity === NOBODY) await this.identify(client, connection, request, auth);
        return client;
      },
      (client) => this.greet(client),
    );
  }

  /** Finds out who a client is, unless the protocol has done so itself. */
  private async identify(client: C, connection: Connection, request: IncomingMessage, auth: unknown): Promise<void> {
    const { protocol, realm, id, address } = client;
    const token = tokenOf(auth) ?? bearerOf(request);
    const attempt = { protocol, realm, id, token, address };
    client.identity = await this.newcomers.identify(connection, request, attempt);
  }

  /** Called by the endpoint after all messages of the client. A subclass that extends it must call it. */
  disconnect(client: C, reason: EndReason): Promise<void> {
    return this.presence.disconnect(client, reason);
  }
}

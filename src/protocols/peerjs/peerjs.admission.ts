import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { checkIdLength } from '../../clients/client-names.js';
import { ClientsService } from '../../clients/clients.service.js';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { PresenceService } from '../../signaling/presence.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { WebSocketAdmission } from '../../transport/websocket/endpoint.js';
import { PeerJsClient } from './peerjs.client.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsKeys } from './peerjs.keys.js';
import { OPEN } from './peerjs.messages.js';
import { mountPath } from './peerjs.path.js';

/** Admits connections that present a valid key, id and token (PROTOCOL.md, "Connecting"). */
@Injectable()
export class PeerJsAdmission implements WebSocketAdmission<PeerJsClient> {
  readonly path: string;
  /** Number of clients of this node, including those that are still connecting. */
  private count = 0;

  constructor(
    private readonly keys: PeerJsKeys,
    private readonly clients: ClientsService,
    private readonly presence: PresenceService,
    private readonly codec: PeerJsCodec,
    private readonly options: PeerJsOptions,
    private readonly limits: LimitOptions,
  ) {
    this.path = `${mountPath(options.path)}/peerjs`;
  }

  async connect(connection: Connection<PeerJsClient>, request: IncomingMessage): Promise<PeerJsClient> {
    const { id, token, key } = credentialsOf(request);
    const realm = this.keys.realmOf(key);
    checkIdLength(id, this.limits);
    // Below the limit, check and count are one step, so that clients that connect together cannot pass it.
    if (this.count >= this.options.concurrentLimit) await this.checkReplaces(realm, id);
    this.count++;
    try {
      const client = new PeerJsClient(id, realm, this.codec, connection, token);
      await this.presence.connect(client, () => void connection.write(OPEN));
      return client;
    } catch (error) {
      this.count--;
      throw error;
    }
  }

  disconnect(client: PeerJsClient, reason: EndReason): Promise<void> {
    this.count--;
    return this.presence.disconnect(client, reason);
  }

  /**
   * Admits a client above the limit if its id is in use: it may replace a client that already counts.
   * @throws DomainError CLIENTS_LIMIT_REACHED
   */
  private async checkReplaces(realm: string, id: string): Promise<void> {
    if (await this.clients.locate(realm, id)) return;
    throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: this.options.concurrentLimit });
  }
}

/** @throws DomainError CREDENTIALS_MISSING */
function credentialsOf({ url = '' }: IncomingMessage): { id: string; token: string; key: string } {
  // The client library does not encode its values, so a plus means a plus and not a space.
  const query = new URLSearchParams(url.slice(url.indexOf('?')).replaceAll('+', '%2B'));
  const [id, token, key] = ['id', 'token', 'key'].map((name) => query.get(name));
  if (!id || !token || !key) throw new DomainError('CREDENTIALS_MISSING', {});
  return { id, token, key };
}

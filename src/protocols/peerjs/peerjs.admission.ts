import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import { type ConnectAttempt, NOBODY } from '../../common/identity.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';
import { Realms } from '../../realms/realms.js';
import { PresenceService } from '../../signaling/presence.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { WebSocketAdmission } from '../../transport/websocket/endpoint.js';
import { Newcomers } from '../newcomers.js';
import { PeerJsClient } from './peerjs.client.js';
import { PeerJsCodec } from './peerjs.codec.js';
import { PeerJsIds } from './peerjs.ids.js';
import { OPEN, PEERJS } from './peerjs.messages.js';
import { mountPath } from './peerjs.path.js';

/** Admits connections that present a valid key, id and token (PROTOCOL.md, "Connecting"). */
@Injectable()
export class PeerJsAdmission implements WebSocketAdmission<PeerJsClient> {
  readonly path: string;
  /** Number of clients of this node, including those that are still connecting. */
  private count = 0;

  constructor(
    private readonly realms: Realms,
    private readonly ids: PeerJsIds,
    private readonly presence: PresenceService,
    private readonly codec: PeerJsCodec,
    private readonly newcomers: Newcomers,
    private readonly options: PeerJsOptions,
  ) {
    this.path = `${mountPath(options.path)}/peerjs`;
  }

  refusal(request: IncomingMessage): number | undefined {
    const { key } = credentialsOf(request);
    const isKnown = key && this.realms.hasPeerJsKey(key);
    return isKnown ? this.newcomers.refusal(request, this.realms.ofPeerJsKey(key)) : undefined;
  }

  vet(request: IncomingMessage, address: string): Promise<boolean> | undefined {
    return this.newcomers.vet(request, address, () => this.attempt(request, address));
  }

  async connect(connection: Connection<PeerJsClient>, request: IncomingMessage): Promise<PeerJsClient> {
    const attempt = this.attempt(request, connection.address);
    const { realm, id, token } = attempt;
    const found = this.newcomers.identify(connection, request, attempt);
    const identity = found instanceof Promise ? await found : found;
    if (found === NOBODY && token === undefined) throw new DomainError('CREDENTIALS_MISSING', {});
    // Below the limit, check and count are one step, so that clients that connect together cannot pass it.
    if (this.count >= this.options.concurrentLimit) await this.checkReplaces(realm, id);
    this.count++;
    try {
      const client = new PeerJsClient(id, realm, this.codec, connection, token, identity);
      client.source = this.newcomers.sourceOf(request);
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

  /** @throws DomainError CREDENTIALS_MISSING, REALM_UNKNOWN, LIMIT_REACHED */
  private attempt(request: IncomingMessage, address: string): ConnectAttempt & { readonly id: string } {
    const { id, token, key } = credentialsOf(request);
    // Only the realm of a key decides whether a token may be missing.
    if (!id || !key || (!token && !this.realms.hasPeerJsKey(key))) throw new DomainError('CREDENTIALS_MISSING', {});
    const realm = this.realms.ofPeerJsKey(key);
    this.ids.check(id);
    return { protocol: PEERJS, realm, id, token, address };
  }

  /**
   * Admits a client above the limit if its id is in use: it may replace a client that already counts.
   * @throws DomainError CLIENTS_LIMIT_REACHED
   */
  private async checkReplaces(realm: string, id: string): Promise<void> {
    if (await this.ids.isInUse(realm, id)) return;
    throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: this.options.concurrentLimit });
  }
}

/** Returns the values of a request's query; those that are absent or empty are undefined. */
function credentialsOf({ url = '' }: IncomingMessage): { id?: string; token?: string; key?: string } {
  // The client library does not encode its values, so a plus means a plus and not a space.
  const query = new URLSearchParams(url.slice(url.indexOf('?')).replaceAll('+', '%2B'));
  const valueOf = (name: string): string | undefined =>
    query.get(name) === '' ? undefined : (query.get(name) ?? undefined);
  return { id: valueOf('id'), token: valueOf('token'), key: valueOf('key') };
}

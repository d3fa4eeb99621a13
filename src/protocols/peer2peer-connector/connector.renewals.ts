import { Injectable } from '@nestjs/common';
import { isUnauthenticated } from '../../common/domain-error.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { Renewals } from '../renewals.js';
import type { ConnectorClient } from './connector.client.js';
import { authenticated } from './connector.messages.js';

/** Renews the tokens of clients (PROTOCOL.md, "Authentication"). */
@Injectable()
export class ConnectorRenewals {
  constructor(private readonly renewals: Renewals) {}

  /**
   * Replaces a client's token. A bad token ends the client.
   * @returns the answer; undefined for a client that has been ended
   * @throws DomainError NOT_AUTHORIZED, UNAVAILABLE; UNKNOWN_EVENT in a realm that checks no tokens
   */
  async renew(client: ConnectorClient, token: unknown): Promise<Frame | undefined> {
    try {
      const text = typeof token === 'string' ? token : undefined;
      const { expiresAt } = await this.renewals.renew(client, text);
      return authenticated(expiresAt);
    } catch (error) {
      if (!isUnauthenticated(error)) throw error;
      client.fail(error);
      client.end('refused');
      return undefined;
    }
  }
}

import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Realms } from '../../realms/realms.js';
import { pathOf } from '../../transport/http/request-path.js';

/** The paths at which clients of Peer2Peer Connector connect, and the realms behind them. */
@Injectable()
export class ConnectorDoors {
  readonly paths: readonly string[];
  private readonly realms: ReadonlyMap<string, string>;

  constructor(realms: Realms) {
    this.paths = realms.connectorPaths;
    this.realms = new Map(this.paths.map((path) => [pathOf(path), realms.ofConnectorPath(path)]));
  }

  /** The realm of the client that a request makes. Requests for other paths have another route. */
  realmOf({ url = '' }: IncomingMessage): string {
    return this.realms.get(pathOf(url))!;
  }
}

import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import type { EndpointContext } from '../transport/endpoint/endpoint-context.js';
import { type EndingConnection, EndpointCore } from '../transport/endpoint/endpoint-core.js';
import { SignalboxWsAdapter } from '../transport/signalbox-ws.adapter.js';
import type { Connection } from '../transport/websocket/connection.js';
import { Endpoint, type WebSocketParts } from '../transport/websocket/endpoint.js';
import { PeerClients } from './peer.clients.js';
import { PeerConnection } from './peer.connection.js';

/** The endpoint of PeerJS in a PeerServer. It announces its clients and their messages to the program. */
class PeerEndpoint extends Endpoint<PeerJsClient> {
  constructor(
    context: EndpointContext,
    gateway: object,
    private readonly clients: PeerClients,
  ) {
    super(context, gateway, new PeerEndpointCore(context, gateway, clients), PeerConnection);
  }

  override dispatch(
    connection: Connection<PeerJsClient>,
    client: PeerJsClient,
    bytes: Buffer,
    isBinary: boolean,
  ): void | Promise<void> {
    const relayed = this.clients.received(client, bytes);
    if (relayed) return super.dispatch(connection, client, relayed, isBinary);
  }
}

class PeerEndpointCore extends EndpointCore<PeerJsClient, WebSocketParts<PeerJsClient>> {
  constructor(
    context: EndpointContext,
    gateway: object,
    private readonly clients: PeerClients,
  ) {
    super(context, gateway);
  }

  override connected(client: PeerJsClient): void {
    super.connected(client);
    client.socket.on('error', (error) => this.clients.failed(error));
    this.clients.connected(client);
  }

  override refused(address: string, error: unknown): void {
    super.refused(address, error);
    this.clients.endFailedHandovers();
  }

  override ended(connection: EndingConnection, client: PeerJsClient): void | Promise<void> {
    this.clients.disconnected(client, connection.endReason);
    return super.ended(connection, client);
  }
}

/** Gives the gateway of PeerJS an endpoint that announces its clients. */
export class PeerWsAdapter extends SignalboxWsAdapter {
  // PeerJS is the only protocol that requests reach.
  protected override newEndpoint(context: EndpointContext, gateway: object): object {
    return new PeerEndpoint(context, gateway, context.modules.get(PeerClients, { strict: false }));
  }
}

import type { INestApplication } from '@nestjs/common';
import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import type { EndpointContext } from '../transport/endpoint/endpoint-context.js';
import { type EndingConnection, EndpointCore } from '../transport/endpoint/endpoint-core.js';
import { Admission } from '../transport/http/admission.js';
import { refuseUpgrade } from '../transport/http/upgrade-request.js';
import { SignalboxWsAdapter } from '../transport/signalbox-ws.adapter.js';
import type { Connection } from '../transport/websocket/connection.js';
import { DirectServer } from '../transport/websocket/direct-server.js';
import { Endpoint, type Upgrade, type WebSocketParts } from '../transport/websocket/endpoint.js';
import { PeerClients } from './peer.clients.js';
import { PeerConnection } from './peer.connection.js';
import type { PeerUpgrade } from './peer.upgrades.js';
import type { PeerWebSockets } from './peer.web-sockets.js';

/** The endpoint of PeerJS in a PeerServer. It announces its clients and their messages to the program. */
class PeerEndpoint extends Endpoint<PeerJsClient> {
  protected readonly clients: PeerClients;

  constructor(context: EndpointContext, gateway: object) {
    const clients = context.modules.get(PeerClients, { strict: false });
    super(context, gateway, new PeerEndpointCore(context, gateway, clients), PeerConnection);
    this.clients = clients;
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

/** An endpoint whose handshakes the WebSocket server of the program does. */
class GivenEndpoint extends PeerEndpoint {
  /** Shared by the connections. Its handshakes are not used. */
  private readonly shared: DirectServer<typeof PeerConnection>;
  private readonly admission: Admission;

  constructor(
    private readonly context: EndpointContext,
    gateway: object,
    private readonly webSockets: PeerWebSockets,
  ) {
    super(context, gateway);
    const { flusher, limits, modules } = context;
    const maxFrameBytes = Math.min(limits.maxFrameBytes, webSockets.maxPayload);
    this.shared = new DirectServer(PeerConnection, flusher, { ...limits, maxFrameBytes });
    this.admission = modules.get(Admission, { strict: false });
    webSockets.use(this.shared.options);
  }

  protected override upgrade({ request, socket, head, place }: Upgrade): void {
    // The program may never decide.
    const timer = setTimeout(() => {
      refuseUpgrade(socket, 503);
    }, this.context.limits.upgradeTimeoutMs);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      place.giveBack();
    });
    this.context.router.handOver(socket);
    const opened = (connection: PeerConnection): void => {
      clearTimeout(timer);
      connection.attach(socket, this.shared);
      connection.open(this, place);
      // The drain may have begun during the handshake.
      if (this.admission.isDraining) connection.end('server shutdown');
    };
    const accepted = (connection: PeerConnection): void => {
      if (connection.endReason !== 'server shutdown') this.register(connection, request);
    };
    // Hooks of the program see the target as it arrived.
    request.url = (request as PeerUpgrade).originalUrl;
    try {
      this.webSockets.begin({ opened, accepted }, request, socket, head);
    } catch (error) {
      socket.destroy();
      this.clients.threw('createWebSocketServer', error);
    }
  }
}

/** Gives the gateway of PeerJS an endpoint that announces its clients. */
export class PeerWsAdapter extends SignalboxWsAdapter {
  constructor(
    app: INestApplication,
    private readonly webSockets: PeerWebSockets | undefined,
  ) {
    super(app);
  }

  // PeerJS is the only protocol that requests reach.
  protected override newEndpoint(context: EndpointContext, gateway: object): object {
    return this.webSockets ? new GivenEndpoint(context, gateway, this.webSockets) : new PeerEndpoint(context, gateway);
  }
}

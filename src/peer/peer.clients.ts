import type { EventEmitter } from 'node:events';
import type { ClientsService } from '../clients/clients.service.js';
import type { EndReason } from '../common/end-reason.js';
import { RealmMap } from '../common/realm-map.js';
import type { Log } from '../logging/log.js';
import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import { PeerServerClient } from './peer.client.js';

/** Emits the events of a PeerServer on the Express application that the program has got. */
export class PeerClients {
  private readonly present = new RealmMap<PeerServerClient>();
  /** Clients whose connections have ended, because successors are about to take over. */
  private readonly handingOver = new Map<PeerJsClient, PeerServerClient>();

  constructor(
    private readonly app: EventEmitter,
    private readonly clients: ClientsService,
    private readonly log: Log,
  ) {}

  /** Emits `connection` for a client that has connected. */
  connected(client: PeerJsClient): void {
    const { realm, id, token } = client;
    let known = this.present.get(realm, id);
    if (known && known.getToken() !== token) {
      // The id was taken from a client that gave no sign of life.
      this.emit('disconnect', known);
      known = undefined;
    }
    if (known) known.moveTo(client);
    else this.present.set(realm, id, (known = new PeerServerClient(client)));
    this.emit('connection', known);
  }

  /**
   * Emits `message` for a frame of a client.
   * @returns the frame with what listeners have changed, or undefined if a listener has thrown
   */
  received(client: PeerJsClient, bytes: Buffer): Buffer | undefined {
    const known = this.present.get(client.realm, client.id);
    if (!known?.is(client)) return bytes;
    known.setLastPing(Date.now());
    if (this.app.listenerCount('message') === 0 && this.app.listenerCount('error') === 0) return bytes;
    let message: { src: string };
    try {
      message = JSON.parse(bytes.toString()) as { src: string };
      message.src = client.id;
    } catch (error) {
      this.failed(error);
      // The endpoint counts the frame, and drops it.
      return bytes;
    }
    if (this.app.listenerCount('message') === 0) return bytes;
    return this.emit('message', known, message) ? Buffer.from(JSON.stringify(message)) : undefined;
  }

  /** Emits `disconnect` for a client that has gone, unless it has taken over its own connection. */
  disconnected(client: PeerJsClient, reason: EndReason | undefined): void {
    const known = this.present.get(client.realm, client.id);
    if (!known?.is(client)) return;
    if (reason === 'replaced') {
      this.handingOver.set(client, known);
      // The successor is registered by then, if it is a client of this node.
      queueMicrotask(() => this.endFailedHandovers());
    } else if (reason === 'protocol violation') {
      // ws emits its error when it has closed the connection, and `error` comes first.
      queueMicrotask(() => this.gone(client, known));
    } else this.gone(client, known);
  }

  /** Emits `disconnect` for clients whose successors have failed to connect, or are on other nodes. */
  endFailedHandovers(): void {
    for (const [client, known] of this.handingOver) {
      if (!known.is(client)) this.handingOver.delete(client);
      else if (!this.clients.findHere(client.realm, client.id)) this.gone(client, known);
    }
  }

  /** Emits `error` if the program listens. */
  failed(error: unknown): void {
    if (this.app.listenerCount('error') > 0) this.emit('error', error);
  }

  /**
   * Emits an exception of the program as `error`, or logs it.
   * @param event what the program was called for
   */
  threw(event: string, error: unknown): void {
    if (event === 'error' || this.app.listenerCount('error') === 0) {
      this.log.logger.error({ err: error, event }, 'a listener of an event has failed');
    } else this.emit('error', error);
  }

  private gone(client: PeerJsClient, known: PeerServerClient): void {
    this.handingOver.delete(client);
    this.present.delete(client.realm, client.id);
    this.emit('disconnect', known);
  }

  /** Calls the listeners of an event. Returns whether none has thrown. */
  private emit(event: string, ...args: unknown[]): boolean {
    try {
      this.app.emit(event, ...args);
      return true;
    } catch (error) {
      // An exception of a listener must not end the connection of a client.
      this.threw(event, error);
      return false;
    }
  }
}

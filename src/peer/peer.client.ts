import type { WebSocket } from 'ws';
import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import type { IClient } from './peer.types.js';

/** A client as the listeners of a program see it. It stays the same object when the client takes over its own connection. */
export class PeerServerClient implements IClient {
  private readonly id: string;
  private readonly token: string;
  private socket: WebSocket | null;
  private lastPing = Date.now();
  /** The client that the server knows; another one after a takeover. */
  private present: PeerJsClient;

  constructor(client: PeerJsClient) {
    this.id = client.id;
    this.token = client.token ?? '';
    this.present = client;
    this.socket = client.socket;
  }

  /** Whether this is the present connection of the client. */
  is(client: PeerJsClient): boolean {
    return this.present === client;
  }

  /** Moves to the connection that takes over. */
  moveTo(client: PeerJsClient): void {
    this.present = client;
    this.socket = client.socket;
  }

  getId(): string {
    return this.id;
  }

  getToken(): string {
    return this.token;
  }

  getSocket(): WebSocket | null {
    return this.socket;
  }

  setSocket(socket: WebSocket | null): void {
    this.socket = socket;
  }

  getLastPing(): number {
    return this.lastPing;
  }

  setLastPing(lastPing: number): void {
    this.lastPing = lastPing;
  }

  send(data: unknown): void {
    this.socket?.send(JSON.stringify(data));
  }
}

import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { Realms } from '../realms/realms.js';

const SECOND_MS = 1000;

/** Ends the clients of this node when their tokens expire, with one timer for all of them. */
@Injectable()
export class ExpiryTimer implements OnApplicationShutdown {
  /** Clients by the second, since 1970, in which they end. */
  private readonly seconds = new Map<number, Set<Client>>();
  private readonly secondOf = new Map<Client, number>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly realms: Realms) {}

  /** Watches a client from now on, and again after its identity has changed. Does nothing if it never expires. */
  watch(client: Client): void {
    this.forget(client);
    const { expiresAt } = client.identity;
    if (expiresAt === undefined) return;
    const second = Math.ceil(expiresAt / SECOND_MS + this.toleranceS(client));
    let clients = this.seconds.get(second);
    if (!clients) this.seconds.set(second, (clients = new Set()));
    clients.add(client);
    this.secondOf.set(client, second);
    this.start();
  }

  /** Called when a client has gone. */
  forget(client: Client): void {
    const second = this.secondOf.get(client);
    if (second === undefined) return;
    this.secondOf.delete(client);
    const clients = this.seconds.get(second);
    clients?.delete(client);
    if (clients?.size === 0) this.seconds.delete(second);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.seconds.clear();
    this.secondOf.clear();
  }

  /** A token is accepted for this time after its expiry, so its client stays for the same time. */
  private toleranceS({ realm }: Client): number {
    const { mode, jwt } = this.realms.get(realm).auth;
    return mode === 'jwt' ? (jwt?.clockToleranceS ?? 0) : 0;
  }

  /** Wakes up at the start of each second, so that a client ends as soon as its token does. */
  private start(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.endExpired();
        if (this.seconds.size > 0) this.start();
      },
      SECOND_MS - (Date.now() % SECOND_MS),
    ).unref();
  }

  private endExpired(): void {
    const now = Date.now() / SECOND_MS;
    for (const [second, clients] of this.seconds) {
      if (second > now) continue;
      for (const client of clients) {
        this.forget(client);
        client.end('expired');
      }
    }
  }
}

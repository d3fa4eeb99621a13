import type { Server as TlsServer } from 'node:tls';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Config } from '../../config/config.js';
import { LiveConfig, type Prepared } from '../../config/live-config.js';
import { ConfigError } from '../../config/load-config.js';
import type { KeyPair } from '../../config/pem-files.js';
import { Log } from '../../logging/log.js';
import { HttpAdapter } from './http.adapter.js';
import { expiryOf, readTlsFiles } from './tls-files.js';

/** Renews the certificate of servers when its files change. Connections that are open keep theirs. */
@Injectable()
export class Certificates implements OnModuleInit {
  private readonly servers = new Map<TlsServer, KeyPair>();

  constructor(
    private readonly live: LiveConfig,
    private readonly outer: HttpAdapterHost,
    private readonly log: Log,
  ) {
    live.onChange((next) => this.prepare(next));
  }

  onModuleInit(): void {
    const { httpAdapter: adapter } = this.outer;
    if (!(adapter instanceof HttpAdapter) || !adapter.tls) return;
    this.attach(adapter.getHttpServer() as TlsServer, adapter.tls);
    const { sslcert } = this.live.current;
    if (isExpired(adapter.tls)) this.log.logger.warn({ sslcert }, 'the certificate has expired');
  }

  /**
   * Renews the certificate of a server from now on.
   * @param files those that the server serves
   */
  attach(server: TlsServer, files: KeyPair): void {
    this.servers.set(server, files);
  }

  /** @throws ConfigError for files that cannot be served, and for a certificate that has expired */
  private prepare(next: Config): Prepared {
    const { sslkey } = this.live.current;
    if ((sslkey === '') !== (next.sslkey === '')) {
      throw new ConfigError(['sslkey turns TLS on or off, which needs a restart']);
    }
    const files = readTlsFiles(next);
    const outdated = files ? [...this.servers].filter(([, served]) => !areEqual(served, files)) : [];
    if (!files || outdated.length === 0) return { apply: () => undefined };
    if (isExpired(files)) throw new ConfigError([`sslcert (${next.sslcert}) holds a certificate that has expired`]);
    return {
      apply: () => {
        for (const [server] of outdated) {
          server.setSecureContext(files);
          this.servers.set(server, files);
        }
        this.log.logger.info({ sslcert: next.sslcert, expires: expiryOf(files) }, 'certificate renewed');
      },
    };
  }
}

function areEqual(one: KeyPair, other: KeyPair): boolean {
  return one.key.equals(other.key) && one.cert.equals(other.cert);
}

function isExpired(files: KeyPair): boolean {
  return expiryOf(files).getTime() < Date.now();
}

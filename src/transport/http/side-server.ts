import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '../../config/pem-files.js';
import { onAddress } from './any-address.js';

export interface SideServerOptions extends ServerOptions {
  readonly port: number;
  /** `::` means all addresses, even on a machine without IPv6. */
  readonly host: string;
  /** Undefined: the server speaks plain HTTP. */
  readonly tls?: KeyPair;
}

/** An HTTP server on a port of its own, beside the one for clients. It takes no WebSockets. */
export class SideServer {
  private constructor(readonly server: Server | HttpsServer) {}

  /** @throws Error with a `code` of the operating system, such as EADDRINUSE */
  static async open(
    listener: RequestListener,
    { port, host, tls, ...options }: SideServerOptions,
  ): Promise<SideServer> {
    const server = tls ? createHttpsServer({ ...options, ...tls }, listener) : createHttpServer(options, listener);
    await onAddress(host, (address) => {
      return new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, address, () => {
          server.off('error', reject);
          resolve();
        });
      });
    });
    return new SideServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends all connections, even those with a request under way. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

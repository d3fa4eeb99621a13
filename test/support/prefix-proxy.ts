import { once } from 'node:events';
import { createServer, type IncomingMessage, request as sendRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A proxy that serves another server below a prefix only. */
export class PrefixProxy {
  private readonly server: Server = createServer();
  private readonly sockets = new Set<Socket>();

  /** @param isKept whether the proxy forwards the prefix */
  private constructor(
    private readonly upstreamPort: number,
    readonly prefix: string,
    private readonly isKept: boolean,
  ) {
    this.server.on('request', (request, response) => {
      const outgoing = this.forward(request);
      if (!outgoing) return void response.writeHead(404).end();
      outgoing.on('response', (incoming) => {
        response.writeHead(incoming.statusCode!, incoming.headers);
        incoming.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      request.pipe(outgoing);
    });
    this.server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => socket.destroy());
      const outgoing = this.forward(request);
      if (!outgoing) return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      outgoing.on('upgrade', ({ rawHeaders }, upstream, head) => {
        const lines = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
        socket.write(head);
        upstream.on('error', () => socket.destroy());
        socket.on('close', () => upstream.destroy());
        upstream.on('close', () => socket.destroy());
        upstream.pipe(socket).pipe(upstream);
      });
      outgoing.on('response', () => socket.destroy());
      outgoing.on('error', () => socket.destroy());
      outgoing.end();
    });
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async start(upstreamPort: number, prefix: string, isKept: boolean): Promise<PrefixProxy> {
    const proxy = new PrefixProxy(upstreamPort, prefix, isKept);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:PORT/PREFIX` */
  get url(): string {
    return `http://127.0.0.1:${this.port}${this.prefix}`;
  }

  /** `ws://127.0.0.1:PORT/PREFIX` */
  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private forward({ url = '', method, headers }: IncomingMessage): ReturnType<typeof sendRequest> | undefined {
    const isOurs = url.startsWith(this.prefix) && ['/', '?', undefined].includes(url[this.prefix.length]);
    if (!isOurs) return undefined;
    const path = this.isKept ? url : url.slice(this.prefix.length).replace(/^(?!\/)/, '/');
    return sendRequest({ host: '127.0.0.1', port: this.upstreamPort, path, method, headers });
  }
}

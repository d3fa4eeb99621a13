import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A network failure: connections break and are refused, or data stops without notice. */
export type Cut = 'broken' | 'silent';

/** A proxy between a client and a server that can be cut. */
export class TcpProxy {
  private static readonly running = new Set<TcpProxy>();

  private readonly sockets = new Set<Socket>();
  private state: Cut | 'whole' = 'whole';

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    TcpProxy.running.add(this);
    server.on('connection', (socket) => this.accept(socket));
  }

  /** @param target port on this machine */
  static async start(target: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** Stops all remaining proxies: for `afterEach`. */
  static async stopAll(): Promise<void> {
    await Promise.all([...TcpProxy.running].map((proxy) => proxy.stop()));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(how: Cut): void {
    this.state = how;
    for (const socket of this.sockets) {
      if (how === 'broken') socket.resetAndDestroy();
      else socket.pause();
    }
  }

  /** Restores the network. Data held back meanwhile is delivered, as TCP does. */
  heal(): void {
    this.state = 'whole';
    for (const socket of this.sockets) socket.resume();
  }

  async stop(): Promise<void> {
    if (!TcpProxy.running.delete(this)) return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    if (this.state === 'broken') return void client.resetAndDestroy();
    const server = connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      this.sockets.add(from);
      from.setNoDelay();
      from.on('data', (chunk: Buffer) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.state === 'whole') from.resume();
      else from.pause();
    }
  }
}

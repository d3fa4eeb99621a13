import { randomUUID } from 'node:crypto';
import { AdminApi, OPERATE_TOKEN } from './admin-api.js';
import { becomes } from './becomes.js';
import { ConnectorClient, type ReceivedFrame } from './connector-client.js';
import { EasyRtcClient, rooms } from './easyrtc-client.js';
import { PATIENCE_MS } from './patience.js';
import { PeerJsSocket, type PeerJsSocketOptions } from './peerjs-socket.js';
import { ProcessServer } from './process-server.js';
import { RedisServer, type SharedRedis } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

const ENV = { SIGNALBOX_ADMIN_TOKENS: `olga:operate:${OPERATE_TOKEN}` };

/** One of several servers that share a Redis. */
export class Node {
  readonly api: AdminApi;

  constructor(
    readonly name: string,
    readonly process: ProcessServer,
    /** Proxy between the node and Redis, if requested. */
    readonly proxy?: TcpProxy,
  ) {
    this.api = new AdminApi(process.url, OPERATE_TOKEN);
  }

  get url(): string {
    return this.process.url;
  }

  connector(): Promise<ConnectorClient> {
    return ConnectorClient.connect(this.process.wsUrl);
  }

  /** Opens a PeerJS client. Its token derives from its id by default. */
  peer(id: string, options: PeerJsSocketOptions = {}): Promise<PeerJsSocket> {
    return PeerJsSocket.open(this.process.wsUrl, { id, ...options });
  }

  /** Logs in an EasyRTC client in these rooms, in the realm of the others. */
  easyrtc(...names: string[]): Promise<EasyRtcClient> {
    return EasyRtcClient.login(this.url, { applicationName: 'default', roomJoin: rooms(...names) });
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/health/ready`)).status === 200;
  }

  /** Returns the sorted ids of all clients, or of one node's clients; undefined while the node does not answer. */
  async clients(node?: string): Promise<string[] | undefined> {
    const query = { limit: 1000, ...(node === undefined ? {} : { node }) };
    const pages = await this.api.pages<{ id: string }>('clients', query).catch(() => undefined);
    return pages
      ?.flat()
      .map(({ id }) => id)
      .sort();
  }

  /** Returns the member ids of a room in its order, or undefined if the room does not exist. */
  async members(room: string): Promise<string[] | undefined> {
    const { status, body } = await this.api.get<{ members: { id: string }[] }>(['rooms', room]);
    return status === 200 ? body.members.map(({ id }) => id) : undefined;
  }
}

export interface NodesOptions {
  readonly flags?: readonly string[];
  /** Indexes of the nodes with a proxy of their own before Redis. Not for clusters. */
  readonly proxied?: readonly number[];
  /** Prefix of the keys in Redis: one of its own by default. */
  readonly prefix?: string;
}

/** Several servers that share a Redis and act as one server. They are named `node-0` and so on. */
export class Nodes {
  readonly prefix: string;
  private readonly list: Node[] = [];
  private readonly gone = new Set<Node>();

  private constructor(
    private readonly redis: SharedRedis,
    private readonly options: NodesOptions,
  ) {
    this.prefix = options.prefix ?? `test-${randomUUID().slice(0, 8)}`;
  }

  /** Starts the nodes. Resolves as soon as each of them sees all others. */
  static async start(redis: SharedRedis, count: number, options: NodesOptions = {}): Promise<Nodes> {
    const nodes = new Nodes(redis, options);
    nodes.list.push(...(await Promise.all(Array.from({ length: count }, (_, index) => nodes.spawn(index)))));
    await nodes.agree();
    return nodes;
  }

  /** Stops all remaining clients, servers and Redis: for `afterEach`. */
  static async endAll(): Promise<void> {
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    await ProcessServer.killAll();
    await TcpProxy.stopAll();
    await RedisServer.killAll();
  }

  /** Nodes that are running. */
  get up(): Node[] {
    return this.list.filter((node) => !this.gone.has(node));
  }

  /** Returns `node-INDEX`. The index wraps around, for clients that may be on any node. */
  at(index: number): Node {
    return this.list[index % this.list.length];
  }

  /** Kills the process without a shutdown. */
  async kill(index: number): Promise<void> {
    this.gone.add(this.at(index));
    await this.at(index).process.stop('SIGKILL');
  }

  /** Stops the node, which disconnects its clients, and starts another in its place. */
  async restart(index: number): Promise<void> {
    await this.stopOne(this.at(index));
    this.list[index] = await this.spawn(index);
    await this.agree();
  }

  /** Stops all nodes properly, and checks that they leave nothing in Redis. */
  async stop(): Promise<void> {
    await Promise.all(this.up.map((node) => this.stopOne(node)));
    expect(await this.redis.keys()).toEqual([]);
  }

  /** Waits until each running node sees exactly the running nodes. */
  async agree(patienceMs = PATIENCE_MS): Promise<void> {
    const names = this.up.map(({ name }) => name);
    const seen = async ({ api }: Node): Promise<string[] | undefined> => {
      const { status, body } = await api.get<{ items: { name: string }[] }>('nodes');
      return status === 200 ? body.items.map(({ name }) => name) : undefined;
    };
    const wanted = names.map(() => names);
    await becomes<(string[] | undefined)[]>(() => Promise.all(this.up.map(seen)), wanted, patienceMs);
  }

  private async spawn(index: number): Promise<Node> {
    const name = `node-${index}`;
    const { url } = this.redis;
    const proxy = this.options.proxied?.includes(index) ? await TcpProxy.start(Number(new URL(url).port)) : undefined;
    const redis = proxy ? `redis://127.0.0.1:${proxy.port}` : url;
    const flags = ['--redis', redis, '--redis-prefix', this.prefix, '--node-name', name, ...(this.options.flags ?? [])];
    return new Node(name, await ProcessServer.start(flags, ENV), proxy);
  }

  private async stopOne(node: Node): Promise<void> {
    this.gone.add(node);
    const { code } = await node.process.stop();
    expect([node.name, code, node.process.errors]).toEqual([node.name, 0, '']);
  }
}

/** Returns the members of a room from the last update to a Peer2Peer Connector client, or undefined without one. */
export function toldMembers({ frames }: ConnectorClient, room: string): string[] | undefined {
  return frames.findLast((frame) => isAbout(frame, room))?.data.clients;
}

/** Returns all updates of a room to a Peer2Peer Connector client. */
export function toldChanges({ frames }: ConnectorClient, room: string): { event: string; clients: string[] }[] {
  return frames.filter((frame) => isAbout(frame, room)).map(({ event, data }) => ({ event, clients: data.clients }));
}

interface RoomFrame extends ReceivedFrame {
  readonly event: string;
  readonly data: { readonly room: string; readonly clients: string[] };
}

const ROOM_EVENTS: unknown[] = ['Room_Created', 'Client_Added', 'Client_Removed', 'Room_Deleted'];

function isAbout(frame: ReceivedFrame, room: string): frame is RoomFrame {
  return ROOM_EVENTS.includes(frame.event) && (frame as RoomFrame).data.room === room;
}

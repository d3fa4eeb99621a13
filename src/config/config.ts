import { Option } from './option.js';
import {
  AdminTokens,
  CorsEntries,
  Flag,
  Hosts,
  IceServers,
  Integer,
  MountPath,
  OneOf,
  PortOrPath,
  ReadableFile,
  RedisUrl,
  Text,
  TextList,
  TextMap,
  TogetherWith,
  TrustedProxies,
} from './rules.js';

/** A STUN or TURN server as browsers take it (RTCIceServer). */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

const ROOM_LISTS = ['all', 'joined', 'none'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

const DAY_MS = 86_400_000;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MILLION = 1_000_000;

/** `maxConnectionsPerIp`, if nobody sets it: the only value that spares local addresses. */
export const DEFAULT_CONNECTIONS_PER_IP = 256;

/** Every option of the server, once: its default, its bounds and what it means. `--help` and docs/configuration.md are made from it. */
export class Config {
  @Option('Address to listen on; "::" is all addresses, IPv4 and IPv6.', { section: 'Server', aliases: ['H'] })
  @Text({ minLength: 1, maxLength: 255, matches: /^\S+$/, allowed: 'an address or host name without spaces' })
  readonly host: string = '::';

  @Option(
    'Port to listen on; 0 is any free port. Or the path of a Unix socket or Windows pipe, and host is not used.',
    {
      aliases: ['p'],
      envAliases: ['PORT'],
    },
  )
  @PortOrPath()
  readonly port: number | string = 9000;

  @Option('Name of this node in logs and in the directory; empty is the host name with a random suffix.')
  @Text({ maxLength: 128, matches: /^[\w.-]*$/, allowed: 'letters, digits, ".", "_" and "-"' })
  readonly nodeName: string = '';

  @Option(
    'Proxies whose X-Forwarded-For is believed: true (all), false (none), a number of hops, or addresses and subnets.',
  )
  @TrustedProxies()
  readonly proxied: boolean | number | string = false;

  @Option(
    'Origins whose pages may use the server, such as https://example.com, https://*.example.com (its subdomains), null (pages without an origin) or * (all); empty is any origin.',
  )
  @TextList({ maxItems: 1000, maxLength: 256 })
  @CorsEntries()
  readonly cors: readonly string[] = [];

  @Option(
    'Names by which browsers reach the server; if given, requests for other names get 421, and only pages of these are its own. Addresses and localhost are always served.',
  )
  @Hosts()
  readonly hosts: readonly string[] = [];

  @Option(
    'Path below which a proxy in front serves everything, whether the proxy passes it on or removes it; nothing below it may have its name.',
  )
  @MountPath({ mayBeRoot: true })
  readonly basePath: string = '';

  @Option('Private key of the TLS certificate, PEM; with it the server speaks https and wss.')
  @ReadableFile()
  @TogetherWith('sslcert')
  readonly sslkey: string = '';

  @Option('TLS certificate with its chain, PEM.')
  @ReadableFile()
  readonly sslcert: string = '';

  @Option(
    'Time that an idle connection of HTTP is kept open for a further request; longer than the one of a proxy in front.',
    { unit: 'ms' },
  )
  @Integer(1, DAY_MS)
  readonly keepAliveTimeoutMs: number = 75_000;

  @Option('Path of the WebSocket endpoint.', { section: 'Peer2Peer Connector' })
  @Text({ minLength: 1, maxLength: 256, matches: /^\/[^\s?#]*$/, allowed: 'a path that starts with "/"' })
  readonly connectorPath: string = '/';

  @Option('Realm of its clients: they meet only clients and rooms of this realm.')
  @Text({ minLength: 1, maxLength: 128 })
  readonly connectorRealm: string = 'default';

  @Option('Path below which PeerJS is served; with or without slashes at its ends.', {
    section: 'PeerJS',
    envAliases: ['PEERSERVER_PATH'],
  })
  @Text({ maxLength: 256, matches: /^[^\s?#]*$/, allowed: 'a path' })
  readonly path: string = '/';

  @Option('Key that clients show to be served; they are in the realm "default".', { aliases: ['k'], secret: true })
  @Text({ minLength: 1, maxLength: 128, matches: /^[^\s/?#]*$/, allowed: 'text without spaces, "/", "?" and "#"' })
  readonly key: string = 'peerjs';

  @Option(
    'Several keys, each with the realm of its clients, such as peerjs=default,acme=acme; if given, key is not used.',
    { secret: true },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly keys: ReadonlyMap<string, string> = new Map();

  @Option('Whether a list of all ids is handed out to whoever has the key.', { aliases: ['allow_discovery'] })
  @Flag()
  readonly allowDiscovery: boolean = false;

  @Option('PeerJS clients that may be connected to this node.', { unit: 'clients', aliases: ['concurrent_limit', 'c'] })
  @Integer(0, 10 * MILLION)
  readonly concurrentLimit: number = 5000;

  @Option(
    'Applications that are served, each with the realm of its clients; if empty, any is, and its name is its realm.',
    {
      section: 'EasyRTC',
    },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly easyrtcApplications: ReadonlyMap<string, string> = new Map();

  @Option('Path of socket.io, with which its clients connect, and of its library.')
  @MountPath()
  readonly socketIoPath: string = '/socket.io';

  @Option('Path of the client library.')
  @MountPath()
  readonly easyrtcPath: string = '/easyrtc';

  @Option('Whether a client may make rooms by joining them; the room "default" is always made.')
  @Flag()
  readonly easyrtcAutoCreateRooms: boolean = true;

  @Option(
    'Rooms that a client hears of when it asks for a list: all of its application, those that it has joined, or none.',
  )
  @OneOf(...ROOM_LISTS)
  readonly easyrtcRoomList: (typeof ROOM_LISTS)[number] = 'all';

  @Option('Clients that may be in one room for an EasyRTC client to join it.', { unit: 'clients' })
  @Integer(1, MILLION)
  readonly easyrtcMaxRoomMembers: number = 100;

  @Option('Time that a connection has to log in.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly loginTimeoutMs: number = 10_000;

  @Option('ICE servers that are handed out to clients.', { secret: 'credential' })
  @IceServers()
  readonly iceServers: readonly IceServer[] = [{ urls: ['stun:stun.l.google.com:19302'] }];

  @Option('Largest frame that is accepted from a client.', { section: 'Limits', unit: 'bytes' })
  @Integer(KIB, 256 * MIB)
  readonly maxFrameBytes: number = MIB;

  @Option('Fragments that one message may come in.', { unit: 'fragments' })
  @Integer(1, MILLION)
  readonly maxFragments: number = 64;

  @Option('Connections that this node accepts.', { unit: 'connections' })
  @Integer(1, 10 * MILLION)
  readonly maxConnections: number = 20_000;

  @Option(
    'Connections that this node accepts from one IP address, or from one /64 of IPv6; 0 is no limit. The default spares loopback and private addresses, behind which a proxy may stand that proxied does not name; any other number is for all addresses.',
    { unit: 'connections' },
  )
  @Integer(0, 10 * MILLION)
  readonly maxConnectionsPerIp: number = DEFAULT_CONNECTIONS_PER_IP;

  @Option('Time that a connection has to complete its WebSocket handshake.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly upgradeTimeoutMs: number = 10_000;

  @Option('Time that a message may take to arrive as a whole, and that an answer over HTTP may lie unread.', {
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly stallTimeoutMs: number = 10_000;

  @Option('Rooms that may exist at the same time.', { unit: 'rooms' })
  @Integer(1, 100 * MILLION)
  readonly maxRooms: number = 100_000;

  @Option(
    'Share of maxRooms, maxQueued and maxQueuedBytes that one IP address, or one /64 of IPv6, may take; 100 is no limit. Loopback and private addresses are spared, behind which a proxy may stand that proxied does not name.',
    { unit: 'percent' },
  )
  @Integer(1, 100)
  readonly maxSharePerAddress: number = 10;

  @Option('Rooms created by one client that may exist at the same time.', { unit: 'rooms' })
  @Integer(1, MILLION)
  readonly maxRoomsCreatedPerClient: number = 100;

  @Option('Rooms that one client may be in at the same time.', { unit: 'rooms' })
  @Integer(1, MILLION)
  readonly maxRoomsJoinedPerClient: number = 100;

  @Option('Clients that may be in one room.', { unit: 'clients' })
  @Integer(1, MILLION)
  readonly maxRoomMembers: number = 1000;

  @Option('Length of client ids, room ids and realm names.', { unit: 'characters' })
  @Integer(36, 4096)
  readonly maxIdLength: number = 128;

  @Option('Length of the display name of a room.', { unit: 'characters' })
  @Integer(1, 65_536)
  readonly maxNameLength: number = 256;

  @Option(
    'Rate of frames that one connection may keep up. What costs more than a small frame counts as several; beyond rate and burst the sender is delayed, then closed.',
    { unit: 'frames per second' },
  )
  @Integer(1, MILLION)
  readonly framesPerSecond: number = 200;

  @Option('Frames that one connection may send at once after a pause.', { unit: 'frames' })
  @Integer(1, MILLION)
  readonly frameBurst: number = 1000;

  @Option('Data that may wait to be written to one socket; a client that reads slower is closed.', { unit: 'bytes' })
  @Integer(KIB, GIB)
  readonly maxBufferedBytes: number = MIB;

  @Option(
    'Memory that clients may hold in all: data that waits to be written, unfinished messages, signals that wait, what clients show of themselves. Above it newcomers are refused, and the connections that hold most are closed.',
    { unit: 'bytes' },
  )
  @Integer(KIB, 1024 * GIB)
  readonly maxHeldBytes: number = 256 * MIB;

  @Option(
    'Share of what may wait for one client, connected or absent, that one sender may fill; of what may wait for an absent one, all senders of an IP address that maxSharePerAddress counts, too. What is more comes back to the sender. 100 is no limit.',
    { unit: 'percent' },
  )
  @Integer(1, 100)
  readonly maxSharePerSender: number = 50;

  @Option('Time between two pings of a connection; shortened to two fifths of deadAfterMs if it is longer.', {
    section: 'Heartbeat',
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly pingIntervalMs: number = 25_000;

  @Option('Silence after which a connection is closed as dead.', { unit: 'ms', aliases: ['alive_timeout'] })
  @Integer(1, DAY_MS)
  readonly deadAfterMs: number = 60_000;

  @Option(
    'Time that the owner of an id has for a sign of life when another PeerJS client asks for the id, which else is that one’s.',
    { unit: 'ms' },
  )
  @Integer(1, 60_000)
  readonly ownerTimeoutMs: number = 2000;

  @Option('Time that a signal waits for an absent client.', {
    section: 'Absent clients',
    unit: 'ms',
    aliases: ['expire_timeout', 't'],
  })
  @Integer(1, DAY_MS)
  readonly queueTtlMs: number = 5000;

  @Option('Time between two searches for signals that have waited too long.', {
    unit: 'ms',
    aliases: ['cleanup_out_msgs'],
  })
  @Integer(1, DAY_MS)
  readonly queueSweepMs: number = 1000;

  @Option('Signals that may wait for one client; 0 is none.', { unit: 'messages' })
  @Integer(0, MILLION)
  readonly maxQueuedPerTarget: number = 100;

  @Option('Size of the signals that may wait for one client.', { unit: 'bytes' })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerTarget: number = 512 * KIB;

  @Option('Signals of one client that may wait; 0 is none.', { unit: 'messages' })
  @Integer(0, MILLION)
  readonly maxQueuedPerSender: number = 100;

  @Option('Size of the signals of one client that may wait.', { unit: 'bytes' })
  @Integer(0, GIB)
  readonly maxQueuedBytesPerSender: number = 512 * KIB;

  @Option('Signals that may wait in all; 0 is none.', { unit: 'messages' })
  @Integer(0, 100 * MILLION)
  readonly maxQueued: number = 100_000;

  @Option('Size of the signals that may wait in all.', { unit: 'bytes' })
  @Integer(0, 64 * GIB)
  readonly maxQueuedBytes: number = 64 * MIB;

  @Option(
    'Redis through which any number of nodes act as one server: redis://, rediss:// (TLS), redis-cluster:// or redis-sentinel://; empty is a single node.',
    { section: 'Many nodes', secret: true },
  )
  @RedisUrl()
  readonly redis: string = '';

  @Option('What the names of all keys in Redis begin with; nodes with the same one belong together.')
  @Text({ minLength: 1, maxLength: 64, matches: /^[\w.:-]+$/, allowed: 'letters, digits, ".", "_", ":" and "-"' })
  readonly redisPrefix: string = 'signalbox';

  @Option('Time that Redis may take to answer.', { unit: 'ms' })
  @Integer(50, 60_000)
  readonly redisTimeoutMs: number = 1000;

  @Option('Silence after which a node counts as dead, and the others give up its clients.', { unit: 'ms' })
  @Integer(500, DAY_MS)
  readonly nodeTimeoutMs: number = 2200;

  @Option(
    'Whether new clients are let in while Redis cannot be reached; until it is back, they meet those of their node.',
  )
  @Flag()
  readonly serveWithoutRedis: boolean = false;

  @Option('Time that a stopping server gives its connections to end.', { section: 'Shutdown', unit: 'ms' })
  @Integer(0, DAY_MS)
  readonly shutdownTimeoutMs: number = 30_000;

  @Option(
    'Tokens of the admin API, each as NAME:ROLE:TOKEN with the role read or operate; TOKEN may be sha256: and its SHA-256 in hex.',
    { section: 'Administration', secret: true },
  )
  @AdminTokens()
  readonly adminTokens: readonly string[] = [];

  @Option(
    'Port of its own for /metrics, open to everybody who reaches it; 0 is the port of everything else, where it is open to this machine and admin tokens.',
  )
  @Integer(0, 65_535)
  readonly metricsPort: number = 0;

  @Option('Memory (RSS) above which the server says that it is not ready.', { unit: 'bytes' })
  @Integer(64 * MIB, 1024 * GIB)
  readonly maxRssBytes: number = 4 * GIB;

  @Option('Delay of the event loop (99th percentile) above which the server says that it is not ready.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly maxEventLoopDelayMs: number = 1000;

  @Option('Least severe level that is logged.', { section: 'Logging' })
  @OneOf(...LOG_LEVELS)
  readonly logLevel: (typeof LOG_LEVELS)[number] = 'info';

  @Option('Format of log lines; auto is pretty on a terminal and json elsewhere.')
  @OneOf(...LOG_FORMATS)
  readonly logFormat: (typeof LOG_FORMATS)[number] = 'auto';
}

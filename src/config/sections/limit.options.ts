import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS, GIB, KIB, MIB, MILLION } from '../units.js';

/** Default of `maxConnectionsPerIp`, and the only value that exempts local addresses. */
export const DEFAULT_CONNECTIONS_PER_IP = 256;

/** Bounds on what clients may use. */
export class LimitOptions {
  @Option('Maximum size of a frame from a client.', { section: 'Limits', unit: 'bytes', reloadable: true })
  @Integer(KIB, 256 * MIB)
  readonly maxFrameBytes: number = MIB;

  @Option('Maximum number of fragments in a message.', { unit: 'fragments', reloadable: true })
  @Integer(1, MILLION)
  readonly maxFragments: number = 64;

  @Option('Maximum number of connections to this node.', { unit: 'connections', reloadable: true })
  @Integer(1, 10 * MILLION)
  readonly maxConnections: number = 20_000;

  @Option(
    'Maximum number of connections to this node from one IPv4 address or IPv6 /64 network; 0 means no limit. The default exempts loopback and private addresses, which may be a proxy that proxied does not name; any other number applies to all addresses.',
    { unit: 'connections', reloadable: true },
  )
  @Integer(0, 10 * MILLION)
  readonly maxConnectionsPerIp: number = DEFAULT_CONNECTIONS_PER_IP;

  @Option('Time within which a connection must complete its WebSocket handshake.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly upgradeTimeoutMs: number = 10_000;

  @Option('Maximum time for a message to arrive completely, and for an HTTP client to read a response.', {
    unit: 'ms',
    reloadable: true,
  })
  @Integer(1, DAY_MS)
  readonly stallTimeoutMs: number = 10_000;

  @Option('Maximum number of rooms.', { unit: 'rooms', reloadable: true })
  @Integer(1, 100 * MILLION)
  readonly maxRooms: number = 100_000;

  @Option(
    'Maximum share of maxRooms, maxQueued and maxQueuedBytes for one IPv4 address or IPv6 /64 network; 100 means no limit. Loopback and private addresses are exempt: they may be a proxy that proxied does not name.',
    { unit: 'percent', reloadable: true },
  )
  @Integer(1, 100)
  readonly maxSharePerAddress: number = 10;

  @Option('Maximum number of existing rooms created by one client.', { unit: 'rooms', reloadable: true })
  @Integer(1, MILLION)
  readonly maxRoomsCreatedPerClient: number = 100;

  @Option('Maximum number of rooms that one client is in.', { unit: 'rooms', reloadable: true })
  @Integer(1, MILLION)
  readonly maxRoomsJoinedPerClient: number = 100;

  @Option('Maximum number of clients in a room.', { unit: 'clients', reloadable: true })
  @Integer(1, MILLION)
  readonly maxRoomMembers: number = 1000;

  @Option('Maximum length of client ids, room ids and realm names.', { unit: 'characters', reloadable: true })
  @Integer(36, 4096)
  readonly maxIdLength: number = 128;

  @Option('Maximum length of the display name of a room.', { unit: 'characters', reloadable: true })
  @Integer(1, 65_536)
  readonly maxNameLength: number = 256;

  @Option(
    'Sustained frame rate of one connection. Expensive frames count as several. A sender beyond rate and burst is first throttled, then disconnected.',
    { unit: 'frames per second', reloadable: true },
  )
  @Integer(1, MILLION)
  readonly framesPerSecond: number = 200;

  @Option('Number of frames that one connection may send at once after a pause.', { unit: 'frames', reloadable: true })
  @Integer(1, MILLION)
  readonly frameBurst: number = 1000;

  @Option(
    'Maximum amount of data waiting to be written to one socket. A client that reads too slowly is disconnected.',
    { unit: 'bytes', reloadable: true },
  )
  @Integer(KIB, GIB)
  readonly maxBufferedBytes: number = MIB;

  @Option(
    'Maximum memory held for all clients together: unwritten data, incomplete messages, queued signals, and the attributes of clients. Above it, new clients are refused, and the connections that hold the most are closed.',
    { unit: 'bytes', reloadable: true },
  )
  @Integer(KIB, 1024 * GIB)
  readonly maxHeldBytes: number = 256 * MIB;

  @Option(
    'Maximum share of the data waiting for one client that comes from one sender; for an absent client, also from all senders of one address that maxSharePerAddress counts. Signals beyond it are returned to their sender. 100 means no limit.',
    { unit: 'percent', reloadable: true },
  )
  @Integer(1, 100)
  readonly maxSharePerSender: number = 50;
}
